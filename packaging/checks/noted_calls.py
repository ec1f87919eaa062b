"""Which functions of some files are called, by whom."""

from __future__ import annotations

import ast
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

NOTE = "__called__"  # what a function that notes its calls asks the builtins for


def codes_of(code: CodeType) -> Iterator[CodeType]:
    """Yield a function and those within it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from codes_of(inner)


def names_of(code: CodeType) -> Iterator[str]:
    """Yield what a function and those within it are called in a record of calls."""
    return (f"{each.co_filename}:{each.co_firstlineno}:{each.co_name}" for each in codes_of(code))


class _Noting(ast.NodeTransformer):
    """Lets each function of a file note first that it is called."""

    def __init__(self, file: str) -> None:
        self._file = file

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._noted(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._noted(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        both = ast.Tuple([self._note(node.lineno, "<lambda>"), node.body], ast.Load())
        node.body = ast.Subscript(both, ast.Constant(1), ast.Load())
        return node

    def _noted(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        self.generic_visit(node)
        line = min(each.lineno for each in (node, *node.decorator_list))
        node.body.insert(ast.get_docstring(node) is not None, ast.Expr(self._note(line, node.name)))
        return node

    def _note(self, line: int, name: str) -> ast.Call:
        return ast.Call(ast.Name(NOTE, ast.Load()), [ast.Constant(f"{self._file}:{line}:{name}")], [])


def noting(file: str) -> dict[CodeType, CodeType]:
    """Return the functions of a file, and the same ones as they note that they are called.

    Nothing else of the process is slower for it, as it would be when the interpreter told of every call.
    """
    text = Path(file).read_text("utf-8")
    tree = ast.fix_missing_locations(_Noting(file).visit(ast.parse(text)))
    before, after = (compile(each, file, "exec", dont_inherit=True) for each in (ast.parse(text), tree))
    return dict(zip(codes_of(before), codes_of(after), strict=True))


class Calls:
    """Which functions of some files are called, by whom."""

    def __init__(self, files: frozenset[str]) -> None:
        self.files, self.now = files, ""
        self.seen: dict[str, set[str]] = defaultdict(set)

    def note(self, name: str) -> None:
        """Note that a function is called."""
        self.seen[self.now].add(name)

    def begin(self) -> None:
        """Note who is called from now on, also while their modules are imported."""
        sys.settrace(self._note)
        threading.settrace(self._note)

    def end(self) -> None:
        """Note nothing any more."""
        sys.settrace(None)
        threading.settrace(None)

    def _note(self, frame: FrameType, _event: str, _argument: object) -> None:
        code = frame.f_code
        if code.co_filename in self.files:
            self.note(f"{code.co_filename}:{code.co_firstlineno}:{code.co_name}")
