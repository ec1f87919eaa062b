from __future__ import annotations

from pathlib import Path

from fieldkit.storage.reserve import RESERVE_BYTES, Reserve


def test_room_is_kept_given_up_once_and_kept_again(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "kit.reserve")
    assert not reserve.give_up()
    for _ in range(2):
        reserve.keep()
        reserve.keep()
        assert (tmp_path / "kit.reserve").stat().st_blocks * 512 >= RESERVE_BYTES
        assert reserve.give_up()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_keeps_nobody_out(tmp_path: Path) -> None:
    Reserve(tmp_path / "missing" / "kit.reserve").keep()
