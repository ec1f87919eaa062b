from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from support.cards_sent import PRINTER, follow_sop
from support.desk import KETUA, PENGURUS, TARGETS, Kit
from support.letters import KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.cards.sla import PauseReason
from fieldkit.domain.people.accounts import User
from ui.presenters.commands import Command
from ui.presenters.figures import Row
from ui.presenters.parts import Stage
from ui.presenters.statuses.clocks import ClocksPresenter
from ui.presenters.tasks import STORE
from ui.presenters.words import phrase

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


def shown(kit: Kit, tasks: SameThread, steps: Steps, user: User = KASI, activity_id: str = "") -> ClocksPresenter:
    presenter = ClocksPresenter(kit.desk_of(user), tasks, steps, activity_id)
    presenter.start()
    return presenter


def rows(presenter: ClocksPresenter) -> list[Row]:
    return [presenter.state.rows.row(at) for at in range(presenter.state.rows.count)]


def accept(presenter: ClocksPresenter) -> Command:
    return presenter.state.bar.actions[-1]


@pytest.mark.parametrize(("sealed", "due"), VECTORS)
def test_the_vectors_of_working_days_stand_on_the_screen(
    kit: Kit, tasks: SameThread, steps: Steps, sealed: str, due: str
) -> None:
    follow_sop(kit, BLITAR)
    kit.clock.at = datetime.fromisoformat(f"{sealed}T03:00:00+00:00")
    kit.seal(1, TARGETS[0], timedelta())
    (row,) = rows(shown(kit, tasks, steps))
    assert row.cells[1].words == phrase("tenggat.rule_workdays", days=14)
    assert row.cells[3].words == due


def test_twenty_four_hours_after_ready_to_print(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, GROBOGAN)
    record = kit.seal(1, TARGETS[0])
    (row,) = rows(shown(kit, tasks, steps))
    assert (row.cells[2].tags[0].words, row.cells[3].detail) == (
        phrase("tenggat.state_not_started"),
        phrase("tenggat.awaits_penunggalan"),
    )
    kit.hear(record, "PRR")
    kit.clock.advance(hours=3)
    (row,) = rows(shown(kit, tasks, steps))
    assert (row.cells[3].words, row.cells[3].detail) == ("22-11-2026 09.00", phrase("tenggat.left_hours", hours=21))
    kit.clock.advance(hours=22)
    presenter = shown(kit, tasks, steps)
    assert rows(presenter)[0].cells[3].detail == phrase("tenggat.late_hours", hours=1)
    assert accept(presenter).refused == phrase("tenggat.no_pauses")
    kit.desk_of(PRINTER).office.printing.note_printed([record], "B1")
    presenter = shown(kit, tasks, steps)
    assert rows(presenter)[0].cells[2].tags[0].words == phrase("tenggat.state_missed")
    assert presenter.state.facts[-1] == (phrase("tenggat.printed"), "22-11-2026 10.00")


