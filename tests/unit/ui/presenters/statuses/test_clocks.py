from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit
from support.cards_sent import PRINTER, follow_sop
from support.kept import sealed
from support.letters import KASI
from support.listing import Listing, at_row
from support.tasks import SameThread, Steps

from fieldkit.domain.cards.card import ClockPause
from fieldkit.domain.cards.printing import BLITAR as WORKDAYS
from fieldkit.domain.cards.printing import GROBOGAN as HOURS
from fieldkit.domain.cards.printing import ClockReading, ClockState, Moved, Pause
from fieldkit.domain.people import User
from fieldkit.domain.sop.profile import PauseReason
from fieldkit.services.statuses import ClockLine
from ui.presenters.lists import Facts, Hint
from ui.presenters.presenter import Command, message
from ui.presenters.statuses.clocks import Clocks

BLITAR, GROBOGAN = "blitar_si_jaran_ijo", "grobogan_jemput_bola"
VECTORS = [
    ("2026-11-23", "11-12-2026"),
    ("2026-12-14", "07-01-2027"),
    ("2026-12-18", "13-01-2027"),
    ("2026-03-02", "27-03-2026"),
    ("2026-05-04", "26-05-2026"),
    ("2026-08-10", "01-09-2026"),
    ("2026-11-21", "10-12-2026"),
]


@pytest.fixture
def steps() -> Steps:
    return Steps()


def shown(kit: Kit, tasks: SameThread, steps: Steps, user: User = KASI, activity_id: str = "") -> Listing:
    return Listing(Clocks(kit.context_of(user), steps, activity_id).screen(), tasks, steps)


def accept(listing: Listing) -> Command:
    return listing.offered("accept")


@pytest.mark.parametrize(("sealed", "due"), VECTORS)
def test_the_vectors_of_working_days_stand_on_the_screen(
    kit: Kit, tasks: SameThread, steps: Steps, sealed: str, due: str
) -> None:
    follow_sop(kit, BLITAR)
    kit.clock.at = datetime.fromisoformat(f"{sealed}T03:00:00+00:00")
    kit.seal(1, TARGETS[0], timedelta())
    (row,) = shown(kit, tasks, steps).rows
    assert row.cells[1].words == message("tenggat.rule_workdays", days=14)
    assert row.cells[3].words == due


def test_twenty_four_hours_after_ready_to_print(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, GROBOGAN)
    record = kit.seal(1, TARGETS[0])
    (row,) = shown(kit, tasks, steps).rows
    assert (row.cells[2].tags[0].words, row.cells[3].detail) == (
        message("tenggat.state_not_started"),
        message("tenggat.awaits_penunggalan"),
    )
    kit.apply(record, "PRR")
    kit.clock.advance(hours=3)
    (row,) = shown(kit, tasks, steps).rows
    assert (row.cells[3].words, row.cells[3].detail) == ("22-11-2026 09.00", message("tenggat.left_hours", hours=21))
    kit.clock.advance(hours=22)
    listing = shown(kit, tasks, steps)
    assert listing.rows[0].cells[3].detail == message("tenggat.late_hours", hours=1)
    assert accept(listing).refused == message("tenggat.no_pauses")
    kit.context_of(PRINTER).office.printing.note_printed([record], "B1")
    listing = shown(kit, tasks, steps)
    assert listing.rows[0].cells[2].tags[0].words == message("tenggat.state_missed")
    assert listing.panels(Facts)[0].facts[-1] == (message("common.printed"), "22-11-2026 10.00")


