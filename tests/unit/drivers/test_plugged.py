from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from drivers.plugged import DeviceNodes, Plugged, Unheard, plugged

LONG_S = 60.0  # nobody waits for it
linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux'")


@pytest.fixture
def nodes(tmp_path: Path) -> DeviceNodes:
    (tmp_path / "bus" / "usb" / "001").mkdir(parents=True)
    (tmp_path / "input").mkdir()
    return DeviceNodes(tmp_path)


@linux
@pytest.mark.parametrize("place", ["video0", "bus/usb/001/004", "input/event3", "bus/usb/002"])
def test_what_comes_goes_or_changes_its_owner_is_heard(nodes: DeviceNodes, tmp_path: Path, place: str) -> None:
    assert not nodes.wait(0)
    (tmp_path / place).touch()
    assert nodes.wait(LONG_S)
    assert not nodes.wait(0), "what was heard is told once"
    (tmp_path / place).chmod(0o660)
    assert nodes.wait(LONG_S)
    (tmp_path / place).rename(tmp_path / "elsewhere")
    assert nodes.wait(LONG_S)
    (tmp_path / "elsewhere").unlink()
    assert nodes.wait(LONG_S)


@linux
def test_a_new_bus_is_followed_and_reading_a_node_is_no_change(nodes: DeviceNodes, tmp_path: Path) -> None:
    (tmp_path / "bus" / "usb" / "003").mkdir()
    assert nodes.wait(LONG_S)
    node = tmp_path / "bus" / "usb" / "003" / "002"
    node.touch()
    assert nodes.wait(LONG_S)
    node.read_bytes()
    node.write_bytes(b"what a driver asks of a device")
    assert not nodes.wait(0)


@pytest.mark.parametrize("kind", [pytest.param("nodes", marks=linux), "unheard"])
def test_a_wait_is_ended_from_another_thread(kind: str, request: pytest.FixtureRequest) -> None:
    waits: Plugged = request.getfixturevalue("nodes") if kind == "nodes" else Unheard()
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(waits.wait(LONG_S)))
    thread.start()
    waits.wake()
    thread.join(LONG_S)
    assert answers == [False]
    begun = time.monotonic()
    assert not waits.wait(LONG_S)
    assert time.monotonic() - begun < LONG_S, "every later one ends at once"


def test_a_system_that_watches_no_nodes_is_looked_at_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plugged().hears is (sys.platform == "linux")
    monkeypatch.setattr(sys, "platform", "win32")
    assert not plugged().hears
