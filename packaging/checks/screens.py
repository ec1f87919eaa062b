"""What a list screen and a form cost in lines, each over all its source files.

Usage: `python packaging/checks/screens.py [project folder]`. Prints each with its lines, then the medians.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from statistics import median

from house import python_files

KINDS = ("ListScreen", "Form")


def costs(project: Path) -> dict[str, dict[str, float]]:
    """Return, for each kind, the lines of every module that builds one, shared among those that it builds."""
    found: dict[str, dict[str, float]] = {kind: {} for kind in KINDS}
    for path in python_files(project):
        if path.match("ui/presenters/*/*.py"):  # in a room: what all of them share is no screen
            text = (project / path).read_text("utf-8")
            for kind, builders in built(ast.parse(text)).items():
                for name in builders:
                    found[kind][f"{path}:{name}"] = len(text.splitlines()) / len(builders)
    return found


def built(module: ast.Module) -> dict[str, list[str]]:
    """Return the names of the functions that return each kind."""
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.returns is not None]
    return {kind: [f.name for f in functions if _returned(f) == kind] for kind in KINDS}


def _returned(function: ast.FunctionDef) -> str:
    returns = function.returns
    assert returns is not None
    return ast.unparse(returns.value if isinstance(returns, ast.Subscript) else returns)


if __name__ == "__main__":
    for kind, screens in costs(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])).items():
        for name, lines in sorted(screens.items(), key=lambda each: each[1]):
            print(f"{lines:6.0f}  {name}")
        print(f"{kind}: {len(screens)}, median {median(screens.values()):.0f} lines")
