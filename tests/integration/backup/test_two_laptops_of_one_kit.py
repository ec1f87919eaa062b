"""A backup goes onto another laptop while the first goes on: at the data center nothing is lost and nothing twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.homes import CLOCK, Nobody, Office, opened, record
from support.homes import office as office
from support.kept import biodata
from support.kits import Told
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.rescue import rescue
from fieldkit.app.bootstrap.restore import restore
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.services.context.desk import Desk
from sync.gateway import provision
from sync.gateway.tables import records

NAMES = ("SITI AMINAH", "BUDI", "TINI", "WAGIMAN")
NIKS = ("3275010101900001", "3275010101900002", "3275010101900003", "3275010101900004")


def person(house: int) -> Biodata:
    return biodata(NAMES[house - 1], NIKS[house - 1])


def seal(desk: Desk, house: int) -> str:
    return record(desk, person(house), house).record.record_id


def send(desk: Desk) -> None:
    report = desk.delivery.send(Nobody(), Nobody())
    assert (report.stopped_by, report.quarantined, report.lost) == (None, (), ())


def at_center(office: Office, kit: str) -> Counter[str]:
    """Count what the data center holds of a kit, with a receipt, by record id."""
    house = provision.open_house(office.folder, CLOCK)
    wanted = sa.select(records.c.record_id).where(records.c.kit == kit, records.c.receipt.is_not(None))
    with house.engine.connect() as connection:
        found = Counter(connection.scalars(wanted))
    house.engine.dispose()
    return found


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


def test_the_old_laptop_goes_on_and_the_new_one_too(office: Office, tmp_path: Path, stick: Path) -> None:
    old, new = office.kit(tmp_path / "old", PETUGAS), Home(tmp_path / "new")
    with opened(old) as desk:
        kit = desk.kit_id
        one = seal(desk, 1)
        made = desk.backups.make(str(stick), Told(), Told())
        two, three = seal(desk, 2), seal(desk, 3)
    restore(Path(made.folder), new, CLOCK)
    with opened(old) as desk:
        send(desk)
    with opened(new) as desk:
        assert [problem.code for problem in desk.to_tell] == ["backup.restored"]
        four = seal(desk, 4)
        send(desk)
        assert desk.delivery.queue().unsent == 0
        assert desk.audit.verify()[1] is None
    assert at_center(office, kit) == {one: 1, two: 1, three: 1, four: 1}
    with opened(old) as desk:
        send(desk)
        assert (desk.to_tell, desk.delivery.queue().unsent) == ([], 0)


def test_an_older_copy_on_the_same_laptop_adopts_what_it_does_not_know(
    office: Office, tmp_path: Path, stick: Path
) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as desk:
        kit, one = desk.kit_id, seal(desk, 1)
        made = desk.backups.make(str(stick), Told(), Told())
        send(desk)
        two, three = seal(desk, 2), seal(desk, 3)
    restore(Path(made.folder), home, CLOCK)
    with opened(home) as desk:
        assert desk.to_tell[0].code == "backup.restored"
        assert {entry.record.record_id for entry in desk.delivery.queue().entries} == {one, two, three}
        four = seal(desk, 4)
        send(desk)
        assert desk.delivery.queue().unsent == 0
    assert at_center(office, kit) == {one: 1, two: 1, three: 1, four: 1}


def test_a_rescue_after_a_backup_brings_the_rest(office: Office, tmp_path: Path, stick: Path) -> None:
    old, new = office.kit(tmp_path / "old", PETUGAS), Home(tmp_path / "new")
    with opened(old) as desk:
        kit, one = desk.kit_id, seal(desk, 1)
        made = desk.backups.make(str(stick), Told(), Told())
        two = seal(desk, 2)
    for slots in old.path.glob("keyslots*.json"):
        slots.unlink()
    old.database.write_bytes(b"dead")
    rescued = rescue(old, stick, CLOCK)
    assert set(rescued.whole) == {one, two}
    restore(Path(made.folder), new, CLOCK)
    for file in rescued.folder.glob(f"{two}.*"):
        (new.sealed / file.name).write_bytes(file.read_bytes())
    with opened(new) as desk:
        send(desk)
    assert at_center(office, kit) == {one: 1, two: 1}
