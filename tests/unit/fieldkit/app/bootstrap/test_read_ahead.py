from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.standstill import wait_until

from drivers import registry
from drivers.registry import GROUP
from fieldkit.app.bootstrap import read_ahead
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.read_ahead import NEEDED, ReadAhead

WAITS = "import pathlib, time\nwhile not pathlib.Path(__file__).with_name('go').exists():\n    time.sleep(0.01)\n"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules can be imported, and no drivers."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "GROUP", "nobody.drivers")
    yield tmp_path
    for name in ("read_first", "read_broken", "read_slowly", "read_last"):
        sys.modules.pop(name, None)


def test_what_is_named_is_imported_and_what_cannot_be_is_left_to_who_needs_it(modules: Path) -> None:
    (modules / "read_first.py").write_text("")
    (modules / "read_broken.py").write_text("raise OSError")
    (modules / "read_last.py").write_text("")
    ahead = ReadAhead(("read_first", "read_broken", "read_nowhere", "read_last"))
    ahead.begin()
    wait_until(lambda: "read_last" in sys.modules)
    ahead.end()
    assert ("read_first" in sys.modules, "read_broken" in sys.modules) == (True, False)


def test_at_the_end_of_the_program_it_stops_after_the_module_that_it_reads(modules: Path) -> None:
    (modules / "read_slowly.py").write_text(WAITS)
    (modules / "read_last.py").write_text("")
    ahead = ReadAhead(("read_slowly", "read_last"))
    ahead.begin()
    wait_until(lambda: "read_slowly" in sys.modules)
    ahead._is_over.set()
    (modules / "go").touch()
    ahead.end()
    assert not ahead._thread.is_alive()
    assert "read_last" not in sys.modules


def test_drivers_of_this_project_are_read_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [EntryPoint("theirs", "theirs.pad:driver", GROUP), EntryPoint("ours", "drivers.zfm:driver", GROUP)]
    read: list[str] = []
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: found if group == GROUP else [])
    monkeypatch.setattr(read_ahead, "import_module", read.append)
    ahead = ReadAhead(())
    ahead.begin()
    wait_until(lambda: not ahead._thread.is_alive())
    assert read == ["drivers.zfm"]


def test_a_sign_in_waits_for_nothing_but_the_module_that_is_read(modules: Path) -> None:
    (modules / "read_slowly.py").write_text(WAITS)
    (modules / "read_last.py").write_text("")
    ahead = ReadAhead(("read_slowly", "read_last"))
    ahead.begin()
    wait_until(lambda: "read_slowly" in sys.modules)
    kit = LockedKit.__new__(LockedKit)
    signing_in = threading.Thread(target=lambda: suppressed(lambda: kit.unlock("nobody", "")))
    signing_in.start()
    wait_until(ahead._is_over.is_set)
    (modules / "go").touch()
    signing_in.join()
    assert "read_last" not in sys.modules


def suppressed(act: Callable[[], object]) -> None:
    """The kit of the test is none: only what it does first counts."""
    with suppress(AttributeError):
        act()


def test_one_that_never_began_is_ended() -> None:
    ReadAhead(()).end()


def test_all_that_is_named_is_there() -> None:
    assert [name for name in NEEDED if find_spec(name) is None] == []
