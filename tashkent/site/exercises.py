"""The solutions of the exercises: folds, or nothing where `tashkent_solutions` is false."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

from tashkent.site.parts import Fold

OPENING = re.compile(r"<details>\s*<summary>(.*)</summary>\s*")


class PlaceSolutions(SphinxTransform):
    """Makes a fold of what a notebook has between `<details>` and `</details>`.

    Without solutions that goes, and with it the cells tagged `solution`, before anything reads the
    page: neither its text nor the search knows of them.
    """

    default_priority = 200

    def apply(self, **kwargs) -> None:
        """Go over one page.

        Raises
        ------
        ExtensionError
            Where a `<details>` is not closed in its section.
        """
        shown = self.config.tashkent_solutions
        for raw in list(self.document.findall(nodes.raw)):
            if found := OPENING.fullmatch(raw.astext()):
                siblings = raw.parent.children
                first = siblings.index(raw)
                texts = [part.astext().strip() for part in siblings[first:]]
                if "</details>" not in texts:
                    raise ExtensionError(f"{self.env.docname}: no </details> after '{found[1]}'")
                last = first + texts.index("</details>")
                fold = Fold("", *siblings[first + 1 : last], summary=found[1])
                raw.parent[first : last + 1] = [fold] if shown else []
        if not shown:
            for cell in list(self.document.findall(nodes.container)):
                if "tag_solution" in cell["classes"]:
                    cell.parent.remove(cell)


def hide_sources(app: Sphinx, config: Config) -> None:
    """Leave the pages' sources, and the way to them, out of a site without solutions."""
    if not config.tashkent_solutions:
        config.html_copy_source = False
        config.html_theme_options["use_download_button"] = False


def setup(app: Sphinx) -> None:
    """Register what is here."""
    app.add_config_value("tashkent_solutions", True, "env", [bool])
    app.connect("config-inited", hide_sources)
    app.add_transform(PlaceSolutions)
