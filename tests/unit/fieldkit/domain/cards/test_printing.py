from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import NOW

from fieldkit.domain.cards.printing import (
    BLITAR,
    GROBOGAN,
    MOST_SHOWN,
    NO_BOARD,
    Awaited,
    ClockFacts,
    ClockReading,
    ClockRule,
    ClockState,
    Pause,
    QueueBoard,
    QueueTicket,
    TicketState,
    board_of,
    card_from,
    clock_rules,
    in_order,
    minutes_each,
    read_clock,
)
from fieldkit.domain.errors import RuleError
from fieldkit.domain.nik import MaritalStatus
from fieldkit.domain.planning.schedule import CalendarChoice, CutiBersama, WorkCalendar
from fieldkit.domain.sop.profile import ClockStart, PauseReason, Sla, SlaKind
from fieldkit.formats.national_holidays import IndonesianHolidays

S = TicketState


def ticket(number: int, place: int = 0) -> QueueTicket:
    return QueueTicket(f"t{number}", "a1", date(2026, 11, 21), number, place or number, f"ORANG {number}", NOW, "u1")


def test_a_number_is_called_and_ended_and_may_be_called_again() -> None:
    called = ticket(1).called(NOW).called(NOW + timedelta(minutes=1))
    assert (called.state, called.calls) == (S.CALLED, 2)
    absent = called.ended(S.ABSENT, NOW + timedelta(minutes=2))
    assert absent.called(NOW).state is S.CALLED
    served = called.ended(S.SERVED, NOW + timedelta(minutes=5))
    for act in (lambda: served.ended(S.ABSENT, NOW), lambda: served.at_the_end(9)):
        with pytest.raises(RuleError, match=r"queue\.over"):
            act()
    assert served.called(NOW).ended_at is None


@pytest.mark.parametrize(
    ("state", "is_open"), [(S.WAITING, True), (S.CALLED, True), (S.SERVED, False), (S.ABSENT, False)]
)
def test_number_is_open_while_its_person_waits_or_stands_at_the_desk(state: TicketState, is_open: bool) -> None:
    assert replace(ticket(1), state=state).is_open is is_open


def test_a_person_takes_from_the_call_to_the_end_whoever_was_served() -> None:
    called, later = ticket(1).called(NOW), NOW + timedelta(minutes=4)
    served = called.ended(S.SERVED, later)
    others = [
        called,
        ticket(2),
        called.ended(S.ABSENT, NOW),
        ticket(3).ended(S.SERVED, later),  # without a call
        replace(served, ended_at=None),
    ]
    assert minutes_each([served, *others]) == 4
    assert minutes_each(others) == minutes_each([]) == 0


def test_who_is_at_the_desk_stands_first_then_who_waits_by_place() -> None:
    first, second, third = ticket(1), ticket(2).called(NOW), ticket(3)
    served = ticket(4).ended(S.SERVED, NOW)
    late = first.at_the_end(5)
    assert [each.number for each in in_order([served, late, second, third])] == [2, 3, 1, 4]
    assert (late.state, late.called_at) == (S.WAITING, None)


def test_the_board_shows_numbers_only_the_last_called_and_the_next_five() -> None:
    waiting = [ticket(number) for number in range(3, 10)]
    desk = [ticket(1).called(NOW), ticket(2).called(NOW + timedelta(minutes=1)), replace(ticket(10), state=S.CALLED)]
    gone = ticket(11).called(NOW + timedelta(minutes=2)).ended(S.SERVED, NOW + timedelta(minutes=3))
    board = board_of([*waiting, *desk, gone])
    assert board == QueueBoard(2, 1, (3, 4, 5, 6, 7), 7)
    assert len(board.following) == MOST_SHOWN
    assert not {"name", "masked_nik"} & set(QueueBoard.__slots__)
    assert board_of([]) == NO_BOARD


def test_a_number_is_found_by_itself_and_by_the_name() -> None:
    assert ticket(12).words == "12 ORANG 12"


def test_a_number_is_about_a_document_or_the_record_of_one() -> None:
    about = [("c1", "r1"), ("c1", ""), ("", "r1"), ("", "")]
    keys = [replace(ticket(1), card_id=card, record_id=record).key for card, record in about]
    assert keys == ["c1", "c1", "r1", ""]


WIB = timezone(timedelta(hours=7))
YEARS = {year: IndonesianHolidays().year(year) for year in range(2025, 2031)}
CALENDAR = WorkCalendar(YEARS)
TEKNIS, LUAR = PauseReason.GANGGUAN_TEKNIS, PauseReason.DI_LUAR_KEWENANGAN