def test_a_technical_fault_moves_the_due_date_and_says_why(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    record = kit.seal(1, TARGETS[0], timedelta())
    kit.clock.at = datetime(2026, 11, 25, 1, tzinfo=UTC)
    presenter = shown(kit, tasks, steps)
    presenter.accept()
    assert steps.taken == [("push", "clock_pause", "a1", record)]
    kit.desk_of(KASI).office.clocks.pause(PauseReason.GANGGUAN_TEKNIS, "Server pusat tidak dapat dihubungi", "a1")
    kit.clock.advance(days=1)
    presenter.start()
    assert rows(presenter)[0].cells[2].tags[0].words == phrase("tenggat.state_paused")
    assert presenter.state.standing == phrase("tenggat.reason_gangguan_teknis")
    assert accept(presenter).words == phrase("tenggat.resume")
    kit.clock.advance(days=1, hours=8)
    presenter.accept()
    (row,) = rows(presenter)
    assert (row.cells[3].words, row.cells[4].tags[0].words) == ("15-12-2026", phrase("tenggat.moved_days", days=3))
    assert presenter.state.moved == (
        (
            phrase("tenggat.moved_days", days=3),
            phrase(
                "tenggat.why_gangguan_teknis",
                note="Server pusat tidak dapat dihubungi",
                span="25-11 08.00 – 27-11 16.00",
            ),
        ),
    )
    assert (presenter.state.standing, accept(presenter).words) == ("", phrase("tenggat.pause"))
    assert presenter.state.toast is not None


def test_sixteen_waits_and_a_marriage_starts_the_clock(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, GROBOGAN)
    kit.hear(kit.seal(1, TARGETS[2]), "PRR")
    kit.clock.advance(hours=1)
    presenter = shown(kit, tasks, steps)
    assert rows(presenter)[0].cells[2].tags[0].words == phrase("tenggat.awaits_17")
    assert rows(presenter)[0].cells[3].detail == phrase("tenggat.begins_at_17", day="12-03-2027")
    presenter.write_facts()
    assert steps.taken == [("push", "card_facts", "0199-0001")]
    kit.desk_of(KASI).office.clocks.note_facts("t3", None, date(2026, 11, 21))
    presenter.start()
    assert rows(presenter)[0].cells[2].tags[0].words == phrase("tenggat.state_running")


def test_states_are_counted_and_shown_one_by_one(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, GROBOGAN)
    for number in range(3):
        kit.seal(number + 1, TARGETS[number])
    kit.hear("0199-0001", "PRR")
    kit.clock.advance(hours=1)
    presenter = shown(kit, tasks, steps)
    assert [(number.value, number.label) for number in presenter.state.counts] == [
        ("1", phrase("tenggat.state_running")),
        ("2", phrase("tenggat.state_not_started")),
    ]
    presenter.next_state()
    assert [row.name.split()[0] for row in rows(presenter)] == ["0199-0001"]
    presenter.next_state()
    assert len(rows(presenter)) == 2
    presenter.next_state()
    assert len(rows(presenter)) == 3
    presenter.search("KARTONO")
    assert [row.name.split()[0] for row in rows(presenter)] == ["0199-0002"]
    assert presenter.state.person == "KAR••• · 350512••••••••01"
    presenter.search("zzz")
    assert (rows(presenter), presenter.state.person) == ([], "")


def test_who_may_not_stop_clocks_reads_why(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    kit.seal(1, TARGETS[0])
    presenter = shown(kit, tasks, steps, KETUA)
    assert accept(presenter).refused == phrase("status.not_yours")
    presenter.accept()
    assert steps.taken == []
    presenter = shown(kit, tasks, steps, PENGURUS)
    assert presenter.state.bar.actions[1].refused == phrase("tenggat.facts_not_yours")


def test_a_pause_that_somebody_else_ended_is_told(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    kit.seal(1, TARGETS[0], timedelta())
    clocks = kit.desk_of(KASI).office.clocks
    pause = clocks.pause(PauseReason.GANGGUAN_TEKNIS, "Listrik padam", "a1")
    presenter = shown(kit, tasks, steps)
    clocks.resume(pause.thing_id)
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "clock.runs"
    presenter.start()
    assert presenter.state.problem is None


def test_the_cursor_begins_at_the_record_that_was_asked_for(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    for number in range(2):
        kit.seal(number + 1, TARGETS[number], timedelta(days=number))
    presenter = ClocksPresenter(kit.desk_of(KASI), tasks, steps, "", "0199-0001")
    presenter.start()
    assert rows(presenter)[presenter.state.cursor].name.startswith("0199-0001 ")
    assert str(presenter.state.person).startswith("MIS•••")
    unknown = ClocksPresenter(kit.desk_of(KASI), tasks, steps, "", "nobody")
    unknown.start()
    assert unknown.state.cursor == 0


def test_without_a_promise_there_is_nothing_to_show(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    assert shown(kit, tasks, steps).state.stage is Stage.EMPTY
    follow_sop(kit, BLITAR)
    assert len(rows(shown(kit, tasks, steps, activity_id="a1"))) == 1
    assert shown(kit, tasks, steps, activity_id="a9").state.stage is Stage.EMPTY


def test_an_answer_to_what_was_typed_before_is_left_and_a_search_outlives_a_refresh(kit: Kit, steps: Steps) -> None:
    follow_sop(kit, BLITAR)
    for number in range(2):
        kit.seal(number + 1, TARGETS[number])
    tasks = SameThread(STORE)
    presenter = shown(kit, tasks, steps, KASI)
    tasks.release(STORE)
    presenter.search("KAR")
    presenter.search("")
    tasks.release(STORE)
    assert presenter.state.rows.count == 2
    presenter.search("KAR")
    tasks.release(STORE)
    presenter.refresh()
    tasks.release(STORE)
    assert presenter.state.rows.count == 1
