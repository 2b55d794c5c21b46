"""Turn the Vega-Lite JSON of a notebook output into a figure: picture, words, data, sources."""

import hashlib
import html
import json
import os
import re
from contextlib import contextmanager

import vl_convert
from docutils import nodes
from docutils.utils import smartquotes

from tashkent import locators
from tashkent.charts import MIME, PALETTE
from tashkent.site import markup

#: The least size of a chart's words on the page, in pixels; below it the picture scrolls.
LEAST_TEXT = 11

_INK = {"labelColor": "currentColor", "titleColor": "currentColor"}
_CONFIG = {
    "axis": _INK,
    "header": _INK,
    "legend": _INK,
    "text": {"color": "currentColor"},
    "aria": False,  # the picture has one description, its marks are hidden from screen readers
}
#: What the page's script offers; without it nothing is shown.
_SAVE = (
    '<p class="tk-save">Save as <button type="button" data-save="svg">SVG</button> '
    '<button type="button" data-save="png">PNG</button> '
    '<button type="button" data-save="csv">CSV</button></p>'
)
_ORDER = ["row", "facet", "y", "y2", "column", "x", "x2", "color", "fill", "shape", "text"]


class ChartRenderer:
    """Renderer of Vega-Lite outputs, found by myst-nb through its entry point."""

    mime_priority_overrides = (("*", MIME, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline: bool) -> list[nodes.Element] | None:
        """Turn one output into nodes; None for outputs that are no chart."""
        if data.mime_type != MIME:
            return None
        spec = data.content
        for fault in faults(spec):
            renderer.logger.warning(f"chart: {fault}", subtype="chart", line=data.line)
        try:
            compiled = compile_chart(spec)
            written = figure(spec, compiled)
        except ValueError as error:
            renderer.logger.warning(f"chart: {error}", subtype="chart", line=data.line)
            return []
        kept = {"classes": ["tk-figure"], "spec": spec, "compiled": compiled}
        return [nodes.raw("", written, format="html", **kept)]


def faults(spec: dict) -> list[str]:
    """List what a chart lacks: title, line of locators, description, columns that it names.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification.

    Returns
    -------
    list of str
        One line for each lack; empty for a chart that may be shown.
    """
    title, _, sources = words(spec)
    found = []
    if not title:
        found.append("no title that says the finding")
    if not sources:
        found.append("no locators in the title's subtitle")
    if not str(spec.get("description", "")).strip():
        found.append("no description for those who cannot see it")
    return found + [f"no column '{name}' in its data" for name in _missing(spec)]


def _missing(spec: dict) -> list[str]:
    """Find the columns that channels name, and that neither the rows have nor a step makes.

    A name with a point or a bracket leads into a cell, as with shapes of countries: it is passed
    over, as is a chart whose rows are joined or turned by a step.
    """
    parts = list(_walk(spec))
    turned = {"lookup", "pivot", "fold", "flatten", "density", "quantile"}
    if any(turned & set(part) for part in parts):
        return []
    had = {name for rows in datasets(spec | {"usermeta": None}) for row in rows for name in row}
    for made in (part.get("as") for part in parts):
        had |= set(made) if isinstance(made, list) else {made}
    named = []
    for channels in (part.get("encoding") for part in parts):
        for channel in _walk(channels or {}):
            name = channel.get("field")
            if isinstance(name, str) and not re.search(r"[.\[\\]", name):
                named.append(name)
    return [name for name in dict.fromkeys(named) if had - {None} and name not in had]


def words(spec: dict) -> tuple[str, list[str], list[str]]:
    """Take a chart's title apart.

    Returns
    -------
    tuple of (str, list of str, list of str)
        The finding; the lines below it that explain; the lines that hold locators or cite the
        record.
    """
    title = spec.get("title") or ""
    if not isinstance(title, dict):
        title = {"text": title}
    below = _lines(title.get("subtitle"))
    sources = [line for line in below if locators.brackets(line)]
    return " ".join(_lines(title.get("text"))), [x for x in below if x not in sources], sources


def compile_chart(spec: dict) -> dict:
    """Compile a chart for the page, where it takes the colours of the theme.

    The book's colours become the CSS variables of the same names, ink that of the text around.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification with all of its data inline.

    Returns
    -------
    dict
        A Vega specification on no ground of its own.

    Raises
    ------
    ValueError
        Where the specification cannot be compiled.
    """
    themed = spec | {"config": _merge(_CONFIG, spec.get("config", {})), "background": None}
    themed["config"]["background"] = None
    text = json.dumps(themed, ensure_ascii=False)
    text = re.sub(r'"#[0-9a-fA-F]{6}"', _variable, text)
    with _greenwich():
        return vl_convert.vegalite_to_vega(json.loads(text), vl_version=version(spec))


def figure(spec: dict, compiled: dict) -> str:
    """Write a chart as one HTML figure.

    Parameters
    ----------
    spec, compiled : dict
        The chart as Vega-Lite, and as `compile_chart` makes it.

    Returns
    -------
    str
        The figure: title, picture, source line, and the data in a fold.

    Raises
    ------
    ValueError
        Where the chart cannot be drawn.
    """
    title, explanation, sources = words(spec)
    name = name_of(spec)
    caption = [f'<p class="tk-chart-title">{_typeset(title)}</p>']
    caption += [f'<p class="tk-chart-line">{_typeset(line)}</p>' for line in explanation]
    source = "".join(f'<p class="tk-chart-source">{_typeset(line)}</p>' for line in sources)
    parts = [
        f'<figure class="tk-chart" id="{name}">',
        "<figcaption>",
        *caption,
        "</figcaption>",
        markup.scroll_box(picture(compiled, name), f"Picture: {title}", "tk-picture"),
        source,
        data_fold(spec, title),
        _SAVE,
        "</figure>",
    ]
    return "\n".join(part for part in parts if part)


def name_of(spec: dict) -> str:
    """Name a chart by its content: the id of its figure, and the name of its file."""
    content = json.dumps(spec, sort_keys=True).encode()
    return f"chart-{hashlib.sha256(content).hexdigest()[:8]}"


def picture(compiled: dict, prefix: str) -> str:
    """Draw a compiled chart as SVG that follows the page: its ink, its colours, its width.

    Parameters
    ----------
    compiled : dict
        A Vega specification; its title is left to the caption.
    prefix : str
        What makes the picture's ids unique on the page.
    """
    with _greenwich():
        svg = vl_convert.vega_to_svg({k: v for k, v in compiled.items() if k != "title"})
    svg = _numbered(svg, prefix)
    root = re.match(r'<svg\b[^>]*?width="([\d.]+)" height="([\d.]+)" viewBox="([^"]+)"[^>]*>', svg)
    if not root or "<g" not in svg:
        raise ValueError("the picture is not the SVG that was expected")
    width, height, box = float(root[1]), float(root[2]), root[3]
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)]
    least = round(width * min(LEAST_TEXT / min(sizes, default=LEAST_TEXT), 1))
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img"'
        f' aria-label="{html.escape(str(compiled.get("description", "")))}"'
        f' width="{width:g}" height="{height:g}" style="min-width:{least}px">'
    )
    return opening + svg[root.end() :].replace("<g", '<g aria-hidden="true"', 1)


