from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.app_context import PETUGAS, TARGETS, Kit
from support.plans import ADMIN, KASI
from support.sops import small_run

from fieldkit.domain.cards.card import CardCase, Document, Printed
from fieldkit.domain.cards.printing import Awaited, ClockReading, ClockState
from fieldkit.domain.delivery import CentralCode, CentralStatus
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.planning.schedule import CutiBersama
from fieldkit.domain.sop.profile import ClockStart, PauseReason, Sla, SlaKind
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.targets.requests import Applicant, SuratPermohonan
from fieldkit.services.statuses import RunClocks, _milestones

TEKNIS = PauseReason.GANGGUAN_TEKNIS
BLITAR = Sla(
    "14 hari kerja",
    SlaKind.WORKING_DAYS,
    14,
    counted_from=ClockStart.FILE_AND_RECORDING,
    paused_by=tuple(PauseReason),
)
GROBOGAN = Sla("1 x 24 jam", SlaKind.CALENDAR_MINUTES, 1440, step=8, counted_from=ClockStart.PENUNGGALAN)
NOW = timedelta()
_LISTED = re.compile(r"\(\?(, \?)+\)")  # ids, however many
MISINEM, DIMAS = TARGETS[0], TARGETS[2]


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    kit.plan(*TARGETS)
    with kit.store.write() as unit:
        run = small_run()
        unit.repository(SopRun).save(replace(run, profile=replace(run.profile, sla=(BLITAR, GROBOGAN))))
    yield kit
    kit.store.close()


@pytest.fixture
def clocks(kit: Kit) -> RunClocks:
    return kit.context.office.clocks


def read(clocks: RunClocks, record_id: str) -> tuple[ClockReading, ClockReading]:
    days, hours = clocks.of_record(record_id).readings
    return days, hours


def due_day(reading: ClockReading) -> date:
    assert reading.due_at is not None
    return (reading.due_at + timedelta(hours=7)).date()