def test_a_technical_fault_moves_the_due_date_and_says_why(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    record = kit.seal(1, TARGETS[0], timedelta())
    kit.clock.at = datetime(2026, 11, 25, 1, tzinfo=UTC)
    listing = shown(kit, tasks, steps)
    listing.press("accept")
    assert steps.taken == [("push", "clock_pause", "a1", record)]
    kit.context_of(KASI).office.clocks.pause(PauseReason.GANGGUAN_TEKNIS, "Server pusat tidak dapat dihubungi", "a1")
    kit.clock.advance(days=1)
    listing.presenter.start()
    assert listing.rows[0].cells[2].tags[0].words == message("tenggat.state_paused")
    assert listing.panels(Hint)[0].title == message("tenggat.reason_gangguan_teknis")
    assert accept(listing).words == message("tenggat.resume")
    kit.clock.advance(days=1, hours=8)
    listing.press("accept")
    listing.presenter.start()
    (row,) = listing.rows
    assert (row.cells[3].words, row.cells[4].tags[0].words) == ("15-12-2026", message("tenggat.moved_days", days=3))
    assert listing.panels(Facts)[1].facts == (
        (
            message("tenggat.moved_days", days=3),
            message(
                "tenggat.why_gangguan_teknis",
                note="Server pusat tidak dapat dihubungi",
                span="25-11-2026 08.00 – 27-11-2026 16.00",
            ),
        ),
    )
    assert accept(listing).words == message("common.pause")
    assert listing.panels(Hint) == []
    assert listing.presenter.state.toast is not None


def test_sixteen_waits_and_a_marriage_starts_the_clock(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, GROBOGAN)
    kit.apply(kit.seal(1, TARGETS[2]), "PRR")
    kit.clock.advance(hours=1)
    listing = shown(kit, tasks, steps)
    assert listing.rows[0].cells[2].tags[0].words == message("tenggat.awaits_17")
    assert listing.rows[0].cells[3].detail == message("tenggat.begins_at_17", day="12-03-2027")
    listing.press("write_facts")
    assert steps.taken == [("push", "card_facts", "0199-0001")]
    kit.context_of(KASI).office.clocks.note_facts("t3", None, date(2026, 11, 21))
    listing.presenter.start()
    assert listing.rows[0].cells[2].tags[0].words == message("tenggat.state_running")


def test_states_are_chips_and_search_asks_the_store(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, GROBOGAN)
    for number in range(3):
        kit.seal(number + 1, TARGETS[number])
    kit.apply("0199-0001", "PRR")
    kit.clock.advance(hours=1)
    listing = shown(kit, tasks, steps)
    assert listing.chips == {"all": 3, "missed": 0, "paused": 0, "running": 1, "not_started": 2, "kept": 0}
    listing.presenter.choose(0, ClockState.RUNNING)
    assert [name.split()[0] for name in listing.names] == ["0199-0001"]
    listing.presenter.choose(0, "all")
    listing.presenter.search("KARTONO")
    assert [name.split()[0] for name in listing.names] == ["0199-0002"]
    assert listing.panels(Facts)[0].title == "KAR••• · 350512••••••••01"


def test_who_may_not_stop_clocks_reads_why(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    kit.seal(1, TARGETS[0])
    listing = shown(kit, tasks, steps, KETUA)
    assert accept(listing).refused == message("status.not_yours")
    listing.press("accept")
    assert steps.taken == []
    listing = shown(kit, tasks, steps, PENGURUS)
    assert listing.offered("write_facts").refused == message("tenggat.facts_not_yours")


BEGAN = datetime(2026, 11, 20, 1, tzinfo=UTC)
PAUSE = ClockPause("p1", PauseReason.GANGGUAN_TEKNIS, BEGAN, "Listrik padam", activity_id="a1")
COST = Pause(PauseReason.GANGGUAN_TEKNIS, BEGAN, BEGAN + timedelta(hours=8), "Listrik padam")
RUNS = ClockReading(WORKDAYS, ClockState.RUNNING, BEGAN, BEGAN + timedelta(days=20))


def clock(reading: ClockReading, pause: ClockPause | None = None) -> ClockLine:
    return ClockLine(sealed(1), reading, pause)


@pytest.mark.parametrize(
    ("line", "labels", "panels"),
    [
        (clock(RUNS), ["tenggat.promise", "tenggat.began", "tenggat.due"], [Facts]),
        (clock(ClockReading(WORKDAYS, ClockState.NOT_STARTED)), ["tenggat.promise"], [Facts]),
        (
            clock(replace(RUNS, ended_at=BEGAN)),
            ["tenggat.promise", "tenggat.began", "tenggat.due", "common.printed"],
            [Facts],
        ),
        (
            clock(replace(RUNS, state=ClockState.PAUSED), PAUSE),
            ["tenggat.promise", "tenggat.began", "tenggat.due"],
            [Hint, Facts],
        ),
        (clock(RUNS, PAUSE), ["tenggat.promise", "tenggat.began", "tenggat.due"], [Facts]),
        (clock(replace(RUNS, state=ClockState.PAUSED)), ["tenggat.promise", "tenggat.began", "tenggat.due"], [Facts]),
        (
            clock(replace(RUNS, moved=(Moved(COST, 1),))),
            ["tenggat.promise", "tenggat.began", "tenggat.due"],
            [Facts, Facts],
        ),
        (
            clock(replace(RUNS, unpublished_years=(2027,))),
            ["tenggat.promise", "tenggat.began", "tenggat.due"],
            [Facts, Hint],
        ),
    ],
)
def test_beside_the_list_stands_what_is_known_of_a_clock(
    idle: Kit, line: ClockLine, labels: list[str], panels: list[type]
) -> None:
    screen = Clocks(idle.context_of(KASI), Steps()).screen()
    shown = screen.side(at_row(line))
    assert [type(panel) for panel in shown] == panels
    facts = next(panel for panel in shown if isinstance(panel, Facts))
    assert [words.key for words, _ in facts.facts] == labels
    assert screen.side(at_row()) == ()


TYPES, FACTS = "status.not_yours", "tenggat.facts_not_yours"


@pytest.mark.parametrize(
    ("user", "line", "refused", "words"),
    [
        (KASI, clock(RUNS), ("", ""), "common.pause"),
        (KASI, clock(RUNS, PAUSE), ("", ""), "tenggat.resume"),
        (KASI, clock(replace(RUNS, ended_at=BEGAN)), ("", "tenggat.is_over"), "common.pause"),
        (KASI, clock(replace(RUNS, rule=HOURS)), ("", "tenggat.no_pauses"), "common.pause"),
        (PENGURUS, clock(replace(RUNS, rule=HOURS)), (FACTS, TYPES), "common.pause"),
        (PENGURUS, clock(RUNS, PAUSE), (FACTS, TYPES), "tenggat.resume"),
        (KASI, None, ("status.none", "status.none"), "common.pause"),
    ],
)
def test_what_can_be_done_with_a_clock(
    idle: Kit, user: User, line: ClockLine | None, refused: tuple[str, str], words: str
) -> None:
    commands = Clocks(idle.context_of(user), Steps()).screen().commands(at_row(line))
    assert tuple(getattr(each.refused, "key", each.refused) for each in commands) == refused
    assert commands[-1].words == message(words)


def test_clocks_are_read_anew_when_what_moves_them_is_written(idle: Kit) -> None:
    reads = Clocks(idle.context, Steps()).screen().reads
    assert reads == {"record", "setting", "card", "card_facts", "clock_pause"}


def test_the_columns_tell_promise_due_and_by_how_much_it_moved(idle: Kit) -> None:
    screen = Clocks(idle.context_of(KASI), Steps()).screen()
    _person, promise, _state, due, moved = screen.heads
    hours = clock(replace(RUNS, rule=HOURS, moved=(Moved(COST, 60), Moved(COST, 30))))
    nothing = clock(ClockReading(HOURS, ClockState.NOT_STARTED))
    told = [promise.cell(each).detail for each in (clock(RUNS), hours)]
    assert told == [message("tenggat.from_file"), message("tenggat.from_unique")]
    assert due.cell(nothing).words == message("tenggat.no_due")
    assert due.order is not None
    assert sorted([nothing, hours], key=due.order) == [hours, nothing]
    assert [tag.words for tag in moved.cell(hours).tags] == [message("tenggat.moved_minutes", minutes=90)]
    assert moved.cell(nothing).tags == ()


def test_a_pause_that_somebody_else_ended_is_told(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    kit.seal(1, TARGETS[0], timedelta())
    clocks = kit.context_of(KASI).office.clocks
    pause = clocks.pause(PauseReason.GANGGUAN_TEKNIS, "Listrik padam", "a1")
    listing = shown(kit, tasks, steps)
    clocks.resume(pause.thing_id)
    listing.press("accept")
    assert listing.presenter.state.problem is not None
    assert listing.presenter.state.problem.code == "clock.runs"


def test_the_cursor_begins_at_the_record_that_was_asked_for(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    for number in range(2):
        kit.seal(number + 1, TARGETS[number], timedelta(days=number))
    listing = Listing(Clocks(kit.context_of(KASI), steps, "", "0199-0001").screen(), tasks, steps)
    assert listing.names[listing.presenter.state.cursor].startswith("0199-0001 ")
    assert listing.panels(Facts)[0].title.startswith("MIS•••")


def test_without_a_promise_there_is_nothing_to_show(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    assert shown(kit, tasks, steps).presenter.state.nothing.title == message("tenggat.empty")
    follow_sop(kit, BLITAR)
    assert len(shown(kit, tasks, steps, activity_id="a1").rows) == 1
    assert shown(kit, tasks, steps, activity_id="a9").rows == []
