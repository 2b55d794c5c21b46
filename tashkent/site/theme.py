"""The theme's pages made fit: repaired, lighter, and forbidden what they do not need."""

import base64
import hashlib
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

#: What the theme's scripts tell the console.
_TALK = re.compile(r"console\.(?:log|info|debug)\(")


def wrap_templates(app: Sphinx) -> None:
    """Have every page repaired as it is written."""
    bridge = app.builder.templates
    if app.builder.format != "html" or bridge is None:
        return
    render = bridge.render

    def render_and_mend(template: str, context: dict) -> str:
        written = render(template, context)
        if "<html" not in written[:500]:
            return written
        written, app.tashkent_sheets = join_sheets(written)
        return mend(written)

    bridge.render = render_and_mend


#: What is wrong in the theme's HTML: the sign of a page that has it, what is found, its repair.
REPAIRS = [
    # 1.5 MB of script for icons that the book's style sheet draws
    ("<head", r"<!-- So that users can [^>]*-->\s*<script[^>]*fontawesome\.js[^>]*></script>", ""),
    # said three times
    ("<head", r'<meta name="viewport" content="width=device-width, initial-scale=1" ?/>', ""),
    # scripts that would be loaded before the style sheets
    ("<head", r'<link rel="preload" as="script"[^>]*>', ""),
    # a label that differs from the text of its button
    ("<body", r'(<button class="btn search-button-field[^>]*?) aria-label="Search"', r"\1"),
    # the side bar's title stands outside every landmark
    ("<body", r'(<div id="pst-primary-sidebar")', r'\1 role="complementary" aria-label="Book"'),
    # a handler in an attribute, which a strict policy forbids: the book's script prints
    ("dropdown-download-buttons", r'onclick="window\.print\(\)"', "data-print"),
    ("dropdown-download-buttons", r'(<span class="btn__text-container">)\.pdf', r"\1Print"),
    ("dropdown-download-buttons", 'title="Print to PDF"', 'title="Print, or save as PDF"'),
    # a button without a name, before the pages below one in the side bar
    (
        "toctree-toggle",
        r'<summary>(<span class="toctree-toggle")',
        r'<summary aria-label="Pages below this one">\1',
    ),
    # a role that no longer exists, in a list that asks for items
    ("citation-list", 'role="doc-biblioentry"', 'role="listitem"'),
]

#: Of the theme, but needed by no page but the one for searching.
SEARCH = r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js"></script>'

#: A script of the theme that may wait until the page is read; the options are needed at once.
_WAITING = re.compile(r'<script (?=[^>]*\bsrc=")(?![^>]*\b(?:defer|async)\b)(?!.*_options\.js)')

_INLINE = re.compile(
    r"<(script|style)(?![^>]*\b(?:src|type=.application/json))[^>]*>(.*?)</\1>", re.S
)

#: Says that scripts run, before anything is drawn; unsaid where the book's own does not load.
_ALIVE = """<script>
document.documentElement.classList.add("tk-on");
addEventListener("error", ({ target }) => {
  if (/tashkent\\.js/.test(target.src)) document.documentElement.classList.remove("tk-on");
}, true);
</script>"""


def join_sheets(page: str) -> tuple[str, list[str]]:
    """Have a page ask for one style sheet in the place of all that it asks for.

    Returns
    -------
    tuple of (str, list of str)
        The page, and the paths of the sheets, in their order, from the folder `_static`.
    """
    links = list(re.finditer(r'<link [^>]*?href="([^"]*_static/)([^"?]*)[^"]*"[^>]*>', page))
    links = [link for link in links if 'rel="stylesheet"' in link[0]]
    if not links:
        raise ExtensionError("the theme has changed, a page has no style sheet")
    stamp = hashlib.sha256("".join(link[0].split("_static/")[1] for link in links).encode())
    address = f"{links[0][1]}book.css?v={stamp.hexdigest()[:8]}"
    for link in links[1:]:
        page = page.replace(link[0], "")
    joined = f'<link rel="stylesheet" href="{address}" />'
    return page.replace(links[0][0], joined), [link[2] for link in links]


def mend(page: str) -> str:
    """Repair the theme's HTML, and forbid what the page does not need.

    Raises
    ------
    ExtensionError
        Where a pattern no longer hits: the theme has changed, and the repair must be looked at.
    """
    repairs = REPAIRS if 'id="search-results"' in page else [*REPAIRS, ("<head", SEARCH, "")]
    for sign, pattern, replacement in repairs:
        if sign in page:
            page, hits = re.subn(pattern, replacement, page)
            if not hits:
                raise ExtensionError(f"the theme has changed, nothing to repair by {pattern}")
    page = _TALK.sub("void(", _WAITING.sub("<script defer ", page))
    opening = '<meta charset="utf-8" />'
    if page.count(opening) != 1:
        raise ExtensionError(f"the theme has changed, {opening} is not there once")
    page = page.replace(opening, opening + _ALIVE)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}" />'
    return page.replace(opening, f"{opening}\n{meta}\n")


def policy(page: str) -> str:
    """Write the page's Content-Security-Policy: what stands in it or comes from the same host.

    Scripts and style sheets in the page are allowed by their hashes. Style attributes are
    allowed: pictures carry them.
    """
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, code in _INLINE.findall(page):
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        hashes[kind].append(f"'sha256-{digest}'")
    scripts, styles = (" ".join(dict.fromkeys(found)) for found in hashes.values())
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {scripts}",
            f"style-src 'self' {styles}",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )


#: What the theme brings into `_static` and no page of the book uses.
UNUSED = ["vendor", "locales", "scripts/fontawesome.js", "**/*.map", "*.html", "file.png"]
UNUSED += ["plus.png", "minus.png", "images/logo_*"]

#: The rules of the icon font, in one piece of the theme's style sheet.
_ICONS = re.compile(r'/\*!\s*\* Font Awesome.*\.fa-[\w-]+:before\{content:"\\[0-9a-f]+"\}', re.S)


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """Make one style sheet of all, quiet the scripts, and leave out what no page uses.

    Raises
    ------
    ExtensionError
        Where the theme's style sheet no longer holds the icon font's rules in one piece.
    """
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    for pattern in UNUSED:
        for path in list(static.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in [*static.glob("*.js"), *static.glob("scripts/*.js")]:
        path.write_text(_TALK.sub("void(", path.read_text(encoding="utf-8")), encoding="utf-8")
    paths = [static / sheet for sheet in getattr(app, "tashkent_sheets", [])]
    if paths:
        rules = [path.read_text(encoding="utf-8") for path in [static / "basic.css", *paths]]
        joined, hits = _ICONS.subn("", "\n".join(rules))
        joined = re.sub(r'@import "../basic.css";|@charset "UTF-8";', "", joined)
        if hits != 1 or len(joined) < 200_000 or re.search("@import|webfonts", joined):
            raise ExtensionError("the theme has changed, its style sheets cannot be joined")
        (static / "book.css").write_text(joined, encoding="utf-8")
    for path in [*static.rglob("*.css")]:
        if path != static / "book.css":
            path.unlink()
