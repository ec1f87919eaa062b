"""What nobody needs: names that only tests name, private names that their module forgot, messages that no code can
ask for, and sentences that stand under several keys.

Names are compared as words, not as types: a method counts as used when any source says a word like it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

BEGINNING = re.compile(r"[a-z]+\.([a-z_.]*[._])?")
SAYS_ENOUGH = 5  # letters of a key that stand in the code: "_hint"
ROOMS = ("fieldkit", "drivers", "ui", "sync")
SERVE_TESTS = ("drivers/simulators", "fieldkit/storage/migrations", "sync/gateway/migrations")
ALLOWED = {
    "read_closed_file": "waits for a reader with a genuine SAM; a simulated one proves it",
    "strict_catalogue": "loads a language for tests",
    "waiting_bytes": "how a test sees that a parser keeps little",
    "has_pin": "how a test sees that a slot keeps its PIN",
    **dict.fromkeys(("handle_starttag", "handle_endtag", "handle_data"), "called by html.parser"),
}
PAGE_KEY = re.compile(r'\bt\("([a-z0-9_.]+)"')
EQUAL_BY_CHANCE: dict[str, str] = {}  # keys with the reason why another key may have their sentences
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def unused_names(modules: Mapping[Path, ast.Module], pages: str = "") -> Iterator[str]:
    """Name the public functions, classes and methods that no source names; `pages` are the templates, which ask too."""
    named = Counter[str](re.findall(r"\.(\w+)", pages))
    for path, module in modules.items():
        if path.parts[0] in ROOMS:
            named.update(_named(module))
    for path, module in modules.items():
        if path.parts[0] in ROOMS and not path.as_posix().startswith(SERVE_TESTS):
            for name, line in _public(module):
                if not named[name] and name not in ALLOWED:
                    yield f"{path}:{line}: nothing but tests names {name}"
    for name in ALLOWED:
        if named[name]:
            yield f"packaging/checks/unused.py: {name} is named by a source, it needs no exception"


def unused_messages(modules: Mapping[Path, ast.Module], keys: Mapping[str, object], texts: str) -> Iterator[str]:
    """Name the keys of a catalogue that no string of the sources is or can become; `texts` are the other assets."""
    said, patterns = set[str](), set[str]()
    for path, module in modules.items():
        for node in ast.walk(module) if path.parts[0] in ROOMS else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            elif isinstance(node, ast.FunctionDef) and "act(" in map(_called, node.decorator_list):
                said.add(node.name)  # an act is the name of its words
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".+" for p in node.values]
                if len("".join(parts).replace(".+", "")) >= SAYS_ENOUGH:
                    patterns.add("".join(parts))
    begins = tuple(text for text in said if BEGINNING.fullmatch(text))  # what a function is given to say each of

    def ends_said(key: str) -> bool:
        return any(key.removeprefix(text) in said for text in begins if key.startswith(text))

    can_become = re.compile("|".join(sorted(patterns)) or "(?!)")
    for key in keys:
        if key not in said and key not in texts and not ends_said(key) and not can_become.fullmatch(key):
            yield f"assets/i18n: nothing says {key!r}"


def _called(decorator: ast.expr) -> str:
    return ast.unparse(decorator.func) + "(" if isinstance(decorator, ast.Call) else ""


def unused_private_names(modules: Mapping[Path, ast.Module]) -> Iterator[str]:
    """Name the private functions, classes and constants of a module that nothing in it uses."""
    for path, module in modules.items():
        uses = set[str]()
        for node in ast.walk(module):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                uses.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                uses.add(node.value)  # a forward reference
        for name, line in _private(module):
            if name not in uses:
                yield f"{path}:{line}: nothing in its module uses {name}"


def equal_sentences(
    modules: Mapping[Path, ast.Module], catalogues: Sequence[Mapping[str, object]], pages: str = ""
) -> Iterator[str]:
    """Name the keys that sources or pages write out and whose sentences are equal in every language.

    A key that is only composed stands for what completes it: a value of an enumeration, the name of a field.
    """
    asked = set[str](PAGE_KEY.findall(pages))
    for path, module in modules.items():
        if path.parts[0] in ROOMS:
            asked.update(n.value for n in ast.walk(module) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    keys_of: dict[str, list[str]] = {}
    for key in sorted(catalogues[0].keys() & asked - EQUAL_BY_CHANCE.keys()):
        keys_of.setdefault(repr([catalogue.get(key) for catalogue in catalogues]), []).append(key)
    for keys in keys_of.values():
        if len(keys) > 1:
            yield f"assets/i18n: one sentence stands under {', '.join(keys)}"


def _private(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in module.body:
        names: list[str] = []
        if isinstance(node, _Function | ast.ClassDef) and not _is_registered(node):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names = [
                part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            ]
        yield from ((name, node.lineno) for name in names if name.startswith("_") and not name.endswith("_"))


def _public(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            # What mixes cases is Qt's or a web server's name.
            methods = (part for part in node.body if isinstance(part, _Function) and not _is_foreign(part))
            yield from ((method.name, method.lineno) for method in methods)
        if isinstance(node, _Function | ast.ClassDef) and not _is_registered(node) and not node.name.startswith("_"):
            yield node.name, node.lineno


def _is_foreign(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return method.name.startswith("_") or method.name != method.name.lower() or _is_registered(method)


def _is_registered(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Tell whether a decorator with arguments hands it to somebody: a command, a route, a validator."""
    return any(
        isinstance(each, ast.Call) and ast.unparse(each.func).rpartition(".")[2] != "dataclass"
        for each in node.decorator_list
    )


def _named(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.name
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value
