"""Tables with captions, and widgets that need no kernel: a choice, and a panel for each answer."""

import html
import json
from collections.abc import Iterable

import ipywidgets
import pandas as pd
from IPython import get_ipython


def table_html(table: pd.DataFrame) -> str:
    """Write a table as plain HTML, without an index that only counts the rows.

    The caption comes from `table.attrs["caption"]`, where `caption` puts it, and so do the columns
    by which the page narrows it down.
    """
    counted = table.index.name is None and pd.api.types.is_integer_dtype(table.index)
    text = table.to_html(border=0, index=not counted, na_rep="")
    text = text.replace("<th></th>", "<td></td>")
    if asked := table.attrs.get("filters"):
        text = text.replace(">", f' data-menus="{html.escape(json.dumps(asked))}">', 1)
    if title := table.attrs.get("caption"):
        text = text.replace(">", f">\n  <caption>{html.escape(title)}</caption>", 1)
    return text


def caption(table: pd.DataFrame, title: str, filters: Iterable[str] = ()) -> pd.DataFrame:
    """Give a table the caption that it is shown with, in JupyterLab and on the page.

    Parameters
    ----------
    table : pandas.DataFrame
        What a cell shows, unchanged otherwise.
    title : str
        What the table is, in a phrase: `"Parties by the way they came in"`.
    filters : iterable of str, optional
        Columns by which the page lets a reader narrow the table down, a menu for each. A cell may
        hold several values, `; ` between: its row is found under each of them.

    Raises
    ------
    ValueError
        Where the table has no such column.
    """
    table, filters = table.copy(), list(filters)
    for column in filters:
        if column not in table.columns:
            there = ", ".join(map(str, table.columns))
            raise ValueError(f"caption({title!r}): no column '{column}' to filter by, only {there}")
    table.attrs |= {"caption": title, "filters": filters}
    return table


def show_tables_plainly() -> None:
    """Have Jupyter show every DataFrame by `table_html`; outside Jupyter, do nothing."""
    shell = get_ipython()
    if shell is not None:
        shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, table_html)


def choose(label: str, panels: dict[str, object], ids=()) -> ipywidgets.VBox:
    """Let the reader choose one of several panels, in JupyterLab and on the page.

    Parameters
    ----------
    label : str
        What is chosen, such as `"State"`.
    panels : dict of str to (str or pandas.DataFrame or list of these)
        For each choice what to show: a table, a line of text, or several in order. A table
        without a caption of its own gets the label and the choice.
    ids : mapping of str to str, optional
        For some or all choices what stands in the address of the page, such as `"GEO"` in
        `#state=GEO`; the others stand there in small letters and hyphens.

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
    shown = [ipywidgets.HTML(_panel(p, f"{label}: {option}")) for option, p in panels.items()]
    names = dict(ids)
    stack = ipywidgets.Stack(shown, titles=[names.get(option, "") for option in panels])
    stack.selected_index = 0
    ipywidgets.jslink((menu, "index"), (stack, "selected_index"))
    return ipywidgets.VBox([menu, stack])


def _panel(content, title: str) -> str:
    if isinstance(content, list):
        return "\n".join(_panel(part, title) for part in content)
    if isinstance(content, pd.DataFrame):
        return table_html(caption(content, content.attrs.get("caption", title)))
    return f"<p>{html.escape(content)}</p>"