def at(day: str, clock: str = "09:00") -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), WIB).astimezone(UTC)


def blitar(
    *pauses: Pause, start: str = "2026-11-23", now: str = "2026-11-24", calendar: WorkCalendar = CALENDAR
) -> ClockReading:
    facts = ClockFacts(at(start), date.fromisoformat(start), pauses=pauses)
    return read_clock(BLITAR, facts, calendar, at(now), WIB)


def due_day(reading: ClockReading) -> date:
    assert reading.due_at is not None
    return reading.due_at.astimezone(WIB).date()


VECTORS = [
    ("2026-11-23", "2026-12-11", "2026-12-11"),
    ("2026-12-14", "2027-01-07", "2027-01-06"),
    ("2026-12-18", "2027-01-13", "2027-01-12"),
    ("2026-03-02", "2026-03-27", "2026-03-23"),
    ("2026-05-04", "2026-05-26", "2026-05-25"),
    ("2026-08-10", "2026-09-01", "2026-09-01"),
    ("2026-11-21", "2026-12-10", "2026-12-10"),
]


@pytest.mark.parametrize(("start", "off", "working"), VECTORS)
def test_fourteen_working_days_with_cuti_bersama_off_or_worked(start: str, off: str, working: str) -> None:
    assert due_day(blitar(start=start)) == date.fromisoformat(off)
    as_working = WorkCalendar(YEARS, choice=CalendarChoice(cuti_bersama=CutiBersama.WORKING_DAY))
    assert due_day(blitar(start=start, calendar=as_working)) == date.fromisoformat(working)


def test_the_later_of_file_and_recording_starts_the_clock() -> None:
    late_file = ClockFacts(at("2026-11-20"), date(2026, 11, 23))
    late_recording = ClockFacts(at("2026-11-23", "23:30"), date(2026, 11, 2))
    for facts in (late_file, late_recording):
        assert due_day(read_clock(BLITAR, facts, CALENDAR, at("2026-11-24"), WIB)) == date(2026, 12, 11)


def test_the_due_day_may_be_used_to_its_end() -> None:
    facts = ClockFacts(at("2026-11-23"), date(2026, 11, 23))
    for moment, state in (("2026-12-11", ClockState.RUNNING), ("2026-12-12", ClockState.MISSED)):
        assert read_clock(BLITAR, facts, CALENDAR, at(moment), WIB).state is state
        printed = replace(facts, printed_at=at(moment, "20:00"))
        expected = ClockState.KEPT if state is ClockState.RUNNING else ClockState.MISSED
        assert read_clock(BLITAR, printed, CALENDAR, at("2027-02-01"), WIB).state is expected


def test_what_is_missing_keeps_a_clock_from_starting() -> None:
    now = at("2026-11-24")
    for rule, facts, awaits in (
        (BLITAR, ClockFacts(), Awaited.RECORDING),
        (BLITAR, ClockFacts(recorded_at=now), Awaited.COMPLETE_FILE),
        (GROBOGAN, ClockFacts(now, now.date()), Awaited.PENUNGGALAN),
    ):
        assert read_clock(rule, facts, CALENDAR, now, WIB) == ClockReading(rule, ClockState.NOT_STARTED, awaits=awaits)


def test_grobogan_counts_clock_hours_over_nights_and_holidays() -> None:
    facts = ClockFacts(unique_at=at("2026-12-24", "15:20"))
    reading = read_clock(GROBOGAN, facts, CALENDAR, at("2026-12-25"), WIB)
    assert (reading.state, reading.due_at) == (ClockState.RUNNING, at("2026-12-25", "15:20"))
    states = [read_clock(GROBOGAN, facts, CALENDAR, at("2026-12-25", f"15:2{m}"), WIB).state for m in (0, 1)]
    assert states == [ClockState.RUNNING, ClockState.MISSED]
    kept = read_clock(GROBOGAN, replace(facts, printed_at=at("2026-12-25", "15:20")), CALENDAR, at("2027-01-01"), WIB)
    assert kept.state is ClockState.KEPT


