"""What every page gets: the book's own style and script, folds, and repairs to the theme."""

import hashlib
import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

import tashkent
from tashkent.charts import DARK, PALETTE
from tashkent.data import DATA
from tashkent.site.appendix import Fold

STATIC = Path(__file__).parent / "static"

#: Lines of code that a page shows as they are; longer cells open at a click.
LONG_CODE = 24


class FoldCode(SphinxPostTransform):
    """Shows the cells tagged `checked`, and code longer than `LONG_CODE` lines, as folds.

    A checked cell asserts what the prose says; long code mostly places and labels a picture.
    """

    default_priority = 190
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Go over one page."""
        for part in list(self.document.findall(nodes.container)):
            kind, lines = part.get("nb_element"), len(part.astext().splitlines())
            if kind == "cell_code" and "tag_checked" in part["classes"]:
                _fold(part, Fold(summary="Checked", classes=["tk-checked"]))
            elif kind == "cell_code_source" and lines > LONG_CODE and part.parent.tagname != "Fold":
                _fold(part, Fold(summary=f"Code ({lines} lines)"))


def _fold(part: nodes.container, fold: Fold) -> None:
    fold += part.children
    part.children = []
    part += fold


def stamp_inputs(app: Sphinx, config: Config) -> None:
    """Put a digest of what shapes every page into the configuration, so that a change rebuilds."""
    digest = hashlib.sha256()
    package = Path(tashkent.__file__).parent
    code = [path for path in package.rglob("*") if path.suffix in (".py", ".css", ".js")]
    for path in [*sorted(code), DATA / "passages.csv"]:
        digest.update(path.read_bytes() if path.exists() else b"")
    config.tashkent_stamp = digest.hexdigest()


def add_assets(app: Sphinx) -> None:
    """Add the icon, and the style sheet and the script: each is one file made of all in STATIC."""
    made = Path(app.doctreedir).parent / "tashkent_static"
    made.mkdir(parents=True, exist_ok=True)
    (made / "tashkent.css").write_text(palette_css() + _joined("*.css"), encoding="utf-8")
    (made / "tashkent.js").write_text(_joined("*.js"), encoding="utf-8")
    app.config.html_static_path.append(str(made))
    app.config.html_favicon = str(STATIC / "favicon.svg")
    app.add_css_file("tashkent.css", priority=900)
    app.add_js_file("tashkent.js", loading_method="defer")


def _joined(pattern: str) -> str:
    """Join files of one kind, in the order of their names."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(STATIC.glob(pattern)))


def palette_css() -> str:
    """Write the colours of the charts as CSS, for the light and the dark theme."""
    rules = []
    for selector, colours in (("html", PALETTE), ('html[data-theme="dark"]', DARK)):
        lines = "".join(f"  --tk-{name}: {colours[name]};\n" for name in PALETTE)
        rules.append(f"{selector} {{\n{lines}}}\n")
    return "\n".join(rules) + "\n"


def drop_widget_state(app: Sphinx, doctree: nodes.document) -> None:
    """Drop the script with the widgets' state: the page needs none.

    Raises
    ------
    ExtensionError
        Where a page with widgets has no such script: myst-nb then does it another way.
    """
    page = app.env.docname
    scripts = getattr(app.env, "nb_metadata", {}).get(page, {}).get("js_files", {})
    widgets = [raw for raw in doctree.findall(nodes.raw) if "tk-widget" in raw["classes"]]
    if scripts.pop("ipywidgets_state", None) is None and widgets:
        raise ExtensionError(f"{page}: myst-nb wrote no widget state where it used to")


def wrap_templates(app: Sphinx) -> None:
    """Have every page repaired as it is written."""
    bridge = app.builder.templates
    if app.builder.format != "html" or bridge is None:
        return
    render = bridge.render

    def render_and_mend(template: str, context: dict) -> str:
        written = render(template, context)
        return mend(written) if "<html" in written[:500] else written

    bridge.render = render_and_mend


#: What is wrong in the theme's HTML: the sign of a page that has it, what is found, its repair.
REPAIRS = [
    # 1.5 MB of script for icons that the icon font in the style sheet draws already
    ("<head", r"<!-- So that users can [^>]*-->\s*<script[^>]*fontawesome\.js[^>]*></script>", ""),
    # a label that differs from the text of its button
    ("<body", r'(<button class="btn search-button-field[^>]*?) aria-label="Search"', r"\1"),
    # the side bar's title stands outside every landmark
    ("<body", r'(<div id="pst-primary-sidebar")', r'\1 role="complementary" aria-label="Book"'),
    # a handler in an attribute, which a strict policy forbids: the book's script prints
    ("dropdown-download-buttons", r'onclick="window\.print\(\)"', "data-print"),
    ("dropdown-download-buttons", r'(<span class="btn__text-container">)\.pdf', r"\1Print"),
    ("dropdown-download-buttons", 'title="Print to PDF"', 'title="Print, or save as PDF"'),
    # a role that no longer exists, in a list that asks for items
    ("citation-list", 'role="doc-biblioentry"', 'role="listitem"'),
]


def mend(page: str) -> str:
    """Repair the theme's HTML.

    Raises
    ------
    ExtensionError
        Where a pattern no longer hits: the theme has changed, and the repair must be looked at.
    """
    for sign, pattern, replacement in REPAIRS:
        if sign in page:
            page, hits = re.subn(pattern, replacement, page)
            if not hits:
                raise ExtensionError(f"the theme has changed, nothing to repair by {pattern}")
    return page


def describe(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Give each page a description for search engines: how its first paragraph of text begins."""
    if doctree is None:
        return
    paragraphs = (" ".join(p.astext().split()) for p in doctree.findall(nodes.paragraph))
    text = next((text for text in paragraphs if len(text) > 60), "")
    if len(text) > 160:
        text = text[:160].rsplit(" ", 1)[0] + " …"
    if text:
        context["metatags"] += f'<meta name="description" content="{html.escape(text)}" />\n'


def forget_failed_build(app: Sphinx, exception: Exception | None) -> None:
    """After a build with warnings as errors that has some, have the next one read all pages.

    Sphinx would not read the pages again that it warned of, and so pass the second time.
    """
    if (app.warningiserror or app.keep_going) and app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