def _numbered(svg: str, prefix: str) -> str:
    """Give the ids in a picture numbers of its own: Vega counts on from one picture to the next."""
    ids = re.findall(r'\bid="([^"]+)"', svg)
    names = {found: f"{prefix}-{number}" for number, found in enumerate(dict.fromkeys(ids), 1)}

    def rename(found: re.Match) -> str:
        return found[1] + names[found[2]] + found[3]

    return re.sub(r'(\bid="|url\(#|href="#)([^")]+)(["\)])', rename, svg)


def script(name: str, compiled: dict) -> str:
    """Write the file that hands a compiled chart to the page's script when it is to come alive."""
    return f"tashkentChart({json.dumps(name)}, {json.dumps(compiled, ensure_ascii=False)});\n"


def data_fold(spec: dict, title: str) -> str:
    """Write a chart's data as tables in a fold; nothing where it has none of its own."""
    tables = datasets(spec)
    rows = sum(len(table) for table in tables)
    if not rows:
        return ""
    written = []
    for number, values in enumerate(tables, start=1):
        part = f", part {number}" if len(tables) > 1 else ""
        fields, headings = columns(spec, values)
        cells = [[row.get(field) for field in fields] for row in values]
        table = markup.table(cells, headings, f"Data of the chart: {title}{part}")
        written.append(markup.scroll_box(table, f"Data{part}: {title}"))
    inside = "\n".join(written)
    unit = "row" if rows == 1 else "rows"
    return (
        f'<details class="tk-fold">\n<summary>Data ({rows} {unit})</summary>\n{inside}\n</details>'
    )


