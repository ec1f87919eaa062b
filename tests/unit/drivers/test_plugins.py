from __future__ import annotations

import itertools
import sys
import threading
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from support.standstill import wait_until

from drivers import plugins
from drivers.plugins import Plugin
from drivers.registry import DeviceRegistry, load_drivers

DRIVER = """
from fieldkit.ports.devices import DeviceIdentity, DeviceKind, DeviceState, DeviceStatus

class Driver:
    name = "inside"
    def scan(self):
        {scan}
    def connect(self, status):
        return self

def driver(context):
    return Driver()
"""
WHOLE = 'return [DeviceStatus("inside", "A", DeviceKind.SIGNATURE_PAD, DeviceState.READY)]'


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context_for):
    """Return a function: what the device list has of a plugin with this source."""
    monkeypatch.syspath_prepend(tmp_path)

    def look(source: str, entry_name: str = "odd") -> list[tuple[str, str, str]]:
        module = f"somebody_{abs(hash(source))}"
        (tmp_path / f"{module}.py").write_text(source)
        entries = [EntryPoint(entry_name, f"{module}:driver", "fieldkit.drivers")]
        ours = [EntryPoint("escpos", "drivers.sbi:driver", "fieldkit.drivers")] if entry_name == "escpos" else []
        monkeypatch.setattr("drivers.registry.entry_points", lambda group: [*entries, *ours])
        registry = DeviceRegistry([d for d in load_drivers(context_for()) if d.name != "sbi"])
        found = [(s.driver, s.detail, str(s.params.get("reason", ""))) for s in registry.scan()]
        registry.close()
        sys.modules.pop(module, None)
        return found

    return look


@pytest.mark.parametrize(
    "source",
    [
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "class Odd(BaseException): pass\nraise Odd",
        DRIVER.format(scan="import os; os.abort()"),
    ],
)
def test_a_plugin_that_would_end_the_program_is_a_line(lines, source: str) -> None:
    assert lines(source) == [("odd", "device.driver_failed", "reason.crashed")]


@pytest.mark.days
@pytest.mark.parametrize("source", ["while True: pass", DRIVER.format(scan="while True:\n            pass")])
def test_a_plugin_that_never_ends_is_a_line(lines, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "_TRIAL_S", 0.4)
    assert lines(source) == [("odd", "device.driver_failed", "reason.no_answer")]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import not_there", "ModuleNotFoundError"),
        ("raise SystemExit(3)", "SystemExit"),
        (DRIVER.format(scan="return [1]"), "TypeError"),
        (DRIVER.format(scan='return [DeviceStatus("a", None, "x", "y")]'), "TypeError"),
    ],
)
def test_a_plugin_that_raises_or_answers_nonsense_is_a_line(lines, source: str, reason: str) -> None:
    ((name, code, said),) = lines(source)
    assert (name, code, said.partition(":")[0].split()[0]) == ("odd", "device.driver_failed", reason)


def test_a_plugin_that_works_is_known_by_the_name_of_its_entry_point(lines) -> None:
    assert lines(DRIVER.format(scan=WHOLE)) == [("odd", "", "")]


def test_a_plugin_takes_no_name_that_is_taken(lines) -> None:
    ((name, code, reason),) = [each for each in lines(DRIVER.format(scan=WHOLE), "escpos") if each[1]]
    assert name.startswith("escpos (somebody_")
    assert (code, reason) == ("device.driver_failed", "reason.exists")


def test_a_look_that_hangs_later_is_told_and_not_begun_again(context_for, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "_trial", lambda _entry, _context: "")
    begun, end, count = threading.Event(), threading.Event(), []

    class Hanging:
        name = "odd"

        def scan(self) -> list[object]:
            count.append(1)
            begun.set()
            end.wait()
            return []

    seconds = itertools.count(0, 100)
    entry = EntryPoint("odd", "math:pi", "fieldkit.drivers")
    plugin = Plugin(entry, context_for(), lambda _entry, _context: Hanging(), lambda: next(seconds))
    for _ in range(2):
        (status,) = DeviceRegistry([plugin]).scan()
        assert (status.detail, status.params["reason"]) == ("device.driver_failed", "reason.no_answer")
        wait_until(begun.is_set)
    end.set()
    assert len(count) == 1
