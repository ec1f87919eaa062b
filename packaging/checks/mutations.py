"""One change of a module at a time: a condition that asks less or more, a statement that is left out, another value."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

CONDITIONS, VALUES = FAMILIES = "conditions", "values"
_SWAPS: dict[type[ast.AST], tuple[type[ast.AST], str]] = {
    ast.Lt: (ast.LtE, CONDITIONS),
    ast.LtE: (ast.Lt, CONDITIONS),
    ast.Gt: (ast.GtE, CONDITIONS),
    ast.GtE: (ast.Gt, CONDITIONS),
    ast.Eq: (ast.NotEq, CONDITIONS),
    ast.NotEq: (ast.Eq, CONDITIONS),
    ast.In: (ast.NotIn, CONDITIONS),
    ast.NotIn: (ast.In, CONDITIONS),
    ast.Is: (ast.IsNot, CONDITIONS),
    ast.IsNot: (ast.Is, CONDITIONS),
    ast.And: (ast.Or, VALUES),
    ast.Or: (ast.And, VALUES),
    ast.Add: (ast.Sub, VALUES),
    ast.Sub: (ast.Add, VALUES),
}
_SELECTING = frozenset({"where", "filter", "having", "and_", "or_"})  # calls whose arguments are conditions
_LEAVING = ast.Raise | ast.Return | ast.Continue | ast.Break
_Change = tuple[object, str, str]  # what stands there instead, in words, of which family


@dataclass(frozen=True)
class Mutant:
    """One change of a module; `number` is its place among the changes of that module."""

    source: Path
    number: int
    line: int
    what: str
    family: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line} {self.what}"


def mutants_of(source: Path) -> list[Mutant]:
    """Return every mutant of a file."""
    tree = ast.parse(source.read_text("utf-8"))
    return [Mutant(source, number, *told) for number, told in enumerate(changes(tree))]


def mutated(mutant: Mutant) -> ast.Module:
    """Return a module with one change."""
    tree = ast.parse(mutant.source.read_text("utf-8"))
    for number, _ in enumerate(changes(tree)):
        if number == mutant.number:
            return ast.fix_missing_locations(copy.deepcopy(tree))
    raise ValueError(f"{mutant.source} has no change {mutant.number}")


def compiled(tree: ast.Module, source: Path) -> CodeType:
    """Compile a module as the importer does."""
    return compile(tree, str(source), "exec", dont_inherit=True)


def changes(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Change the tree in one place after another, each time undoing it; yield line, words and family."""
    # Frozen and slots and imports for types are held by mypy.
    held = [one for node in ast.walk(tree) for one in getattr(node, "decorator_list", ())]
    held += [node for node in ast.walk(tree) if _is_for_types_only(node)]
    left_alone = {id(node) for one in held for node in ast.walk(one)}
    for node in ast.walk(tree):
        if id(node) in left_alone:
            continue
        for name, value in ast.iter_fields(node):
            for at, child in enumerate(value if isinstance(value, list) else [value]):
                for new, what, family in () if id(child) in left_alone else _instead_of(node, name, child):
                    _put(node, name, at, new)
                    yield getattr(child, "lineno", getattr(node, "lineno", 0)), what, family
                    _put(node, name, at, child)


def _put(node: ast.AST, name: str, at: int, new: object) -> None:
    value = getattr(node, name)
    if isinstance(value, list):
        value[at] = new
    else:
        setattr(node, name, new)


def _instead_of(node: ast.AST, name: str, child: object) -> Iterator[_Change]:
    """Yield what may stand in the place of a part of a node."""
    if isinstance(child, ast.AST) and type(child) in _SWAPS:
        new, family = _SWAPS[type(child)]
        yield new(), f"{type(child).__name__} → {new.__name__}", family
    elif isinstance(child, ast.Constant) and not isinstance(node, ast.Expr | ast.JoinedStr | ast.FormattedValue):
        yield from _other_constants(child)
    elif isinstance(child, ast.Raise | ast.Expr) and not _is_text(child):
        what = "raise" if isinstance(child, ast.Raise) else f"call {ast.unparse(child)[:50]}"
        yield ast.copy_location(_nothing(child), child), f"without {what}", CONDITIONS
    elif isinstance(child, ast.If) and name in ("body", "orelse", "finalbody"):
        yield from _other_branches(child)
    elif isinstance(child, ast.expr):
        yield from _other_expressions(node, name, child)
    elif isinstance(child, ast.comprehension | ast.match_case):
        yield from _without_filters(child)
    if name == "value" and isinstance(node, ast.Return) and isinstance(child, ast.expr) and not _is_none(child):
        yield ast.copy_location(ast.Constant(None), child), "return None", VALUES