def datasets(spec: dict) -> list[list[dict]]:
    """Collect the rows that a chart draws, shapes of countries left out.

    Where `usermeta.columns` chooses columns, datasets that have none of them only help to draw.

    Returns
    -------
    list of list of dict
        One list of rows for each dataset, in the order in which the chart uses them.
    """
    named = spec.get("datasets", {})
    used = []
    for part in _walk(spec):
        source = part.get("data")
        if not isinstance(source, dict) or "topojson" in str(source.get("format", {})):
            continue
        values = source.get("values", named.get(source.get("name")))
        if isinstance(values, list) and values and values not in used:
            rows = [row if isinstance(row, dict) else {"value": row} for row in values]
            if not any("geometry" in row for row in rows):
                used.append(rows)
    wanted = set((spec.get("usermeta") or {}).get("columns", []))
    return [rows for rows in used if not wanted or wanted & set(rows[0])]


def columns(spec: dict, rows: list[dict]) -> tuple[list[str], list[str]]:
    """Choose and name the columns in which a dataset is shown.

    Parameters
    ----------
    spec : dict
        The specification; `usermeta.columns`, a list of names, says which columns in which
        order. Without it come those that are drawn, then the others.
    rows : list of dict
        The dataset.

    Returns
    -------
    tuple of (list of str, list of str)
        The columns, and their headings: an axis' or a legend's title where there is one.
    """
    present = list(dict.fromkeys(field for row in rows for field in row))
    titles: dict[str, str] = {}
    encodings = [part["encoding"] for part in _walk(spec) if isinstance(part.get("encoding"), dict)]
    for encoding in encodings:
        rank = [c for c in _ORDER if c in encoding] + [c for c in encoding if c not in _ORDER]
        for channel in rank:
            for one in _listed(encoding[channel]):
                field = one.get("field")
                if isinstance(field, str) and field in present and not titles.get(field):
                    titles[field] = _heading(one)
    wanted = [c for c in (spec.get("usermeta") or {}).get("columns", []) if c in present]
    shown = wanted or [*titles, *(field for field in present if field not in titles)]
    return shown, [titles.get(field) or field.replace("_", " ") for field in shown]


def _heading(channel: dict) -> str:
    for holder in (channel, channel.get("axis"), channel.get("legend"), channel.get("header")):
        title = holder.get("title") if isinstance(holder, dict) else None
        if title:
            return " ".join(_lines(title))
    return ""


def _walk(spec: object):
    """Pass over a specification and every part in it, outermost first."""
    if isinstance(spec, dict):
        yield spec
        for key, part in spec.items():
            if key not in ("datasets", "values", "config"):
                yield from _walk(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from _walk(part)


def _listed(value: object) -> list[dict]:
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, dict)]


def _lines(text: object) -> list[str]:
    """Lines of a title, which may be one text, a list of texts, or absent."""
    lines = text if isinstance(text, list) else [text]
    return [str(line).strip() for line in lines if line and str(line).strip()]


def _typeset(text: str) -> str:
    """Write a line of text as HTML, with the quotation marks of the prose around it."""
    return html.escape(smartquotes.smartyPants(text, "q", "en"), quote=False)


@contextmanager
def _greenwich():
    """Have dates drawn alike wherever the book is built: Vega reckons days in local time."""
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    try:
        yield
    finally:
        del os.environ["TZ"]
        if zone is not None:
            os.environ["TZ"] = zone


def _merge(defaults: dict, given: dict) -> dict:
    """Fill up what a configuration leaves open."""
    merged = defaults | given
    for key, value in defaults.items():
        if isinstance(value, dict) and isinstance(given.get(key), dict):
            merged[key] = _merge(value, given[key])
    return merged


def _variable(quoted: re.Match) -> str:
    colour = json.loads(quoted[0]).lower()
    return next((f'"var(--tk-{n})"' for n in PALETTE if PALETTE[n] == colour), quoted[0])


def version(spec: dict) -> str:
    """Choose the renderer's own version of Vega-Lite that fits the chart's schema best."""
    found = re.search(r"vega-lite/v(\d+)\.(\d+)", spec.get("$schema", ""))
    if not found:
        raise ValueError("its $schema names no version of Vega-Lite")
    known = vl_convert.get_vegalite_versions()
    same = [v for v in known if v.split(".")[0] == found[1]]
    if not same:
        raise ValueError(f"Vega-Lite {found[1]} cannot be drawn; known are {', '.join(known)}")
    exact = f"{found[1]}.{found[2]}"
    return exact if exact in same else same[-1]
