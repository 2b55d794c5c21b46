"""Turn a stored choice of panels into HTML that needs no kernel: a menu and its sections."""

import html

from docutils import nodes

from tashkent.site.markup import options, slug
from tashkent.stored import STATE, VIEW


class WidgetRenderer:
    """Renderer of widget outputs, found by myst-nb through its entry point."""

    mime_priority_overrides = (("*", VIEW, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline: bool) -> list[nodes.Element] | None:
        """Turn one output into nodes; None for outputs that are no widget."""
        if data.mime_type != VIEW:
            return None
        stored = renderer.renderer.nb_client.nb_metadata.get("widgets", {}).get(STATE, {})
        try:
            label, panels, names, chosen = read(data.content["model_id"], stored.get("state", {}))
        except ValueError as error:
            renderer.logger.warning(f"widget: {error}", subtype="widget", line=data.line)
            return []
        written = chooser(label, panels, names, chosen)
        return [nodes.raw("", written, format="html", classes=["tk-widget"])]


def read(model_id: str, models: dict) -> tuple[str, dict[str, str], list[str], int]:
    """Read a choice of panels, as `tashkent.choose` builds it, from a notebook's widget state.

    Parameters
    ----------
    model_id : str
        The model that the output shows.
    models : dict
        The stored models, by id.

    Returns
    -------
    tuple of (str, dict of str to str, list of str, int)
        The label, the HTML of each panel by its option, each option's name in the address, and
        the place of the chosen one.

    Raises
    ------
    ValueError
        Where the state is missing or holds anything else than such a choice.
    """
    box = _model(model_id, models, "VBoxModel")
    children = [_id(child) for child in box["children"]]
    if len(children) != 2:
        raise ValueError(f"a box of {len(children)} widgets, not of a menu and its panels")
    menu = _model(children[0], models, "DropdownModel")
    stack = _model(children[1], models, "StackModel")
    panels = [_model(_id(child), models, "HTMLModel")["value"] for child in stack["children"]]
    options = menu["_options_labels"]
    if len(options) != len(panels):
        raise ValueError(f"{len(options)} options for {len(panels)} panels")
    titles = stack.get("titles") or [""] * len(options)
    names = [title or slug(option) for title, option in zip(titles, options, strict=True)]
    if len(set(names)) != len(options):
        raise ValueError(f"options that are told apart by more than letters and digits: {names}")
    return menu["description"], dict(zip(options, panels, strict=True)), names, menu["index"] or 0


def chooser(label: str, panels: dict[str, str], names: list[str], chosen: int = 0) -> str:
    """Write the choice as HTML; without script every panel stands there under its heading.

    Parameters
    ----------
    label : str
        What is chosen.
    panels : dict of str to str
        The HTML of each panel, by its option.
    names : list of str
        What stands for each option in the address.
    chosen : int
        Which panel a script shows first.
    """
    listed = options(dict(zip(names, panels, strict=True)), names[chosen])
    sections = []
    for number, (name, (option, panel)) in enumerate(zip(names, panels.items(), strict=True)):
        shown = ' class="tk-chosen"' if number == chosen else ""
        panel = _quiet(panel, f"{label}: {option}")
        heading = f'<h3 class="tk-option">{html.escape(option)}</h3>'
        sections.append(
            f'<section data-option="{html.escape(name)}"{shown}>\n{heading}\n{panel}\n</section>'
        )
    return "\n".join(
        [
            f'<div class="tk-chooser" data-chooser="{slug(label)}">',
            f"<p><label>{html.escape(label)}\n<select>\n{listed}\n</select></label></p>",
            *sections,
            "</div>",
        ]
    )


def _quiet(panel: str, choice: str) -> str:
    """Leave a caption that only repeats the choice to those who do not see the menu."""
    title = html.escape(choice)
    return panel.replace(
        f"<caption>{title}</caption>", f'<caption class="tk-unseen">{title}</caption>'
    )


def _id(reference: str) -> str:
    return reference.removeprefix("IPY_MODEL_")


def _model(model_id: str, models: dict, expected: str) -> dict:
    """Get the state of one model, and see that it is of the expected kind."""
    if model_id not in models:
        raise ValueError("its state is not stored in the notebook")
    found = models[model_id]["model_name"]
    if found != expected:
        raise ValueError(f"{found} where {expected} was expected")
    return models[model_id]["state"]
