"""From a figure down to its rows: the tables that flow into an output, read from the code alone."""

import ast
import importlib.util
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from tashkent.site.collector import PageCollector
from tashkent.site.parts import joined, paragraph
from tashkent.site.rows import resources, table_link

#: A name that pandas takes from the code around a query, as in `"state_id in @treaty"`.
_NAMED_IN_TEXT = re.compile(r"@(\w+)")

#: The modules of this package whose functions a chapter may call.
_OWN = "tashkent."

#: Code with names of its own, which say nothing of the same names outside.
_SCOPES = (
    ast.FunctionDef | ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
)


@dataclass
class Flow:
    """What a value may have been made from: tables, and names of tables that stand in it as text.

    `loads` says that somewhere in it a table is loaded by a name that is not written there.
    """

    tables: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    loads: bool = False

    def __or__(self, other: "Flow") -> "Flow":
        """Join two values into one."""
        return Flow(self.tables | other.tables, self.texts | other.texts, self.loads or other.loads)


def traces(env: BuildEnvironment) -> dict[str, list[tuple[int, list[str]]]]:
    """Give for each page its cells that show something: how many outputs, and of which tables."""
    return env.__dict__.setdefault("tashkent_traces", {})


class TraceCollector(PageCollector):
    """Says under each chart, table and choice of a page which tables it comes from."""

    kept = staticmethod(traces)

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Add the lines of one page."""
        cells = [c for c in doctree.findall(nodes.container) if c.get("nb_element") == "cell_code"]
        sources = [_source(cell) for cell in cells]
        if not any("load" in source for source in sources):
            return
        found = []
        for cell, names in zip(cells, tables_of(sources, set(resources())), strict=True):
            outputs = _outputs(cell)
            if not outputs:
                continue
            found.append((len(outputs), names))
            if names:
                links = joined([_link(app.env, name) for name in names])
                outputs[-1].parent += paragraph("Rows: ", *links, classes=["tk-from"])
        traces(app.env)[app.env.docname] = found


def _link(env: BuildEnvironment, name: str) -> nodes.Node:
    """Lead to the rows of a table, or to the file of a chapter's own."""
    if not name.endswith(".csv"):
        return table_link(name, "rows")
    path = f"{env.docname.rpartition('/')[0]}/{name}"
    words = nodes.literal("", name.rpartition("/")[2])
    if not (Path(env.srcdir) / path).is_file():
        return words
    copied = env.dlfiles.add_file(env.docname, path)
    return addnodes.download_reference("", "", words, filename=copied, reftarget=path)


def _source(cell: nodes.container) -> str:
    for part in cell.findall(nodes.literal_block):
        if part.parent.get("nb_element") == "cell_code_source":
            return part.astext()
    return ""


def _outputs(cell: nodes.container) -> list[nodes.raw]:
    """List the charts, tables and choices that a cell shows."""
    shown = {"tk-figure", "tk-widget"}
    return [
        raw
        for raw in cell.findall(nodes.raw)
        if "html" in raw.get("format", "")
        and (shown & set(raw["classes"]) or "<table" in raw.astext())
    ]


def tables_of(sources: list[str], known: set[str]) -> list[list[str]]:
    """Name for each cell the tables that flow into what it shows.

    Names are followed from cell to cell: what is assigned, changed in place or used inside of
    functions, those of this package too. A name counts as made from all that stands on the right
    of its assignment, so a table may be named of which nothing is left; none that is used is left
    out. Where a table is loaded by a name that the code finds out, it is each whose name is at
    hand. A table of a chapter's own data is named by its file, `01-mine/rows.csv`.

    Parameters
    ----------
    sources : list of str
        The code of a notebook's cells, in their order.
    known : set of str
        The tables that there are.

    Returns
    -------
    list of list of str
        The tables, by the alphabet; none for a cell that ends in no expression.
    """
    tracer = _Tracer(known)
    return [sorted(tracer.cell(source)) for source in sources]


