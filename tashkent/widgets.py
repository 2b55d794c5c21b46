"""Widgets that need no kernel: one choice, and a panel for each answer."""

import html

import ipywidgets
import pandas as pd
from IPython import get_ipython


def table_html(table: pd.DataFrame) -> str:
    """Write a table as plain HTML, without an index that only counts the rows."""
    counted = table.index.name is None and pd.api.types.is_integer_dtype(table.index)
    text = table.to_html(border=0, index=not counted, na_rep="")
    return text.replace("<th></th>", "<td></td>")


def show_tables_plainly() -> None:
    """Have Jupyter show every DataFrame by `table_html`; outside Jupyter, do nothing."""
    shell = get_ipython()
    if shell is not None:
        shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, table_html)


def choose(label: str, panels: dict[str, object]) -> ipywidgets.VBox:
    """Let the reader choose one of several panels, in JupyterLab and on the page.

    Parameters
    ----------
    label : str
        What is chosen, such as `"State"`.
    panels : dict of str to (str or pandas.DataFrame or list of these)
        For each choice what to show: a table, a line of text, or several in order.

    Returns
    -------
    ipywidgets.VBox
        A drop-down over a stack of HTML panels, linked in the browser itself.

    Raises
    ------
    ValueError
        Where there is nothing to choose from.
    """
    if not panels:
        raise ValueError(f"choose({label!r}): no panels to choose from")
    menu = ipywidgets.Dropdown(options=list(panels), description=label, index=0)
    stack = ipywidgets.Stack([ipywidgets.HTML(_panel(p)) for p in panels.values()])
    stack.selected_index = 0
    ipywidgets.jslink((menu, "index"), (stack, "selected_index"))
    return ipywidgets.VBox([menu, stack])


def _panel(content) -> str:
    if isinstance(content, list):
        return "\n".join(map(_panel, content))
    if isinstance(content, pd.DataFrame):
        return table_html(content)
    return f"<p>{html.escape(content)}</p>"
