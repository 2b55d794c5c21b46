"""The look of the charts, and what the maps share.

A chart of the book carries its finding as `title`, the locators it rests on as the title's
`subtitle`, and a `description` that can be read out:

>>> alt.Chart(treaty).mark_bar().encode(x="count()", y="status").properties(
...     title=alt.Title("Nine of twelve are parties", subtitle="[0 ¶4; fn 1]"),
...     description="Bars: six signatories, three accessions, three that never joined.")

Colours are safe for colour-blind readers and always doubled by position, shape or label.
"""

import json

import altair as alt

from tashkent.data import DATA

#: The notebook type that JupyterLab draws; it takes newer specifications too.
MIME = "application/vnd.vegalite.v5+json"

#: The only colours of the book, by name. The pages swap them for those of the reader's theme.
PALETTE = {
    "ink": "#22272e",
    "muted": "#5b6570",
    "line": "#c3c9d0",
    "land": "#e6e9ed",
    "paper": "#ffffff",
    "blue": "#1f6fb2",
    "sky": "#3d93c8",
    "green": "#14795b",
    "orange": "#bd6b00",
    "red": "#b3382c",
    "purple": "#8a4a96",
    "grey": "#7d8792",
}

#: The same colours on a dark ground.
DARK = {
    "ink": "#e3e7eb",
    "muted": "#a3adb8",
    "line": "#4a535d",
    "land": "#323a43",
    "paper": "#14181c",
    "blue": "#5ba6e6",
    "sky": "#8cc9ee",
    "green": "#4dbb95",
    "orange": "#e39a3b",
    "red": "#ec7d70",
    "purple": "#c490d1",
    "grey": "#98a2ad",
}

#: What has the same colour everywhere: the regions, and how a state stands to an instrument.
MEANINGS = {
    "region": {
        "eastern_europe": "blue",
        "caucasus": "orange",
        "western_central_asia": "green",
        "central_asia_west": "green",
        "eastern_central_asia_east_asia": "purple",
        "central_asia_east": "purple",
        "east_asia": "red",
    },
    "status": {
        "signatory": "blue",
        "acceded": "orange",
        "member": "blue",
        "returned": "orange",
        "left": "red",
        "never_joined": "grey",
    },
    "answer": {"yes": "blue", "partly": "sky", "no": "grey", "not_stated": "line"},
}


def scale(meaning: str, present=None) -> alt.Scale:
    """Colours of a meaning as a scale for `alt.Color(..., scale=scale("region"))`.

    Parameters
    ----------
    meaning : str
        `"region"`, `"status"` or `"answer"`.
    present : iterable of str, optional
        The values that the chart shows; the legend then names only these, in this order.

    Raises
    ------
    KeyError
        Where the meaning or a value is unknown.
    """
    colours = MEANINGS[meaning]
    domain = list(colours) if present is None else list(present)
    return alt.Scale(domain=domain, range=[PALETTE[colours[value]] for value in domain])


def hatch(colour: str, stripes: int = 14) -> dict:
    """Stripes of a colour, as a mark's `color`: for an extent that the report does not state.

    Parameters
    ----------
    colour : str
        A name in `PALETTE`.
    stripes : int
        How many stripes run across the shape.
    """
    stops = []
    for stripe in range(stripes):
        tint = PALETTE[colour] if stripe % 2 == 0 else PALETTE["land"]
        stops += [
            {"offset": round(stripe / stripes, 4), "color": tint},
            {"offset": round((stripe + 1) / stripes, 4), "color": tint},
        ]
    return {"gradient": "linear", "x1": 0, "y1": 0, "x2": 1, "y2": 0.6, "stops": stops}


def shapes(feature: str = "countries") -> alt.InlineData:
    """Borders of the 1990s, for `mark_geoshape`.

    Parameters
    ----------
    feature : str
        `"countries"` (each with `properties.iso`, alpha-3) or `"regions"`, where Russia is in
        twelve pieces (`properties.region`, `properties.name`).
    """
    topology = json.loads((DATA / "cis_region.topojson").read_text(encoding="utf-8"))
    others = [name for name in topology["objects"] if name != feature]
    for name in others:
        del topology["objects"][name]
    return alt.InlineData(
        values=topology, format=alt.TopoDataFormat(type="topojson", feature=feature)
    )


def basemap(east: bool = True, feature: str = "countries") -> alt.Chart:
    """Draw the grey land that a map is drawn on, with its projection: layer the findings over it.

    A layer does not hand its projection to the next: give it to the whole map,
    `alt.layer(land, findings, projection=land.projection)`, or start each layer from the land.

    Parameters
    ----------
    east : bool
        Whether the frame reaches to the Pacific; without it the smaller states are larger.
    feature : str
        As in `shapes`.
    """
    frame = {"type": "conicEqualArea", "clipExtent": [[0, 0], [760, 470]]}
    if east:
        view = {"rotate": [-90, 0, 0], "parallels": [45, 65], "center": [0, 61], "scale": 455}
    else:
        view = {"rotate": [-55, 0, 0], "parallels": [40, 60], "center": [0, 50.5], "scale": 760}
    return (
        alt.Chart(shapes(feature))
        .mark_geoshape(fill=PALETTE["land"], stroke=PALETTE["paper"], strokeWidth=0.7)
        .project(**frame, **view, translate=[380, 235])
        .properties(width=760, height=470)
    )


@alt.theme.register("tashkent", enable=True)
def theme() -> alt.theme.ThemeConfig:
    """Give every chart of the book one look."""
    ink, muted, line = PALETTE["ink"], PALETTE["muted"], PALETTE["line"]
    words = {"labelColor": ink, "titleColor": muted, "labelFontSize": 12, "titleFontSize": 12}
    words |= {"titleFontWeight": "normal", "labelLimit": 320, "titleLimit": 400}
    return {
        "config": {
            "background": PALETTE["paper"],
            "font": "Helvetica, Arial, 'Liberation Sans', sans-serif",
            "view": {"stroke": None, "continuousWidth": 560, "continuousHeight": 280},
            "title": {
                "anchor": "start",
                "color": ink,
                "fontSize": 15,
                "subtitleColor": muted,
                "subtitleFontSize": 12,
                "offset": 12,
            },
            "axis": words | {"domainColor": line, "tickColor": line, "gridColor": PALETTE["land"]},
            "axisY": {"grid": False, "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end"},
            "header": words,
            "legend": words | {"symbolSize": 120},
            "mark": {"color": PALETTE["blue"]},
            "text": {"color": ink, "fontSize": 12},
            "rule": {"color": line},
            "point": {"opacity": 1, "filled": True, "size": 110},
            "circle": {"opacity": 1, "size": 110},
            "range": {
                "category": [PALETTE[name] for name in ("blue", "orange", "green", "purple", "red")]
            },
        }
    }


def _notebook(spec: dict, **_) -> dict:
    """Show a chart as its Vega-Lite JSON alone, the same from run to run."""
    return {MIME: spec, "text/plain": spec.get("description", "a chart without a description")}


alt.renderers.register("tashkent", _notebook)
alt.renderers.enable("tashkent")
