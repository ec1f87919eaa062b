"""What a list screen and a form cost in lines.

Usage: `python packaging/checks/screens.py [project folder]`. Prints each with its lines, then the medians.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from statistics import median

from house import listed_files

KINDS = ("ListScreen", "Form")


def costs(project: Path) -> dict[str, dict[str, float]]:
    """Return, for each kind, what each screen takes of its module: its own lines and its share of those for all."""
    found: dict[str, dict[str, float]] = {kind: {} for kind in KINDS}
    for path in listed_files(project, "*.py"):
        if path.match("ui/presenters/*/*.py"):  # in a room: what all of them share is no screen
            text = (project / path).read_text("utf-8")
            built = builders(ast.parse(text))
            places = {(place.lineno, place.end_lineno or 0) for _, _, place in built}
            shared = len(text.splitlines()) - sum(_length(*place) for place in places)
            for kind, name, place in built:
                of_place = sum(other is place for _, _, other in built)
                own = _length(place.lineno, place.end_lineno or 0) / of_place
                found[kind][f"{path}:{name}"] = own + shared / len(built)
    return found


def builders(module: ast.Module) -> list[tuple[str, str, ast.stmt]]:
    """Return kind and name of each function that returns a screen, and the statement of the module that it is in."""
    return [
        (_returned(function), function.name, place)
        for place in module.body
        for function in ast.walk(place)
        if isinstance(function, ast.FunctionDef) and function.returns is not None and _returned(function) in KINDS
    ]


def _length(first: int, last: int) -> int:
    return last - first + 1


def _returned(function: ast.FunctionDef) -> str:
    returns = function.returns
    assert returns is not None
    return ast.unparse(returns.value if isinstance(returns, ast.Subscript) else returns)


if __name__ == "__main__":
    for kind, screens in costs(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])).items():
        for name, lines in sorted(screens.items(), key=lambda each: each[1]):
            print(f"{lines:6.0f}  {name}")
        print(f"{kind}: {len(screens)}, median {median(screens.values()):.0f} lines")
