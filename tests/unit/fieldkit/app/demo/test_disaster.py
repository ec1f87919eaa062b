from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, cast

import pytest
from support.clock import HandClock
from support.kits import Told, make_kit, sticks_of

from fieldkit.app.bootstrap.restore import demand_maker
from fieldkit.app.bootstrap.stick_backups import verify_backup
from fieldkit.app.demo import disaster as act
from fieldkit.app.demo.disaster import NO_SMALL_DISK, Act, Week, counted, disk_filled, perform
from fieldkit.app.demo.kit import KIT
from fieldkit.domain.errors import InputError, KnownError, VaultError
from fieldkit.media.place import Place

SEALED = {"a": "1", "b": "2", "c": "3"}


def test_everything_that_arrived_once_is_neither_lost_nor_doubled() -> None:
    assert counted("act", SEALED, dict(SEALED), {"a", "b"}) == Act("act", 0, 0, 2)


def test_a_missing_record_is_lost_and_not_mended() -> None:
    assert counted("act", SEALED, {"a": "1", "c": "3"}, {"b", "c"}) == Act("act", 1, 0, 1)


def test_a_person_with_two_records_is_doubled() -> None:
    assert counted("act", SEALED, {**SEALED, "d": "2"}, set()) == Act("act", 0, 1, 0)


def test_the_week_ends_as_its_last_act_left_it(tmp_path: Path) -> None:
    week = Week(tmp_path, [Act("first", 1, 0, 0), Act("last", 0, 0, 3)], dict(SEALED))
    told = week.as_json()
    assert (told["lost"], told["doubled"], told["sealed"]) == (0, 0, 3)
    assert told["acts"][0] == {"name": "first", "lost": 1, "doubled": 0, "mended": 0}


def test_an_unknown_act_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"demo\.unknown_act"):
        perform(tmp_path / "out", 1, "laptop_eaten", "id")
    assert not (tmp_path / "out").exists()


def test_without_a_small_disk_nobody_s_disk_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(KnownError, match=NO_SMALL_DISK.replace(".", r"\.")):
        disk_filled(cast(Any, None))  # before anybody of the team is asked


def test_each_place_that_is_written_leads_to_the_victim_and_a_touch_is_counted(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key").write_bytes(act._VICTIM)
    act._prepare(tmp_path / "stick", outside / "key", ["r-1"])
    assert act._touched(outside) == 0
    for number, name in enumerate((".r-1.receipt.new", "r-1.receipt", f"fieldkit/{KIT}/records/r-1.age.part")):
        assert (tmp_path / "stick" / name).is_symlink()
        (tmp_path / "stick" / name).write_bytes(str(number).encode())  # as the program did it
        assert act._touched(outside) == 1
    (tmp_path / "stick" / "out" / "new").write_bytes(b"")
    assert act._touched(outside) == 2


def test_the_forged_backup_is_whole_and_signed_by_nobody_that_is_known(tmp_path: Path) -> None:
    home = make_kit(tmp_path / "kit", KIT)
    (tmp_path / "stick").mkdir()
    made = sticks_of(home, HandClock(), kit=KIT).back_up(str(tmp_path / "stick"), (), Told(), Told())
    act._forge(tmp_path / "stick", Place(Path(made.folder)))
    read = verify_backup(Place(tmp_path / "stick") / "forged")
    assert "devices.toml" in {file.name for file in read.stated.files}
    with pytest.raises(VaultError):
        demand_maker(read, read.certificate)
