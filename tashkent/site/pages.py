"""What every page gets: the book's own style and script, folds, and words about itself."""

import hashlib
import html
import json
import re
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

import tashkent
from tashkent.charts import DARK, PALETTE
from tashkent.data import DATA
from tashkent.review.criteria import LONG_CODE
from tashkent.site.markup import plain
from tashkent.site.parts import Fold

STATIC = Path(__file__).parent / "static"


class FoldCode(SphinxPostTransform):
    """Shows the cells tagged `checked` or `solution`, and code over `LONG_CODE` lines, as folds.

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
            elif kind == "cell_code" and "tag_solution" in part["classes"]:
                _fold(part, Fold(summary="Solution", classes=["tk-solution"]))
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
    for path in [*sorted(code), *sorted(DATA.glob("*.csv")), DATA / "references.bib"]:
        digest.update(path.read_bytes() if path.exists() else b"")
    config.tashkent_stamp = digest.hexdigest()


def add_assets(app: Sphinx) -> None:
    """Add icon, picture for links, style sheet and script, these two each made of all in STATIC."""
    made = made_folder(app)
    made.mkdir(parents=True, exist_ok=True)
    sheets = [path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.css"))]
    (made / "tashkent.css").write_text("\n".join([palette_css(), *sheets]), encoding="utf-8")
    (made / "tashkent.js").write_text(joined_scripts(), encoding="utf-8")
    shutil.copyfile(STATIC / "card.png", made / "card.png")
    app.config.html_static_path.append(str(made))
    app.config.html_favicon = str(STATIC / "favicon.svg")
    app.add_css_file("tashkent.css", priority=900)
    app.add_js_file("tashkent.js", loading_method="defer")


def made_folder(app: Sphinx) -> Path:
    """Name the folder whose files are made by the build and copied into the site's `_static`."""
    return Path(app.doctreedir).parent / "tashkent_static"


def joined_scripts() -> str:
    """Make one script of those in `static/`: `book.js` is shared, the others fail alone."""
    shared = (STATIC / "book.js").read_text(encoding="utf-8")
    others = [path for path in sorted(STATIC.glob("*.js")) if path.name != "book.js"]
    parts = [
        f"try {{\n{path.read_text(encoding='utf-8')}}} catch (error) {{ console.error(error); }}\n"
        for path in others
    ]
    palette = f"const PALETTE = {json.dumps(PALETTE)};\n"
    return "\n".join(['(() => {\n"use strict";', palette + shared, *parts, "})();\n"])


def palette_css() -> str:
    """Write the colours of the charts as CSS, for the light and the dark theme."""
    rules = []
    for selector, colours in (("html", PALETTE), ('html[data-theme="dark"]', DARK)):
        lines = "".join(f"  --tk-{name}: {colours[name]};\n" for name in PALETTE)
        rules.append(f"{selector} {{\n{lines}}}\n")
    # Without script the theme is not resolved: the reader's own preference holds.
    unresolved = rules[1].replace('"dark"', '"auto"')
    rules.append(f"@media screen and (prefers-color-scheme: dark) {{\n{unresolved}}}\n")
    rules.append(f"@media print {{\n{rules[0].replace('html', 'html[data-theme]')}}}\n")
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


def describe(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Say what each page is about, to search engines and to those who are sent its address."""
    if doctree is None:
        return
    paragraphs = (" ".join(p.astext().split()) for p in doctree.findall(nodes.paragraph))
    paragraphs = (re.sub(r"\s*\[[^\]]*\]", "", text) for text in paragraphs)
    text = next((text for text in paragraphs if len(text) > 60), "")
    if len(text) > 160:
        text = text[:160].rsplit(" ", 1)[0] + " …"
    said = {"og:type": "article", "og:title": context["title"], "og:description": text}
    said["og:site_name"] = app.config.html_title
    if app.config.html_baseurl:
        said["og:url"] = context["pageurl"]
        said["og:image"] = app.config.html_baseurl.rstrip("/") + "/_static/card.png"
    tags = [f'<meta name="description" content="{html.escape(text)}" />'] if text else []
    tags += [
        f'<meta property="{name}" content="{html.escape(plain(value))}" />'
        for name, value in said.items()
        if value
    ]
    context["metatags"] += "\n".join(tags) + "\n"


def forget_failed_build(app: Sphinx, exception: Exception | None) -> None:
    """After a build with warnings as errors that has some, have the next one read all pages.

    Sphinx would not read the pages again that it warned of, and so pass the second time.
    """
    if (app.warningiserror or app.keep_going) and app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
