"""The house rules that no other tool knows: sizes, tests beside sources, messages in both languages, no dead names.

Usage: `python packaging/checks/house.py [project folder]`. Prints each finding; exit code 1 when there is one.
"""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from chosen_paths import other_ways
from posix_calls import posix_calls
from unused import equal_sentences, unused_messages, unused_names, unused_private_names

MAX_LINES = 650
SOURCES = ("fieldkit", "drivers", "ui", "sync", "packaging")
_FILES = ("pyproject.toml", "uv.lock", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
TOP = {*SOURCES, *_FILES, "tests", "assets", "docs", ".ci", ".gitignore", ".pre-commit-config.yaml", "Makefile"}
LANGUAGES = ("id", "en")
PHRASES = {  # calls that take keys, and the endings with which they say each
    **dict.fromkeys(("text", "message", "self._refusal", "_field"), ("",)),
    **dict.fromkeys(("Empty.of", "nothing_yet"), ("", "_hint")),
}
PROBLEM_PARTS = ("what", "safe", "do")
_INSIDE = r"(?:[^()]|\([^()]*(?:\([^()]*\)[^()]*)*\))*"  # brackets in brackets in brackets
PAGE_CALL = re.compile(r'\bt\("(?P<key>[a-z0-9_]+(?:\.[a-z0-9_]+)+)"(?=[,)])(?P<rest>' + _INSIDE + r")\)")
KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")

Message = str | dict[str, str]
Catalogue = dict[str, Message]


def findings(project: Path) -> list[str]:
    """Return every broken rule as one line, but for what nobody needs."""
    modules = sources(project)
    return [
        *outside_rooms(project),
        *too_long(project, modules),
        *without_test(modules),
        *message_findings(project, modules),
    ]


def sources(project: Path) -> dict[Path, ast.Module]:
    """Read the Python files of the project."""
    return {path: _parsed((project / path).read_text("utf-8")) for path in listed_files(project, "*.py")}


_parsed = cache(ast.parse)  # several checks read the same files, and parsing was half of what they cost


def unused(project: Path) -> list[str]:
    """Return the names and messages that nobody needs, and the sentences that stand under several keys."""
    modules = sources(project)
    catalogues: list[Catalogue] = [{} for _ in LANGUAGES]
    for language, catalogue in zip(LANGUAGES, catalogues, strict=True):
        list(read_catalogue(project / "assets/i18n" / language, catalogue))
    shown = "\n".join(pages(project).values())
    texts = other_texts(project / "assets") + shown
    return [
        *unused_names(modules, shown),
        *unused_private_names(modules),
        *unused_messages(modules, catalogues[0], texts),
        *equal_sentences(modules, catalogues, shown),
    ]


def listed_files(project: Path, pattern: str) -> list[Path]:
    """List the files that belong to the project: tracked or about to be, never ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", pattern],
        cwd=project,
        capture_output=True,
        check=True,
        text=True,
    )
    return [Path(name) for name in sorted(listed.stdout.split("\0")) if name and (project / name).is_file()]


def outside_rooms(project: Path) -> Iterator[str]:
    """Name what lies in the top folder and has no room there, such as files that a test left."""
    for name in sorted({path.parts[0] for path in listed_files(project, "*")} - TOP):
        yield f"{name}: has no place in the top folder"


def too_long(project: Path, modules: dict[Path, ast.Module]) -> Iterator[str]:
    """Name files over the size cap: such a file is two things."""
    for path in modules:
        lines = len((project / path).read_text("utf-8").splitlines())
        if lines > MAX_LINES:
            yield f"{path}: {lines} lines, at most {MAX_LINES}"


def without_test(modules: dict[Path, ast.Module]) -> Iterator[str]:
    """Name sources with behaviour and no test file, or folder of tests, in the mirrored place."""
    folders = {path.parent.with_name(f"test_{path.parent.name}") for path in modules if path.name.startswith("test_")}
    for path, module in modules.items():
        if path.parts[0] in SOURCES and has_behaviour(module):
            places = test_places(path)
            if not any(place in modules or place.with_suffix("") in folders for place in places):
                yield f"{path}: no test file {places[0]}"


def test_places(path: Path) -> list[Path]:
    """List where the test of a source may stand; the first is the usual place."""
    if "migrations" in path.parts:
        # The database runs migrations only as a whole, and so does their test.
        room = Path(*path.parts[: path.parts.index("migrations")])
        return [Path("tests/unit", room, "test_migrations.py")]
    name = f"test_{path.parent.name if path.name == '__init__.py' else path.stem.strip('_')}.py"
    places = [Path("tests/unit", path.parent, name)]
    if path.parts[0] == "ui":
        places.append(Path("tests", path.parent, name))
    return places


def has_behaviour(module: ast.Module) -> bool:
    """Tell whether something can go wrong in a module: a function with a body, or statements that run on import.

    Protocols, values, enumerations and tables have none; mypy looks after them.
    """
    runs_on_import = (ast.For, ast.While, ast.If, ast.With, ast.Try)
    return any(
        (isinstance(statement, runs_on_import) and not _is_for_types_only(statement))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call))
        for statement in module.body
    ) or any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not all(map(_says_nothing, node.body))
        for node in ast.walk(module)
    )


def _is_for_types_only(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING" and not statement.orelse


def _says_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def message_findings(project: Path, modules: dict[Path, ast.Module]) -> Iterator[str]:
    """Name messages that are malformed, told in one language only, or used in code and told nowhere."""
    catalogues: dict[str, Catalogue] = {}
    for language in LANGUAGES:
        catalogues[language] = {}
        yield from read_catalogue(project / "assets/i18n" / language, catalogues[language])
    yield from unlike_translations(catalogues)
    for path, module in modules.items():
        if path.parts[0] in SOURCES:
            for call in keyed_calls(module):
                for finding in unlike_catalogue(call, catalogues[LANGUAGES[0]]):
                    yield f"{path}:{call.line}: {finding}"
    for place, text in pages(project).items():
        for call in page_calls(text):
            for finding in unlike_catalogue(call, catalogues[LANGUAGES[0]]):
                yield f"{place}:{call.line}: {finding}"


def other_texts(assets: Path) -> str:
    """Return the data files that name messages."""
    rooms = ("sop", "policy", "tables", "letters")
    return "\n".join(
        path.read_text("utf-8")
        for room in rooms
        for path in sorted((assets / room).rglob("*"))
        if path.suffix in (".yaml", ".toml", ".typ", ".txt")
    )


def pages(project: Path) -> dict[str, str]:
    """Return the templates of web pages, which ask for messages as `t("key", a=1)`, by their place."""
    found = sorted((project / "sync").rglob("templates/*.html"))
    return {path.relative_to(project).as_posix(): path.read_text("utf-8") for path in found}


def page_calls(text: str) -> Iterator[KeyedCall]:
    """Yield the calls of a template that name a message."""
    for asked in PAGE_CALL.finditer(text):
        params = frozenset(re.findall(r"(\w+)=", asked["rest"]))
        yield KeyedCall(text.count("\n", 0, asked.start()) + 1, asked["key"], False, params)


def read_catalogue(folder: Path, catalogue: Catalogue) -> Iterator[str]:
    """Fill `catalogue` from the files of a language and name what is malformed."""
    for path in sorted(folder.glob("*.toml")):
        where = f"{folder.name}/{path.name}"
        try:
            messages = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            yield f"{where}: {error}"
            continue
        for key, message in messages.items():
            if not KEY.fullmatch(key):
                yield f'{where}: {key!r} is no key; write "room.reason" in quotes'
            elif isinstance(message, dict) and set(message) != set(PROBLEM_PARTS):
                yield f"{where}: {key!r} needs {', '.join(PROBLEM_PARTS)}; it has {', '.join(message)}"
            elif not all(map(is_sentence, sentences(message))):
                yield f"{where}: {key!r} has a sentence that is empty or whose placeholders cannot be filled"
            elif key in catalogue:
                yield f"{where}: {key!r} stands in another file too"
            else:
                catalogue[key] = message


def is_sentence(text: object) -> bool:
    """Tell whether a text says something and names all its placeholders."""
    try:
        return isinstance(text, str) and bool(text.strip()) and "" not in placeholders(text)
    except ValueError:  # an unpaired brace
        return False


def unlike_translations(catalogues: dict[str, Catalogue]) -> Iterator[str]:
    """Name keys that one language lacks or tells with other placeholders."""
    first, second = (catalogues[language] for language in LANGUAGES)
    for key in sorted(first.keys() ^ second.keys()):
        yield f"assets/i18n: {key!r} is missing in {LANGUAGES[1] if key in first else LANGUAGES[0]}"
    for key in sorted(first.keys() & second.keys()):
        if isinstance(first[key], str) is not isinstance(second[key], str):
            yield f"assets/i18n: {key!r} is a label in one language and a problem in the other"
        elif placeholders(first[key]) != placeholders(second[key]):
            yield f"assets/i18n: {key!r} has other placeholders in the other language"


def sentences(message: Message) -> list[str]:
    """Return the sentences of a label or a problem."""
    return list(message.values()) if isinstance(message, dict) else [message]


def placeholders(message: Message) -> set[str]:
    """Return the names that a message wants filled, over all its sentences."""
    return {name for text in sentences(message) for _, name, _, _ in Formatter().parse(text) if name is not None}


@dataclass(frozen=True, slots=True)
class KeyedCall:
    """A literal key in code: `SomethingError("…", a=1)`, `Problem("…")`, `text("…", a=1)`, `message("…", a=1)`.

    `params` are the names it fills, None when they cannot be read off the call.
    """

    line: int
    key: str
    is_problem: bool
    params: frozenset[str] | None


def keyed_calls(module: ast.Module) -> Iterator[KeyedCall]:
    """Yield the calls of a module that name a message."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            whole = ast.unparse(node.func)
            name = whole if whole in PHRASES else whole.rpartition(".")[2]
            is_problem = name == "Problem" or (name.endswith("Error") and not hasattr(builtins, name))
            names = {keyword.arg for keyword in node.keywords}
            params = None if name == "Problem" or None in names else frozenset(name for name in names if name)
            hints = (keyword.value for keyword in node.keywords if keyword.arg == "hint")
            for said in node.args[:1] if is_problem else (*node.args, *hints):
                key = said.value if isinstance(said, ast.Constant) else None
                if isinstance(key, str) and KEY.fullmatch(key):
                    for ending in ("",) if is_problem else PHRASES.get(name, ()):
                        yield KeyedCall(node.lineno, key + ending, is_problem, params)


def unlike_catalogue(call: KeyedCall, catalogue: Catalogue) -> Iterator[str]:
    """Name what a call wants and the catalogue lacks, and the other way round."""
    message = catalogue.get(call.key)
    if not isinstance(message, dict if call.is_problem else str):
        yield f"no {'problem' if call.is_problem else 'label'} {call.key!r} in assets/i18n/{LANGUAGES[0]}"
    elif call.params is not None and (unfilled := placeholders(message) - call.params):
        yield f"{call.key!r} is not given {', '.join(sorted(unfilled))}"


def main() -> int:
    """Print what is broken."""
    project = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    modules = sources(project)
    found = [
        *findings(project),
        *unused(project),
        *other_ways(modules),
        *posix_calls(project, list(modules)),
    ]
    for finding in found:
        print(finding)
    print(f"house rules: {len(found)} broken" if found else "house rules: kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
