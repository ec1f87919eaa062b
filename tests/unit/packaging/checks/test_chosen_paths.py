from __future__ import annotations

import ast
from pathlib import Path

import chosen_paths
import pytest
from chosen_paths import other_ways

SELF = "fieldkit/app/cli/x.py"


def told(source: str, name: str = SELF) -> list[str]:
    return [line for line in other_ways({Path(name): ast.parse(source)}) if line.startswith(name)]


@pytest.mark.parametrize(
    "source",
    [
        "open(x)",
        "x.read_bytes()",
        "(folder / x).write_text('a')",
        "x.open('rb')",
        "x.open(mode='xb')",
        "os.open(x, 0)",
        "os.walk(x)",
        "os.replace(x, y)",
        "shutil.copyfile(x, y)",
        "list(stick.rglob('*.age'))",
        "stick.iterdir()",
    ],
)
def test_a_module_that_opens_files_is_named(source: str) -> None:
    assert told(source) == [f"{SELF}:1: opens a file itself; what a person chose goes through fieldkit.media"]
    assert told(source, "fieldkit/media/x.py") == []
    assert told(source, "tests/x.py") == []


@pytest.mark.parametrize(
    "source",
    [
        "device.open(cancel)",
        "slots.open('user id')",
        "files('assets').joinpath('x').read_text()",
        "(FOLDER / 'x').read_bytes()",
        "text.replace('a', 'b')",
        "os.fsync(x)",
        "Place.of_file(x).read(9)",
    ],
)
def test_what_opens_no_file_is_not(source: str) -> None:
    assert told(source) == []


def test_known_modules_are_left_and_those_that_need_it_no_more_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen_paths, "OWN", {SELF: "the home", "drivers/": "devices", "sync/gone.py": "the home"})
    modules = {Path(SELF): ast.parse("open(x)"), Path("drivers/a/b.py"): ast.parse("open(x)")}
    stale = "sync/gone.py: opens no file any more; take it out of OWN in packaging/checks/chosen_paths.py"
    assert list(other_ways(modules)) == []  # some other checkout
    assert list(other_ways({**modules, Path("fieldkit/media/x.py"): ast.parse("")})) == [stale]
