"""What brings the charts of a page to life: Vega, and each compiled chart, in files of their own.

A page loads them when a chart comes near the screen. They are classic scripts, since those load
from disk as well, where a browser refuses modules and requests.
"""

import shutil
from pathlib import Path

import vl_convert
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from tashkent.site.charts import name_of, script, version
from tashkent.site.collector import PageCollector
from tashkent.site.pages import made_folder


def charts(env: BuildEnvironment) -> dict[str, list[tuple[dict, dict]]]:
    """Give for each page its charts, each as Vega-Lite and as compiled for the page."""
    return env.__dict__.setdefault("tashkent_charts", {})


class ChartCollector(PageCollector):
    """Keeps for each page the charts on it."""

    kept = staticmethod(charts)

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Note the charts of one page."""
        figures = [raw for raw in doctree.findall(nodes.raw) if "tk-figure" in raw["classes"]]
        if figures:
            charts(app.env)[app.env.docname] = [(raw["spec"], raw["compiled"]) for raw in figures]


def write_scripts(app: Sphinx, env: BuildEnvironment) -> None:
    """Write Vega's file, and one for each chart, among what is copied into the site.

    Raises
    ------
    ExtensionError
        Where charts were drawn by versions of Vega-Lite of which one file cannot hold two.
    """
    if app.builder.format != "html":
        return
    folder = made_folder(app) / "charts"
    shutil.rmtree(folder, ignore_errors=True)
    everywhere = [chart for page in charts(env).values() for chart in page]
    versions = {version(spec) for spec, _ in everywhere}
    if len(versions) > 1:
        raise ExtensionError(f"charts of more than one Vega-Lite: {', '.join(sorted(versions))}")
    if not everywhere:
        return
    folder.mkdir(parents=True)
    for spec, compiled in everywhere:
        name = name_of(spec)
        (folder / f"{name}.js").write_text(script(name, compiled), encoding="utf-8")
    shutil.copyfile(vega(app, versions.pop()), folder / "vega.js")


def vega(app: Sphinx, vl_version: str) -> Path:
    """Make Vega, Vega-Lite and Vega-Embed one classic script that sets `vegaEmbed`, if need be."""
    made_by = f"{vl_convert.__version__}-{vl_version}"
    path = Path(app.doctreedir).parent / f"vega-{made_by}.js"
    if not path.exists():
        code = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=vl_version)
        path.write_text(f"(() => {{\n{code}\n}})();\n", encoding="utf-8")
    return path
