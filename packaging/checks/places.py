"""In how many places an act stands: the method of its service, its command, its words, and what else names it.

Usage: `python packaging/checks/places.py [project folder]`. Prints each act that is declared (`@act`) and each form
that is built by hand with its places, then how many stand in more than three.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from house import listed_files

GOAL = 3
METHOD, WORDS, FORM = 1, 1, 1  # each act has one of each; a form that is no act has a function of its own


def places(modules: Mapping[Path, ast.Module]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the places of each act that is declared, and of each form built by hand, by the name of its screen.

    A form by hand is a key of what `PageParts.forms` is given: what names its screen counts, and its function.
    """
    shown = {path: module for path, module in modules.items() if path.parts[0] == "ui"}
    nodes = [node for module in shown.values() for node in ast.walk(module)]
    named = [ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)]
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    words = [word for text in strings for word in re.findall(r"[\w.]+", text)]
    acts = {act: METHOD + WORDS + named.count(act) for act in _declared(modules) if act in named}
    forms = {screen: METHOD + WORDS + FORM + words.count(screen) for screen in _by_hand(nodes)}
    return acts, forms


def _declared(modules: Mapping[Path, ast.Module]) -> Iterator[str]:
    for module in modules.values():
        for service in (node for node in module.body if isinstance(node, ast.ClassDef)):
            for method in (node for node in service.body if isinstance(node, ast.FunctionDef)):
                if any(ast.unparse(each).startswith("act(") for each in method.decorator_list):
                    yield f"{service.name}.{method.name}"


def _by_hand(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "at.forms" and isinstance(node.args[0], ast.Dict):
            yield from (str(key.value) for key in node.args[0].keys if isinstance(key, ast.Constant))


if __name__ == "__main__":
    project = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    files = [path for path in listed_files(project, "*.py") if path.parts[0] in ("ui", "fieldkit")]
    for kind, found in zip(
        ("acts", "forms by hand"),
        places({path: ast.parse((project / path).read_text("utf-8")) for path in files}),
        strict=True,
    ):
        for name, count in sorted(found.items(), key=lambda each: each[1]):
            print(f"{count:4}  {name}")
        print(f"{kind}: {len(found)}, in more than {GOAL} places {sum(count > GOAL for count in found.values())}")
