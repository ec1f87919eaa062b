"""The threat model names tests that exist, and leaves no threat of the issue out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
THREATS = [
    "Stolen laptop",
    "Stolen stick",
    "Prepared stick",
    "Malicious petugas",
    "Fake gateway",
    "Fake device",
    "Replay",
    "Rollback",
    "Dropped record",
    "Insider at the gateway",
    "Stolen opener",
]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def missing(page: str) -> list[str]:
    """Return each test that a page names and that is not there."""
    found = []
    for file, test in NAMED.findall(page):
        path = ROOT / file
        names = {node.name for node in ast.walk(ast.parse(path.read_text("utf-8")))
                 if isinstance(node, ast.FunctionDef)} if path.is_file() else set()  # fmt: skip
        if not path.is_file() or (test and test not in names):
            found.append(f"{file}::{test}")
    return found


def test_every_test_that_it_names_exists() -> None:
    assert missing(PAGE) == []
    assert missing("`tests/unit/none.py`, `tests/unit/packaging/test_security_page.py::test_none`") == [
        "tests/unit/none.py::",
        "tests/unit/packaging/test_security_page.py::test_none",
    ]


@pytest.mark.parametrize("threat", THREATS)
def test_each_threat_says_what_stops_it_what_shows_it_and_what_is_open(threat: str) -> None:
    section = PAGE.split(f"\n## {threat}\n", 1)[1].split("\n## ", 1)[0]
    stops, shown, left = (
        next(line for line in section.splitlines() if line.startswith(f"| {word} |"))
        for word in ("Stops it", "Shown by", "Open")
    )
    assert len(NAMED.findall(shown)) >= 2
    assert min(len(stops), len(left)) > 60