def test_fourteen_working_days_from_the_seal_on_a_saturday(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    days, hours = read(clocks, record)
    assert (days.state, due_day(days)) == (ClockState.RUNNING, date(2026, 12, 10))
    assert (hours.state, hours.awaits) == (ClockState.NOT_STARTED, Awaited.PENUNGGALAN)
    assert days.rule.words == "14 hari kerja"


VECTORS = [
    ("2026-11-23", "2026-12-11", "2026-12-11"),
    ("2026-12-14", "2027-01-07", "2027-01-06"),
    ("2026-12-18", "2027-01-13", "2027-01-12"),
    ("2026-03-02", "2026-03-27", "2026-03-23"),
    ("2026-05-04", "2026-05-26", "2026-05-25"),
    ("2026-08-10", "2026-09-01", "2026-09-01"),
    ("2026-11-21", "2026-12-10", "2026-12-10"),
]


@pytest.mark.parametrize(("sealed", "off", "working"), VECTORS)
def test_the_vectors_of_working_days_from_a_real_record(
    kit: Kit, clocks: RunClocks, sealed: str, off: str, working: str
) -> None:
    kit.clock.at = datetime.fromisoformat(f"{sealed}T03:00:00+00:00")
    record = kit.seal(1, MISINEM, NOW)
    assert due_day(read(clocks, record)[0]) == date.fromisoformat(off)
    kit.context.office.units.user = ADMIN
    kit.context.office.calendar.choose(CutiBersama.WORKING_DAY)
    assert due_day(read(clocks, record)[0]) == date.fromisoformat(working)


def test_a_fault_that_is_over_is_noted_afterwards(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    monday = datetime(2026, 11, 23, 1, tzinfo=UTC)  # 08.00 in Blitar
    with pytest.raises(InputError, match=r"clock\.future"):
        clocks.pause(TEKNIS, "Listrik padam", "a1", began_at=monday)
    kit.clock.at = datetime(2026, 11, 25, 3, tzinfo=UTC)
    with pytest.raises(InputError, match=r"clock\.order"):
        clocks.pause(TEKNIS, "Listrik padam", "a1", began_at=monday, ended_at=monday)
    clocks.pause(TEKNIS, "Listrik padam", "a1", began_at=monday, ended_at=monday + timedelta(hours=8))
    days, _ = read(clocks, record)
    assert (days.state, due_day(days)) == (ClockState.RUNNING, date(2026, 12, 11))
    assert [(moved.amount, moved.pause.note) for moved in days.moved] == [(1, "Listrik padam")]


def test_both_days_of_a_target_are_noted_and_corrected(kit: Kit, clocks: RunClocks) -> None:
    today = kit.clock.today()
    assert clocks.facts("t3").married_on is None
    clocks.note_facts("t3", today, today)
    assert (clocks.facts("t3").file_complete_on, clocks.facts("t3").married_on) == (today, today)
    clocks.note_facts("t3", today, None)
    assert clocks.facts("t3").married_on is None
    with pytest.raises(InputError, match=r"clock\.future"):
        clocks.note_facts("t3", None, today + timedelta(days=1))


def test_a_request_that_came_before_changes_nothing_and_a_late_file_does(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    asked = SuratPermohonan(
        "r1", "a1", Applicant.PEMERINTAH_DESA, "Desa", "1", date(2026, 11, 2), date(2026, 11, 3), "x", "", "", "", 7, ""
    )
    with kit.store.write() as unit:
        unit.repository(SuratPermohonan).save(asked)
    assert due_day(read(clocks, record)[0]) == date(2026, 12, 10)
    kit.clock.advance(days=10)
    clocks.note_facts("t1", date(2026, 11, 30), None)
    assert due_day(read(clocks, record)[0]) == date(2026, 12, 18)


def test_twenty_four_hours_from_penunggalan_to_the_print(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    kit.apply(record, "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRR")
    _, hours = read(clocks, record)
    assert hours.due_at == kit.clock.now() + timedelta(hours=26)
    kit.clock.advance(hours=27)
    assert read(clocks, record)[1].state is ClockState.MISSED
    kit.apply(record, "CARD_PRINTED")
    days, hours = read(clocks, record)
    assert (days.state, hours.state, hours.ended_at) == (ClockState.KEPT, ClockState.MISSED, kit.clock.now())


def test_a_deleted_record_begins_anew(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    kit.apply(record, "PRINT_READY_RECORD", "UNREGISTERED")
    assert read(clocks, record)[1].awaits is Awaited.PENUNGGALAN


def test_sixteen_waits_for_the_birthday_and_a_marriage_opens_the_gate(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, DIMAS, NOW)
    kit.apply(record, "PRINT_READY_RECORD")
    days, hours = read(clocks, record)
    assert {days.awaits, hours.awaits} == {Awaited.AGE}
    assert hours.starts_at == datetime(2027, 3, 11, 17, tzinfo=UTC)
    assert days.unpublished_years == ()
    kit.clock.advance(days=20)
    clocks.note_facts("t3", None, date(2026, 12, 1))
    days, hours = read(clocks, record)
    assert hours.due_at == datetime(2026, 12, 1, 17, tzinfo=UTC)
    assert due_day(days) == date(2026, 12, 21)


def test_a_technical_fault_moves_the_due_day_and_says_why(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    kit.clock.at = datetime(2026, 11, 25, 1, tzinfo=UTC)
    pause = clocks.pause(TEKNIS, " Server pusat tidak dapat dihubungi ", "a1")
    kit.clock.advance(days=1)
    assert read(clocks, record)[0].state is ClockState.PAUSED
    kit.clock.advance(days=1, hours=8)
    clocks.resume(pause.thing_id)
    days, _ = read(clocks, record)
    assert (days.state, due_day(days)) == (ClockState.RUNNING, date(2026, 12, 15))
    assert [(moved.amount, moved.pause.note) for moved in days.moved] == [(3, "Server pusat tidak dapat dihubungi")]
    with kit.store.read() as unit:
        kinds = [event.kind for event in unit.events.of(pause.thing_id)]
    assert kinds == ["clock_paused", "clock_resumed"]


def test_a_pause_of_one_record_leaves_the_others_running(kit: Kit, clocks: RunClocks) -> None:
    one, other = kit.seal(1, MISINEM, NOW), kit.seal(2, TARGETS[1], NOW)
    clocks.pause(PauseReason.DI_LUAR_KEWENANGAN, "Menunggu adjudikasi pusat", "a1", one)
    assert read(clocks, one)[0].state is ClockState.PAUSED
    assert read(clocks, other)[0].state is ClockState.RUNNING
    assert [pause.note for pause in clocks.pauses()] == ["Menunggu adjudikasi pusat"]
    held = {(line.record.record_id, line.pause.note if line.pause else "") for line in clocks.lines("a1")}
    assert held == {(one, "Menunggu adjudikasi pusat"), (other, "")}
    assert len(clocks.lines()) == 4


def test_a_pause_needs_a_note_ends_once_and_is_the_office_s_act(kit: Kit, clocks: RunClocks) -> None:
    with pytest.raises(InputError):
        clocks.pause(TEKNIS, " ")
    pause = clocks.pause(TEKNIS, "Listrik padam")
    assert clocks.resume(pause.thing_id).ended_at == kit.clock.now()
    with pytest.raises(RuleError) as refused:
        clocks.resume(pause.thing_id)
    assert refused.value.code == "clock.runs"
    kit.context.office.units.user = PETUGAS
    with pytest.raises(RuleError):
        clocks.pause(TEKNIS, "Listrik padam")
    kit.context.office.units.user = ADMIN
    with pytest.raises(InputError):
        clocks.note_facts("t1", date(2027, 1, 1), None)


def test_an_activity_without_a_promise_has_no_clock(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    with kit.store.write() as unit:
        unit.repository(SopRun).remove("a1")
    assert clocks.of_record(record).readings == ()


def test_what_is_due_first_stands_first_and_what_is_printed_last(kit: Kit, clocks: RunClocks) -> None:
    late, early, printed = (kit.seal(n, TARGETS[n], timedelta(days=age)) for n, age in ((1, 0), (4, 9), (5, 20)))
    kit.apply(printed, "PRINT_READY_RECORD", "CARD_PRINTED")
    assert [card.record.record_id for card in clocks.all()] == [early, late, printed]
    assert [card.record.record_id for card in clocks.all("a1")] == [early, late, printed]
    assert clocks.all("a2") == []


@pytest.mark.days
def test_three_hundred_clocks_are_asked_of_the_store_as_ten_are(kit: Kit, clocks: RunClocks) -> None:
    """How long a list of ten thousand takes to open is measured in the benchmarks."""
    asked: list[str] = []

    def ask(wanted: int) -> list[str]:
        asked.clear()
        assert len(clocks.all()) == wanted
        return [*asked]

    sa.event.listen(
        kit.store._reader, "before_cursor_execute", lambda *given: asked.append(_LISTED.sub("(?)", given[2]))
    )
    clocks.pause(TEKNIS, "Listrik padam")
    for number in range(1, 11):
        kit.seal(number, MISINEM, timedelta(hours=number))
    of_ten = ask(10)
    for number in range(11, 301):
        kit.seal(number, MISINEM, timedelta(hours=number))
    assert ask(300) == of_ten
    assert len(of_ten) > 3


C = CentralCode


@pytest.mark.parametrize(
    ("codes", "unique", "printed"),
    [
        ((), None, None),
        ((C.SENT_FOR_ENROLLMENT, C.PRINT_READY_RECORD), 1, None),
        ((C.PRINT_READY_RECORD, C.PRINT_READY_RECORD), 0, None),
        ((C.PRINT_READY_RECORD, C.CARD_PRINTED, C.CARD_SHIPPED), 0, 1),
        ((C.PRINT_READY_RECORD, C.CARD_PRINTED, C.ENROLL_FAILURE_AT_CENTRAL), None, None),
        ((C.PRINT_READY_RECORD, C.ENROLL_FAILURE_AT_CENTRAL, C.PRINT_READY_RECORD, C.CARD_ISSUED), 2, 3),
    ],
)
def test_the_first_status_of_a_sort_counts_until_a_failure(
    codes: tuple[CentralCode, ...], unique: int | None, printed: int | None
) -> None:
    """A status that is told again does not begin the promise of 24 hours anew."""
    at = datetime(2026, 11, 21, 3, tzinfo=UTC)
    told = [CentralStatus(code.value, "uji coba", at + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    wanted = tuple(None if hour is None else at + timedelta(hours=hour) for hour in (unique, printed))
    assert _milestones(told) == wanted


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("began", "ended", "code"),
    [
        (None, None, ""),
        (0 * HOUR, None, ""),
        (-2 * HOUR, 0 * HOUR, ""),
        (-2 * HOUR, -1 * HOUR, ""),
        (-2 * HOUR, -2 * HOUR, r"clock\.order"),
        (-1 * HOUR, -2 * HOUR, r"clock\.order"),
        (1 * HOUR, None, r"clock\.future"),
        (-1 * HOUR, 1 * HOUR, r"clock\.future"),
    ],
)
def test_a_pause_lies_behind_us_and_in_order(
    kit: Kit, clocks: RunClocks, began: timedelta | None, ended: timedelta | None, code: str
) -> None:
    now = kit.clock.now()
    times = {
        "began_at": now + began if began is not None else None,
        "ended_at": now + ended if ended is not None else None,
    }
    if code:
        with pytest.raises(InputError, match=code):
            clocks.pause(TEKNIS, "Listrik padam", **times)
    else:
        assert clocks.pause(TEKNIS, "Listrik padam", **times).began_at == (times["began_at"] or now)


def test_a_pause_that_is_over_holds_no_line(kit: Kit, clocks: RunClocks) -> None:
    kit.seal(1, MISINEM, NOW)
    over = clocks.pause(TEKNIS, "Listrik padam")
    kit.clock.advance(hours=1)
    clocks.resume(over.thing_id)
    clocks.pause(TEKNIS, "Kegiatan lain", "a2")
    assert [line.pause for line in clocks.lines()] == [None, None]


def test_the_first_print_that_anybody_tells_ends_the_clock(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    kit.apply(record, "PRINT_READY_RECORD")
    kit.clock.advance(hours=2)
    noted = kit.clock.now()
    prints = (Printed(noted, "u1", "B1"),)
    card = CardCase(record, "a1", Document.KTP_EL, "R", "SITI", "3505", "Jimbe", prints, record_id=record)
    with kit.store.write() as unit:
        unit.repository(CardCase).save(card)
    assert read(clocks, record)[1].ended_at == noted
    kit.clock.advance(hours=2)
    kit.apply(record, "CARD_PRINTED")
    assert read(clocks, record)[1].ended_at == noted


def test_a_marriage_moves_no_clock_of_somebody_who_waits_for_no_birthday(kit: Kit, clocks: RunClocks) -> None:
    record = kit.seal(1, MISINEM, NOW)
    before = read(clocks, record)
    kit.clock.advance(days=5)
    clocks.note_facts("t1", None, kit.clock.today())
    assert [each.starts_at for each in read(clocks, record)] == [each.starts_at for each in before]