def test_grobogan_names_no_pause_so_none_counts() -> None:
    pause = Pause(TEKNIS, at("2026-12-24", "16:00"), at("2026-12-24", "20:00"))
    facts = ClockFacts(unique_at=at("2026-12-24", "15:20"), pauses=(pause,))
    reading = read_clock(GROBOGAN, facts, CALENDAR, at("2026-12-24", "17:00"), WIB)
    assert (reading.state, reading.due_at, reading.moved) == (ClockState.RUNNING, at("2026-12-25", "15:20"), ())


def test_a_dinas_may_let_the_hours_pause() -> None:
    rule = replace(GROBOGAN, pauses=frozenset({TEKNIS}))
    pauses = (
        Pause(TEKNIS, at("2026-12-24", "15:00"), at("2026-12-24", "15:20")),  # ended as the clock began
        Pause(TEKNIS, at("2026-12-24", "16:00"), at("2026-12-24", "20:00"), "Jaringan putus"),
        Pause(TEKNIS, at("2026-12-24", "18:00"), at("2026-12-24", "20:30")),  # overlaps: only 30 minutes more
        Pause(LUAR, at("2026-12-24", "21:00"), at("2026-12-25", "21:00")),
        Pause(TEKNIS, at("2026-12-25", "19:50"), at("2026-12-25", "21:00")),  # began as the time was up
    )
    facts = ClockFacts(unique_at=at("2026-12-24", "15:20"), pauses=pauses)
    reading = read_clock(rule, facts, CALENDAR, at("2026-12-26"), WIB)
    assert reading.due_at == at("2026-12-25", "19:50")
    assert [(moved.amount, moved.pause.note) for moved in reading.moved] == [(240, "Jaringan putus"), (30, "")]


def test_a_technical_fault_moves_the_due_day_and_says_why() -> None:
    fault = Pause(TEKNIS, at("2026-11-25", "08:00"), at("2026-11-27", "16:00"), "Server pusat tidak dapat dihubungi")
    reading = blitar(fault, now="2026-12-01")
    assert due_day(reading) == date(2026, 12, 16)
    assert [(moved.pause.reason, moved.amount, moved.pause.note) for moved in reading.moved] == [
        (TEKNIS, 3, "Server pusat tidak dapat dihubungi")
    ]
    assert reading.state is ClockState.RUNNING


def test_weekends_in_a_pause_move_nothing_and_short_faults_keep_the_day() -> None:
    weekend = Pause(TEKNIS, at("2026-11-27", "15:00"), at("2026-11-30", "09:00"))
    short = Pause(TEKNIS, at("2026-12-02", "09:00"), at("2026-12-02", "12:59"))
    half = Pause(LUAR, at("2026-12-03", "09:00"), at("2026-12-03", "13:00"))
    assert due_day(blitar(weekend, short, now="2026-12-10")) == date(2026, 12, 11)
    reading = blitar(weekend, short, half, now="2026-12-10")
    assert (due_day(reading), reading.moved[0].pause.reason) == (date(2026, 12, 14), LUAR)


def test_a_pause_that_lasts_shows_as_paused_and_moves_on_day_by_day() -> None:
    fault = Pause(TEKNIS, at("2026-11-25", "08:00"))
    first, later = blitar(fault, now="2026-11-26"), blitar(fault, now="2026-12-03")
    assert (first.state, later.state) == (ClockState.PAUSED, ClockState.PAUSED)
    assert due_day(first) < due_day(later)
    assert blitar(fault, now="2027-06-01").state is ClockState.PAUSED


def test_a_clock_is_paused_from_the_first_moment_of_a_pause_to_its_last() -> None:
    rule, began, ended = replace(GROBOGAN, pauses=frozenset({TEKNIS})), at("2026-11-25"), at("2026-11-25", "12:00")
    facts = ClockFacts(unique_at=at("2026-11-25", "08:00"), pauses=(Pause(TEKNIS, began, ended),))
    second = timedelta(seconds=1)
    paused = [
        read_clock(rule, facts, CALENDAR, now, WIB).state is ClockState.PAUSED
        for now in (began - second, began, ended - second, ended)
    ]
    assert paused == [False, True, True, False]


def test_a_pause_after_the_print_moves_nothing() -> None:
    facts = ClockFacts(
        at("2026-11-23"), date(2026, 11, 23), printed_at=at("2026-11-25"), pauses=(Pause(TEKNIS, at("2026-11-25")),)
    )
    assert read_clock(BLITAR, facts, CALENDAR, at("2026-12-20"), WIB).moved == ()