def _nothing(child: ast.stmt) -> ast.stmt:
    """Return what does nothing in place of a statement.

    It still names the cell of a `super()`: a function is given no code that asks for other cells.
    """
    calls = (each for each in ast.walk(child) if isinstance(each, ast.Call) and not each.args)
    is_super = any(isinstance(each.func, ast.Name) and each.func.id == "super" for each in calls)
    return ast.Expr(ast.Name("__class__", ast.Load())) if is_super else ast.Pass()


def _other_constants(child: ast.Constant) -> Iterator[_Change]:
    if isinstance(child.value, bool):
        yield ast.copy_location(ast.Constant(not child.value), child), f"{child.value} → {not child.value}", VALUES
    elif isinstance(child.value, int):
        yield ast.copy_location(ast.Constant(child.value + 1), child), f"{child.value} → {child.value + 1}", VALUES


def _other_branches(child: ast.If) -> Iterator[_Change]:
    """Yield an `if` whose condition never holds, and one whose condition always does unless it only leaves then."""
    asked = ast.unparse(child.test)[:60]
    never: ast.stmt = ast.Pass()
    if child.orelse:
        never = ast.If(ast.Constant(False), child.body, child.orelse)
    yield ast.copy_location(never, child), f"never if {asked}", CONDITIONS
    if not isinstance(child.body[-1], _LEAVING) or child.orelse:
        always = ast.If(ast.Constant(True), child.body, child.orelse)
        yield ast.copy_location(always, child), f"always if {asked}", CONDITIONS


def _other_expressions(node: ast.AST, name: str, child: ast.expr) -> Iterator[_Change]:
    match child:
        case ast.UnaryOp(op=ast.Not()):
            yield child.operand, f"without not {ast.unparse(child.operand)[:50]}", CONDITIONS
        case ast.BoolOp():
            for at, dropped in enumerate(child.values):
                left = [value for other, value in enumerate(child.values) if other != at]
                new = left[0] if len(left) == 1 else ast.copy_location(ast.BoolOp(child.op, left), child)
                yield new, f"without {ast.unparse(dropped)[:60]}", CONDITIONS
        case ast.IfExp():
            asked = ast.unparse(child.test)[:50]
            yield child.body, f"always of … if {asked}", CONDITIONS
            yield child.orelse, f"never of … if {asked}", CONDITIONS
        case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)) if called in _SELECTING and child.args:
            yield from _each_dropped(child, child.args, lambda left: ast.Call(child.func, left, child.keywords))
        case ast.Call(func=ast.Name(id="all" | "any") as func, args=[ast.Tuple() | ast.List() as each]):
            yield from _each_dropped(child, each.elts, lambda left: ast.Call(func, [ast.Tuple(left, ast.Load())], []))
        case ast.Set(elts) if _is_asked(node, name, child):
            yield from _each_dropped(child, elts, ast.Set)
        case ast.Tuple(elts) if _is_asked(node, name, child):
            yield from _each_dropped(child, elts, lambda left: ast.Tuple(left, ast.Load()))
        case _:
            return


def _each_dropped(
    whole: ast.expr, parts: list[ast.expr], made: Callable[[list[ast.expr]], ast.expr]
) -> Iterator[_Change]:
    for at, dropped in enumerate(parts):
        left = [part for other, part in enumerate(parts) if other != at]
        yield ast.copy_location(made(left), whole), f"without {ast.unparse(dropped)[:60]}", CONDITIONS


def _is_asked(node: ast.AST, name: str, child: ast.Set | ast.Tuple) -> bool:
    """Return whether a collection is what `in` asks, or a set of names: what it holds is a condition then."""
    if len(child.elts) < 2:
        return False
    if isinstance(node, ast.Compare) and name == "comparators":
        return True
    return isinstance(child, ast.Set) and all(isinstance(each, ast.Attribute | ast.Constant) for each in child.elts)


def _without_filters(child: ast.comprehension | ast.match_case) -> Iterator[_Change]:
    new: ast.comprehension | ast.match_case
    if isinstance(child, ast.match_case):
        if child.guard is not None:
            # No case without its guard: where that takes everything, Python compiles none that follow it.
            new = ast.match_case(child.pattern, ast.copy_location(ast.Constant(True), child.guard), child.body)
            yield new, f"without {ast.unparse(child.guard)[:60]}", CONDITIONS
        return
    for at, dropped in enumerate(child.ifs):
        left = [each for other, each in enumerate(child.ifs) if other != at]
        new = ast.comprehension(child.target, child.iter, left, child.is_async)
        yield new, f"without {ast.unparse(dropped)[:60]}", CONDITIONS


def _is_text(node: ast.Raise | ast.Expr) -> bool:
    """Return whether a statement is a docstring, or the body of a Protocol."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_for_types_only(node: ast.AST) -> bool:
    """Return whether a node is `if TYPE_CHECKING:`, which no test can reach."""
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
