from __future__ import annotations

import os
from pathlib import Path

import pytest
import serial

from drivers.simulators.pty_link import PtyLink


def test_what_is_said_at_one_end_is_heard_at_the_other(tmp_path: Path) -> None:
    link = PtyLink(tmp_path / "tty")
    with serial.Serial(str(link.path), timeout=120) as line:
        os.write(link.master, b"\x00\n\xff")
        assert line.read(3) == b"\x00\n\xff"  # raw: nothing is made of line ends
    link.close()


def test_it_vanishes_and_comes_back_under_its_name(tmp_path: Path) -> None:
    first = PtyLink(tmp_path / "tty")
    first.close()
    first.close()
    assert not os.path.lexists(first.path)
    second, third = PtyLink(tmp_path / "tty"), PtyLink(tmp_path / "tty")
    assert third.path.readlink() == Path(os.ttyname(third.slave))
    second.close()
    third.close()


@pytest.mark.parametrize("is_blocking", [True, False])
def test_the_device_waits_only_where_it_wants_to(tmp_path: Path, is_blocking: bool) -> None:
    link = PtyLink(tmp_path / "tty", is_blocking=is_blocking)
    assert os.get_blocking(link.master) is is_blocking
    link.close()