def test_a_pause_after_the_time_was_up_saves_nothing() -> None:
    reading = blitar(Pause(TEKNIS, at("2026-12-14")), now="2026-12-20")
    assert (reading.state, due_day(reading)) == (ClockState.MISSED, date(2026, 12, 11))


def test_a_pause_before_the_start_counts_from_the_start() -> None:
    reading = blitar(Pause(TEKNIS, at("2026-11-01"), at("2026-11-24", "16:00")), now="2026-12-01")
    assert due_day(reading) == date(2026, 12, 14)


def test_under_seventeen_both_clocks_wait_for_the_birthday_or_the_marriage() -> None:
    gate = card_from(date(2010, 3, 12), MaritalStatus.BELUM_KAWIN)
    assert gate == date(2027, 3, 12)
    facts = ClockFacts(at("2026-11-23"), date(2026, 11, 23), unique_at=at("2026-11-25"), card_from=gate)
    reading = read_clock(GROBOGAN, facts, CALENDAR, at("2026-12-01"), WIB)
    assert (reading.state, reading.awaits) == (ClockState.NOT_STARTED, Awaited.AGE)
    assert (reading.starts_at, reading.due_at) == (at("2027-03-12", "00:00"), at("2027-03-13", "00:00"))
    reading = read_clock(BLITAR, facts, CALENDAR, at("2026-12-01"), WIB)
    assert (reading.state, due_day(reading)) == (ClockState.NOT_STARTED, CALENDAR.add_workdays(gate, 14))
    on_the_day = read_clock(BLITAR, facts, CALENDAR, at("2027-03-12", "00:00"), WIB)
    assert (on_the_day.state, on_the_day.awaits) == (ClockState.RUNNING, None)


def test_the_gate_is_the_earlier_of_birthday_and_marriage() -> None:
    born = date(2010, 3, 12)
    assert card_from(born, MaritalStatus.KAWIN) is None
    assert card_from(born, MaritalStatus.KAWIN, date(2026, 12, 1)) == date(2026, 12, 1)
    assert card_from(born, MaritalStatus.CERAI_HIDUP, date(2030, 1, 1)) == date(2027, 3, 12)
    assert card_from(date(2012, 2, 29), MaritalStatus.BELUM_KAWIN) == date(2029, 3, 1)


def test_a_clock_over_a_year_without_decree_says_so() -> None:
    reading = read_clock(BLITAR, ClockFacts(at("2027-12-27"), date(2027, 12, 27)), CALENDAR, at("2027-12-28"), WIB)
    assert reading.unpublished_years == (2028,)
    hours = read_clock(GROBOGAN, ClockFacts(unique_at=at("2028-01-03")), CALENDAR, at("2028-01-03"), WIB)
    assert hours.unpublished_years == ()


def test_the_rules_are_read_from_the_fields_of_a_profile_and_never_from_its_words() -> None:
    blitar = Sla(
        "paling lambat 14 hari kerja",
        SlaKind.WORKING_DAYS,
        14,
        "bukan penunggalan",
        counted_from=ClockStart.FILE_AND_RECORDING,
        paused_by=tuple(PauseReason),
    )
    grobogan = Sla("1 x 24 jam", SlaKind.CALENDAR_MINUTES, 1440, counted_from=ClockStart.PENUNGGALAN)
    assert clock_rules([blitar, grobogan]) == (
        replace(BLITAR, words=blitar.words),
        replace(GROBOGAN, words="1 x 24 jam"),
    )
    assert clock_rules([Sla("1 x 24 jam", SlaKind.CALENDAR_MINUTES, 1440, "setelah penunggalan")]) == ()


moments = st.integers(0, 17_000).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
pauses = st.builds(
    lambda reason, began, hours: Pause(reason, began, began + timedelta(hours=hours)),
    st.sampled_from(list(PauseReason)),
    moments,
    st.integers(1, 400),
)


@pytest.mark.days
@given(st.sampled_from([BLITAR, replace(GROBOGAN, pauses=frozenset(PauseReason))]), moments, st.lists(pauses), pauses)
def test_one_more_pause_never_brings_the_due_time_forward(
    rule: ClockRule, start: datetime, some: list[Pause], more: Pause
) -> None:
    def due(*pauses: Pause) -> datetime:
        facts = ClockFacts(start, start.date(), start, pauses=pauses)
        reading = read_clock(rule, facts, CALENDAR, datetime(2029, 1, 1, tzinfo=UTC), WIB)
        assert reading.due_at is not None
        return reading.due_at

    assert due() <= due(*some) <= due(*some, more)
