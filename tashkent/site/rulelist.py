"""The page of rules: each rule of the check, its sentence and the tables that it reads."""

import inspect
from collections.abc import Callable

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tashkent.rules import KINDS, RULES
from tashkent.site.parts import inline

#: What a rule reads beside tables, by the name of its parameter.
OTHERS = {
    "table": "every table by itself",
    "tables": "all tables that have such columns",
    "words_of": "`report_terms`",
    "second": "`codings/second.csv`",
    "works": "`references.bib`",
    "directory": "the folder",
    "described": "`datapackage.json`",
}

#: Parameters that every rule may have without a word on it.
SILENT = {"name", "schema", "schemas"}


class RuleList(SphinxDirective):
    """Write `{rule-list}` as sections, one for each kind of rule, as the modules stand."""

    def run(self) -> list[nodes.Node]:
        """Write the sections."""
        self.env.note_dependency(inspect.getsourcefile(RuleList))
        sections = []
        for module in KINDS:
            self.env.note_dependency(inspect.getsourcefile(module))
            title, _, says = module.__doc__.strip().rstrip(".").partition(": ")
            section = nodes.section(names=[f"rules-{title.lower()}"])
            section += nodes.title("", title)
            self.state.document.note_explicit_target(section)
            section += nodes.paragraph("", "", *inline(f"{says[0].upper()}{says[1:]}."))
            listed = nodes.definition_list(classes=["tk-rules"])
            listed += [_item(rule) for rule in RULES if inspect.getmodule(rule) is module]
            section += listed
            sections.append(section)
        return sections


def title(rule: Callable) -> str:
    """Write the name of a rule as words."""
    name = rule.__name__.replace("_", " ")
    return name[0].upper() + name[1:]


def sentences(rule: Callable) -> list[str]:
    """Give what a rule says must hold, and why: its docstring, paragraph by paragraph."""
    return [" ".join(part.split()) for part in inspect.getdoc(rule).split("\n\n")]


def reads(rule: Callable) -> list[str]:
    """Name what a rule reads."""
    needs = [need for need in inspect.signature(rule).parameters if need not in SILENT]
    return list(dict.fromkeys(OTHERS.get(need, f"`{need}`") for need in needs))


def _item(rule: Callable) -> nodes.definition_list_item:
    told = [nodes.paragraph("", "", *inline(part)) for part in sentences(rule)]
    told.append(nodes.paragraph("", "", *inline(f"Reads: {', '.join(reads(rule))}.")))
    return nodes.definition_list_item(
        "", nodes.term("", title(rule)), nodes.definition("", *told), ids=[_anchor(rule)]
    )


def _anchor(rule: Callable) -> str:
    return f"rule-{rule.__name__.replace('_', '-')}"
