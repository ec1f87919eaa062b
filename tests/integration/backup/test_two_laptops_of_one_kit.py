"""A backup goes onto another laptop while the first goes on: at the data center nothing is lost and nothing twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.homes import CLOCK, Nobody, Office, opened, record
from support.homes import office as office
from support.kept import biodata
from support.kits import Told, newest_backup
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.rescue import rescue
from fieldkit.app.bootstrap.restore import restore
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.services.context.app_context import AppContext
from sync.gateway import provision
from sync.gateway.tables import records

NAMES = ("SITI AMINAH", "BUDI", "TINI", "WAGIMAN")
NIKS = ("3275010101900001", "3275010101900002", "3275010101900003", "3275010101900004")


def person(gateway_context: int) -> Biodata:
    return biodata(NAMES[gateway_context - 1], NIKS[gateway_context - 1])


def seal(context: AppContext, number: int) -> str:
    return record(context, person(number), number).record.record_id


def send(context: AppContext) -> None:
    report = context.delivery.send(Nobody(), Nobody())
    assert (report.stopped_by, report.quarantined, report.lost) == (None, (), ())


def at_center(office: Office, kit: str) -> Counter[str]:
    """Count what the data center holds of a kit, with a receipt, by record id."""
    gateway_context = provision.open_gateway(office.folder, CLOCK)
    wanted = sa.select(records.c.record_id).where(records.c.kit == kit, records.c.receipt.is_not(None))
    with gateway_context.engine.connect() as connection:
        found = Counter(connection.scalars(wanted))
    gateway_context.engine.dispose()
    return found


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.mark.days
def test_the_old_laptop_goes_on_and_the_new_one_too(office: Office, tmp_path: Path, stick: Path) -> None:
    old, new = office.kit(tmp_path / "old", PETUGAS), Home(tmp_path / "new")
    with opened(old) as context:
        kit = context.kit_id
        one = seal(context, 1)
        context.backups.make(str(stick), Told(), Told())
        two, three = seal(context, 2), seal(context, 3)
    restore(*newest_backup(stick, new))
    with opened(old) as context:
        send(context)
    with opened(new) as context:
        assert [problem.code for problem in context.to_tell] == ["backup.restored"]
        four = seal(context, 4)
        send(context)
        assert context.delivery.queue().unsent == 0
        assert context.audit.verify()[1] is None
    assert at_center(office, kit) == {one: 1, two: 1, three: 1, four: 1}
    with opened(old) as context:
        send(context)
        assert (context.to_tell, context.delivery.queue().unsent) == ([], 0)


@pytest.mark.days
def test_an_older_copy_on_the_same_laptop_adopts_what_it_does_not_know(
    office: Office, tmp_path: Path, stick: Path
) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        kit, one = context.kit_id, seal(context, 1)
        context.backups.make(str(stick), Told(), Told())
        send(context)
        two, three = seal(context, 2), seal(context, 3)
    restore(*newest_backup(stick, home))
    with opened(home) as context:
        assert context.to_tell[0].code == "backup.restored"
        assert {entry.record.record_id for entry in context.delivery.queue().entries} == {one, two, three}
        four = seal(context, 4)
        send(context)
        assert context.delivery.queue().unsent == 0
    assert at_center(office, kit) == {one: 1, two: 1, three: 1, four: 1}


@pytest.mark.days
def test_a_rescue_after_a_backup_brings_the_rest(office: Office, tmp_path: Path, stick: Path) -> None:
    old, new = office.kit(tmp_path / "old", PETUGAS), Home(tmp_path / "new")
    with opened(old) as context:
        kit, one = context.kit_id, seal(context, 1)
        context.backups.make(str(stick), Told(), Told())
        two = seal(context, 2)
    for slots in old.path.glob("keyslots*.json"):
        slots.unlink()
    old.database.write_bytes(b"dead")
    rescued = rescue(old, stick, CLOCK)
    assert set(rescued.whole) == {one, two}
    restore(*newest_backup(stick, new))
    for file in rescued.folder.path.glob(f"{two}.*"):
        (new.sealed / file.name).write_bytes(file.read_bytes())
    with opened(new) as context:
        send(context)
    assert at_center(office, kit) == {one: 1, two: 1}