class _Tracer:
    """Follows names through the cells of a notebook, or the statements of a module."""

    def __init__(self, known: set[str]):
        self.known = known
        self.names = {"load": Flow(loads=True)}
        self.functions: dict[str, ast.FunctionDef] = {}

    def cell(self, source: str) -> set[str]:
        """Take in one cell, and name the tables of what it shows."""
        try:
            body = ast.parse(source).body
        except SyntaxError:
            return set()
        shown: set[str] = set()
        for statement in body:
            shown |= self._displayed(statement)
            self._run(statement)
        if body and isinstance(body[-1], ast.Expr):
            shown |= self.flow(body[-1]).tables
        return shown

    def _displayed(self, statement: ast.stmt) -> set[str]:
        """Name the tables of what is handed to `display` somewhere in a statement."""
        calls = [n for n in ast.walk(statement) if isinstance(n, ast.Call)]
        shown = [call for call in calls if getattr(call.func, "id", "") == "display"]
        return set().union(*(self.flow(call).tables for call in shown))

    def _run(self, statement: ast.stmt, certain: bool = True) -> None:
        """Follow a statement's assignments, and those of the statements in it.

        What is assigned inside of a loop or a branch adds to what the name was before.
        """
        if isinstance(statement, ast.FunctionDef):
            self.functions[statement.name] = statement
            self.names.pop(statement.name, None)
            self._decorate(statement)
            return
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(_OWN):
            for alias in statement.names:
                self.names[alias.asname or alias.name] = self._imported(
                    statement.module, alias.name
                )
            return
        targets, value = _assigned(statement)
        if value is not None:
            pairs = [(target, value) for target in targets]
            for target, source in [pair for both in pairs for pair in _paired(*both)]:
                adds = not certain or isinstance(statement, ast.AugAssign)
                self._assign(target, self.flow(source), adds)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            changed = _base(statement.value.func)  # like a.update(b): b flows into a
            if changed in self.names and isinstance(statement.value.func, ast.Attribute):
                self.names[changed] |= self.flow(statement.value)
        for part in ast.walk(statement):
            if isinstance(part, ast.NamedExpr):
                self._assign(part.target, self.flow(part.value), adds=True)
        inside = _bodies(statement)
        for inner in inside + inside:  # a loop's end may flow into its beginning
            self._run(inner, certain=False)

    def _assign(self, target: ast.expr, flow: Flow, adds: bool) -> None:
        if isinstance(target, ast.Tuple | ast.List | ast.Starred):
            for part in getattr(target, "elts", None) or [target.value]:
                self._assign(part, flow, adds)
        elif isinstance(target, ast.Name):
            known = self.names.get(target.id, Flow()) if adds else Flow()
            self.names[target.id] = known | flow
            self.functions.pop(target.id, None)
        elif base := _base(target):  # a column of a, or an attribute: a is what it was, and more
            self.names[base] = self.names.get(base, Flow()) | self.flow(target) | flow

    def _decorate(self, function: ast.FunctionDef) -> None:
        """Let a function flow into what its decorators may keep it in, such as a list."""
        for name in set().union(*map(_free, function.decorator_list)):
            for kept in _free(self.functions[name]) if name in self.functions else ():
                if kept in self.names:
                    self.names[kept] |= self._open_flow(function, frozenset())

    def _imported(self, module: str, name: str) -> Flow:
        """Tell what a function of this package loads; texts in it are no names of tables."""
        tracer = _Tracer(self.known)
        for statement in _statements(module):
            if isinstance(statement, ast.FunctionDef):
                tracer.functions[statement.name] = statement
        found = tracer._name(name, frozenset())
        return Flow(found.tables, set(), found.loads)

    def flow(self, code: ast.AST) -> Flow:
        """Join all that the names and the calls in an expression stand for."""
        found = self._open_flow(code, frozenset())
        return Flow(found.tables | found.texts, found.texts) if found.loads else found

    def _open_flow(self, code: ast.AST, within: frozenset[str]) -> Flow:
        """Join them, and leave open what is loaded by a name that others give.

        Parameters
        ----------
        code : ast.AST
            An expression, or a function whose names are looked up when it is used.
        within : frozenset of str
            Functions that are being followed already.
        """
        found, settled = Flow(), set()
        for part in ast.walk(code):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.texts |= {part.value} & self.known
                for name in _NAMED_IN_TEXT.findall(part.value):
                    found |= self._name(name, within)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.args:
                callee = self.names.get(part.func.id, Flow())
                if callee.loads and isinstance(part.args[0], ast.Constant):
                    found.tables |= callee.tables | self._loaded(part)
                    settled.add(part.func)
        for name in _free(code, frozenset(settled)):
            found |= self._name(name, within)
        return found

    def _loaded(self, call: ast.Call) -> set[str]:
        """Name the table of a call like `load("states")`, or `load("rows", "01-mine")`."""
        name, *given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if call.func.id == "load" and given and isinstance(given[0], ast.Constant):
            return {f"{given[0].value}/{name.value}.csv"}
        return {name.value} & self.known

    def _name(self, name: str, within: frozenset[str]) -> Flow:
        if name in self.functions and name not in within:
            return self._open_flow(self.functions[name], within | {name})
        return self.names.get(name, Flow())


@cache
def _statements(module: str) -> list[ast.stmt]:
    """Read the statements of a module of this package."""
    path = Path(importlib.util.find_spec(module).origin)
    return ast.parse(path.read_text(encoding="utf-8")).body


def _assigned(statement: ast.stmt) -> tuple[list[ast.expr], ast.expr | None]:
    """Give what a statement assigns to, and what it assigns."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            return targets, value
        case ast.AugAssign(target=target, value=value):
            return [target], value
        case ast.AnnAssign(target=target, value=value):
            return [target], value
        case ast.For(target=target, iter=value):
            return [target], value
        case ast.With(items=[ast.withitem(context_expr=value, optional_vars=ast.expr() as target)]):
            return [target], value
    return [], None


def _paired(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Take `a, b = x, y` apart; other assignments are one pair."""
    both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
    if both and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _bodies(statement: ast.stmt) -> list[ast.stmt]:
    """List the statements inside of a statement."""
    parts = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
    return [inner for part in parts for inner in part]


def _base(target: ast.expr) -> str:
    """Name what an attribute, a column or a method belongs to."""
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Call):
        target = target.func if isinstance(target, ast.Call) else target.value
    return getattr(target, "id", "")


def _free(code: ast.AST, settled: frozenset[ast.AST] = frozenset()) -> set[str]:
    """List the names in a piece of code that are bound outside of it, but for the settled ones."""
    if isinstance(code, ast.Name):
        return set() if code in settled else {code.id}
    found = set().union(*(_free(child, settled) for child in ast.iter_child_nodes(code)))
    if not isinstance(code, _SCOPES):
        return found
    bound = {n.id for n in ast.walk(code) if isinstance(n, ast.Name) and _stores(n)}
    bound |= {argument.arg for argument in ast.walk(code) if isinstance(argument, ast.arg)}
    if isinstance(code, ast.FunctionDef | ast.Lambda):
        bound |= {
            n.name for n in ast.walk(code) if isinstance(n, ast.FunctionDef) and n is not code
        }
        return found - bound
    # the first sequence of a comprehension is looked up outside of it
    return (found - bound) | _free(code.generators[0].iter, settled)


def _stores(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)
