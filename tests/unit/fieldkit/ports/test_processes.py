"""No process that the program starts opens a console on Windows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
# Of Linux, or of a data center, which runs in a console or as a service.
_ELSEWHERE = {"drivers/libfprint/answers.py", "sync/gateway/workers/supervisor.py"}
_LEFT_OUT = ("drivers/simulators/", "fieldkit/app/demo/")


def without_flag(source: str) -> list[int]:
    """Return the lines on which a process is started that may open a console."""
    starts = ("subprocess.Popen", "subprocess.run", "subprocess.call", "subprocess.check_output", "os.startfile")
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in starts
        and not any(given.arg == "creationflags" for given in node.keywords)
    ]


def product() -> Iterator[str]:
    for package in ("fieldkit", "ui", "sync", "drivers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in _ELSEWHERE and not name.startswith(_LEFT_OUT):
                yield name


def test_every_process_of_a_kit_is_started_without_a_console() -> None:
    starting = ((name, (ROOT / name).read_text("utf-8")) for name in product())
    found = {name: lines for name, text in starting if "subprocess" in text and (lines := without_flag(text))}
    assert found == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("subprocess.run(['x'])", [1]),
        ("\nsubprocess.Popen(['x'], stdin=1)", [2]),
        ("subprocess.run(['x'], creationflags=NO_WINDOW)", []),
    ],
)
def test_one_with_a_console_is_found(source: str, found: list[int]) -> None:
    assert without_flag(source) == found
