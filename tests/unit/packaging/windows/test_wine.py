from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parents[4] / "packaging" / "windows"
DUMP = """
[Ordinal/Name Pointer] Table
\t[   0] +base[   1] 0000 PyArg_Parse
\t[   1] PyArg_ParseTuple

The Function Table
"""
REPORT = """<testsuites><testsuite>
<testcase classname="a" name="well"/>
<testcase classname="a" name="bad"><failure message="no"/></testcase>
<testcase classname="a" name="broken"><error message="no"/></testcase>
<testcase classname="a" name="one"><skipped message="Skipped: fcntl is of POSIX"/></testcase>
<testcase classname="a" name="two"><skipped message="Skipped: fcntl is of POSIX"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def wine(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(HERE))
    spec = importlib.util.spec_from_file_location("wine", HERE / "wine.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "wine", module)  # a dataclass looks its module up
    spec.loader.exec_module(module)
    return module


def test_a_report_is_counted_by_what_ran_failed_and_why_not(wine: ModuleType) -> None:
    found = wine.figures(REPORT)
    assert (found.ran, found.failed) == (3, ["a::bad", "a::broken"])
    assert found.skipped == Counter({"fcntl is of POSIX": 2})
    assert found.share == pytest.approx(0.6)
    assert wine.Figures().share == 0


def test_exports_are_handed_on_by_name(wine: ModuleType) -> None:
    names = list(wine.exports_in(DUMP))
    assert names == ["PyArg_Parse", "PyArg_ParseTuple"]
    assert wine.definition("python3.dll", names, "python311").splitlines() == [
        "LIBRARY python3.dll",
        "EXPORTS",
        "PyArg_Parse = python311.PyArg_Parse",
        "PyArg_ParseTuple = python311.PyArg_ParseTuple",
    ]


def test_every_complex_function_has_its_c(wine: ModuleType) -> None:
    source, names = wine.complex_functions()
    assert len(names) == len(set(names)) == 66
    assert all(f" added_{name}(" in source for name in names)


def test_rooms_exist_and_a_path_is_one_of_windows(wine: ModuleType) -> None:
    assert all((wine.ROOT / room).is_dir() for room in wine.ROOMS)
    assert wine.windows_path(Path("/work/tree")) == "Z:\\work\\tree"


def test_without_wine_it_says_so_and_is_green(
    wine: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wine.shutil, "which", lambda name: None if name == "wine" else name)
    monkeypatch.setattr(sys, "argv", ["wine.py"])
    assert wine.main() == 0
    assert "skipped: wine not installed" in capsys.readouterr().out
