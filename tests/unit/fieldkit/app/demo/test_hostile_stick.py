from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import HandClock
from support.kits import Told, make_kit, sticks_of

from fieldkit.app.bootstrap.backup_check import demand_maker
from fieldkit.app.bootstrap.backup_folder import verify_backup
from fieldkit.app.demo import hostile_stick as act
from fieldkit.app.demo.kit import KIT
from fieldkit.domain.errors import VaultError
from fieldkit.media.place import Place


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
