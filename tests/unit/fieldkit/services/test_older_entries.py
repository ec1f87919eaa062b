from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.sops import SMALL

from fieldkit.domain.people import Kedudukan, Staff
from fieldkit.domain.sarpras import BLANKS, Consumable, Portion, SarprasKit
from fieldkit.domain.sop.profile import ClockStart, PauseReason, Sla, SlaKind
from fieldkit.domain.sop.run import Ending, SopRun, begin_run
from fieldkit.domain.sop.standing import SopGlance, glance_of
from fieldkit.domain.typed import DraftName
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


def test_what_was_typed_on_a_form_follows_its_name(kit: Kit) -> None:
    older, other = DraftName("blank_revoke", {"entry_id": "e1"}), DraftName("visit", {"target_id": "t1"})
    for name in (older, other):
        kit.context.drafts.keep(name, {"why": "salah"})
    settle(kit)
    found = {draft.name.text: draft.fields for draft in kit.context.drafts.mine()}
    assert found == {"blanks.revoke?entry_id=e1": {"why": "salah"}, other.text: {"why": "salah"}}


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


@pytest.mark.parametrize(
    ("people", "heads"),
    [
        ((Staff("s2", "Endang", jabatan="Kepala Dinas"), Staff("s3", "Retno", jabatan="KEPALA DINAS")), 1),
        (
            (
                Staff("s2", "Endang", jabatan="Kepala Dinas"),
                Staff("s3", "Retno", kedudukan=Kedudukan.KEPALA_DINAS),
            ),
            1,
        ),
        ((Staff("s2", "Endang", jabatan="Kepala Bidang"),), 0),
    ],
)
def test_a_dinas_gets_one_head_and_keeps_the_one_it_has(kit: Kit, people: tuple[Staff, ...], heads: int) -> None:
    with kit.store.write() as unit:
        unit.repository(Staff).save_all(people)
    settle(kit)
    settled = kit.context.office.staff.search()
    assert [each.kedudukan for each in settled].count(Kedudukan.KEPALA_DINAS) == heads
    assert None not in [each.kedudukan for each in settled]
    for person in people:
        assert person.kedudukan is None or person in settled


def test_the_runs_of_an_older_program_are_read_once(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.repository(Staff).save_all(STAFF)
    settle(kit)  # there was no run yet
    said = replace(DAYS, counted_from=ClockStart.PENUNGGALAN, paused_by=())
    first = begin_run(replace(SMALL, sla=(said, HOURS)), "a1", "u1", kit.clock.now())
    done = begin_run(replace(SMALL, sla=(said,)), "a2", "u1", kit.clock.now())
    later = begin_run(replace(SMALL, sla=(HOURS,)), "a3", "u1", kit.clock.now())

    def kept(run: SopRun) -> SopRun:
        with kit.store.read() as unit:
            return unit.repository(SopRun).get(run.thing_id)

    for runs in ((first, done), (later,)):
        with kit.store.write() as unit:
            unit.repository(SopRun).save_all(runs)
        settle(kit)
    assert kept(first).profile.sla[0] == said  # what has its fields stays
    assert kept(first).profile.sla[1].counted_from is ClockStart.PENUNGGALAN
    assert (kept(done), kept(later)) == (done, later)
    with kit.store.read() as unit:
        assert [event.kind for event in unit.events.of("a2")] == []


def test_runs_without_anything_to_read_are_read_once_too(kit: Kit) -> None:
    run = begin_run(SMALL, "a1", "u1", kit.clock.now())
    older = replace(run, profile=replace(SMALL, sla=(HOURS,)))
    for each in (run, older):
        with kit.store.write() as unit:
            unit.repository(SopRun).save(each)
            unit.repository(SopGlance).save(replace(glance_of(each), name="Jemput bola"))
        settle(kit)
    with kit.store.read() as unit:
        assert unit.repository(SopRun).get("a1") == older
        assert unit.repository(SopGlance).get("a1").name == "Jemput bola"  # nor are glances written twice


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


def test_blanks_among_the_consumables_go_into_their_ledger(kit: Kit) -> None:
    portions = (Portion("c1", 5), Portion("c2", 3))
    for _ in range(2):
        with kit.store.write() as unit:
            unit.repository(Consumable).save(Consumable("c1", "Blangko KTP-EL", "keping", 60))
            unit.repository(Consumable).save(Consumable("c2", "Tisu", "pak", 9))
            unit.repository(SarprasKit).save(SarprasKit("k1", "Kit 1", portions=portions))
            unit.repository(SarprasKit).save(SarprasKit("k2", "Kit 2", portions=portions[1:]))
        settle(kit)
        with kit.store.read() as unit:
            assert [each.name for each in unit.repository(Consumable).search()] == ["Tisu"]
            assert unit.repository(SarprasKit).get("k1").portions == (Portion(BLANKS, 5), portions[1])
            assert unit.repository(SarprasKit).get("k2").portions == portions[1:]
            noted = [event for event in unit.events.of("c1") if event.kind == "sarpras_blanks_in_ledger"]
    assert [json.loads(event.payload)["stock"] for event in noted] == [60, 60]
