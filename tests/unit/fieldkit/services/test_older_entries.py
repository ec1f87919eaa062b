from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.sops import SMALL

from fieldkit.domain.people.staff import Kedudukan, Staff
from fieldkit.domain.sop.glance import SopGlance, glance_of
from fieldkit.domain.sop.profile import ClockStart, PauseReason, Sla, SlaKind
from fieldkit.domain.sop.run import Ending, SopRun, begin_run
from fieldkit.services.older_entries import settle_older_entries

DAYS = Sla("14 hari", SlaKind.WORKING_DAYS, 14, "berkas lengkap", pauses="gangguan teknis; di luar kewenangan dinas")
HOURS = Sla("24 jam", SlaKind.CALENDAR_MINUTES, 1440, "setelah penunggalan")
STAFF = (Staff("s1", "Rina", jabatan="Sekretaris Kepala Dinas"), Staff("s2", "Endang", jabatan="Kepala Dinas Dukcapil"))


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    yield kit
    kit.store.close()


def settle(kit: Kit) -> int:
    """Settle as at a sign-in and return how many rows of the log that took."""
    with kit.store.read() as unit:
        before = len(list(unit.events.all()))
    settle_older_entries(kit.store, kit.context.office.units)
    with kit.store.read() as unit:
        return len(list(unit.events.all())) - before


def test_a_kit_without_older_entries_writes_nothing(kit: Kit) -> None:
    assert settle(kit) == 0


def test_the_staff_is_read_once_and_what_somebody_says_later_stays(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.repository(Staff).save_all(STAFF)
    assert settle(kit) >= 2
    staff = kit.context.office.staff
    assert [p.kedudukan for p in staff.search()] == [Kedudukan.KEPALA_DINAS, Kedudukan.LAIN]  # Endang, Rina
    with kit.store.write() as unit:
        unit.repository(Staff).save(replace(STAFF[1], kedudukan=Kedudukan.LAIN))
    assert settle(kit) == 0
    assert {p.kedudukan for p in staff.search()} == {Kedudukan.LAIN}


def test_clocks_of_running_sops_get_their_fields(kit: Kit) -> None:
    run = begin_run(replace(SMALL, sla=(DAYS, HOURS)), "a1", "u1", kit.clock.now())
    with kit.store.write() as unit:
        unit.repository(SopRun).save(run)
    assert settle(kit) >= 1
    with kit.store.read() as unit:
        days, hours = unit.repository(SopRun).get("a1").profile.sla
    assert (days.counted_from, days.paused_by) == (ClockStart.FILE_AND_RECORDING, tuple(PauseReason))
    assert (hours.counted_from, hours.paused_by) == (ClockStart.PENUNGGALAN, ())
    assert settle(kit) == 0


def test_glances_of_older_programs_get_the_times_of_steps(kit: Kit) -> None:
    now = kit.clock.now()
    run = begin_run(SMALL, "a1", "u1", now).start(1, "u1", now).complete(1, Ending(now, "u1"))
    with kit.store.write() as unit:
        unit.repository(SopRun).save(run)
        unit.repository(SopGlance).save(replace(glance_of(run), times=()))
        unit.settings.put("older.endings_read", True)  # as the program left it that did not know times
    settle(kit)
    with kit.store.read() as unit:
        assert unit.repository(SopGlance).get("a1").times == run.times != ()
