from __future__ import annotations

import pytest
from support.cards_sent import PRINTER, UNIQUE
from support.desk import KETUA, TARGETS, Kit
from support.letters import KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.delivery.status_work import OfficeTask
from fieldkit.domain.people.accounts import User
from ui.presenters.commands import Command
from ui.presenters.figures import Row, StepMark
from ui.presenters.parts import Stage, Tone
from ui.presenters.statuses.statuses import StatusesPresenter
from ui.presenters.tasks import STORE
from ui.presenters.words import phrase


def shown(kit: Kit, tasks: SameThread, steps: Steps, user: User = KASI, activity_id: str = "") -> StatusesPresenter:
    presenter = StatusesPresenter(kit.desk_of(user), tasks, steps, activity_id)
    presenter.start()
    return presenter


@pytest.fixture
def presenter(kit: Kit, tasks: SameThread, steps: Steps) -> StatusesPresenter:
    for number in range(5):
        kit.seal(number + 1, TARGETS[number])
    kit.hear("0199-0001", "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
    kit.hear("0199-0002", "SENT_FOR_ENROLLMENT", "CARD_PRINTED", source="pusat")
    kit.hear("0199-0003", "PRINT_READY_RECORD")
    kit.hear("0199-0004", "SOMETHING_NEW", source="pusat")
    kit.clock.advance(hours=4)
    return shown(kit, tasks, steps)


def row(presenter: StatusesPresenter, record_id: str) -> Row:
    rows = presenter.state.rows
    return next(rows.row(at) for at in range(rows.count) if rows.row(at).name == record_id)


def names(presenter: StatusesPresenter) -> list[str]:
    return [presenter.state.rows.row(at).name for at in range(presenter.state.rows.count)]


def offered(presenter: StatusesPresenter, intent: str) -> Command:
    return next(action for action in presenter.state.bar.actions if action.name == intent)


def test_a_status_comes_with_what_to_do_its_time_and_its_source(presenter: StatusesPresenter) -> None:
    person, says, todo, source = row(presenter, "0199-0001").cells
    assert (person.words, person.detail) == ("MIS•••", TARGETS[0].biodata.nik.masked)
    assert says.tags[0].words == phrase("central.print_ready_record")
    assert todo.words == phrase("task.print")
    assert todo.detail == "21-11-2026 11.00"
    assert (source.tags[0].words, source.tags[0].tone) == ("uji coba", Tone.CAUTION)


def test_what_is_urgent_stands_first_and_counts_stand_beside(presenter: StatusesPresenter) -> None:
    assert names(presenter) == ["0199-0001", "0199-0004", "0199-0005", "0199-0002", "0199-0003"]
    assert [(number.value, number.label) for number in presenter.state.groups] == [
        ("1", phrase("central.print_ready_record")),
        ("1", "SOMETHING_NEW"),
        ("1", phrase("central.none")),
        ("1", phrase("central.card_printed")),
        ("1", phrase("central.waits_17")),
    ]


def test_one_group_after_the_other_then_all_again(presenter: StatusesPresenter) -> None:
    seen = []
    for _ in range(6):
        presenter.next_group()
        seen.append(names(presenter))
        assert presenter.state.rows.total == 5
    assert seen[:5] == [["0199-0001"], ["0199-0004"], ["0199-0005"], ["0199-0002"], ["0199-0003"]]
    assert len(seen[5]) == 5
    assert presenter.state.tags[0].words == phrase("status.all")


def test_a_group_that_is_empty_now_gives_way_to_all(presenter: StatusesPresenter, kit: Kit) -> None:
    presenter.next_group()
    kit.hear("0199-0001", "SENT_FOR_CARD_PRINTING")
    presenter.start()
    assert len(names(presenter)) == 5


def test_sixteen_waits_for_the_birthday_until_that_day(
    presenter: StatusesPresenter, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    birthday = phrase("status.birthday", day="12-03-2027")
    assert row(presenter, "0199-0003").cells[2].words == birthday
    presenter.select("0199-0003")
    assert presenter.state.todo == birthday
    for days, todo in ((110, birthday), (1, phrase("task.print"))):  # the day before, the day
        kit.clock.advance(days=days)
        assert row(shown(kit, tasks, steps), "0199-0003").cells[2].words == todo


def test_a_leap_warns_and_is_not_dropped(presenter: StatusesPresenter) -> None:
    assert row(presenter, "0199-0002").cells[1].tags[0].tone is Tone.CAUTION
    presenter.select("0199-0002")
    assert presenter.state.doubt == phrase("status.doubtful")
    assert [step.mark for step in presenter.state.history] == [StepMark.DONE, StepMark.CURRENT]
    presenter.select("0199-0001")
    assert presenter.state.doubt == ""


def test_strange_codes_stay_verbatim_and_silence_is_said(presenter: StatusesPresenter) -> None:
    says = row(presenter, "0199-0004").cells[1]
    assert (says.words, says.detail) == ("SOMETHING_NEW", phrase("status.unknown"))
    assert row(presenter, "0199-0004").cells[2].words == phrase("task.ask_meaning")
    silent = row(presenter, "0199-0005").cells
    assert silent[1].tags[0].words == phrase("central.none")
    assert silent[2].detail == phrase("status.silent", days=0)
    assert silent[3].tags == ()


def test_what_does_not_move_is_stuck(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.hear(kit.seal(1, TARGETS[0]), "SFE")
    kit.clock.advance(days=4)
    presenter = shown(kit, tasks, steps)
    assert presenter.state.groups[0].label == phrase("status.stuck")
    assert row(presenter, "0199-0001").cells[2].detail == phrase("status.since", at="21-11-2026 09.00", days=4)
    assert row(presenter, "0199-0001").cells[2].words == phrase("task.resend")


def test_more_groups_than_fit_are_counted_together(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    for number in range(12):
        kit.hear(kit.seal(number + 1, TARGETS[0]), f"STRANGER_{number}")
    groups = shown(kit, tasks, steps).state.groups
    assert len(groups) == 9
    assert (groups[-1].value, groups[-1].label) == ("4", phrase("status.others"))


def test_search_narrows_and_the_side_follows(presenter: StatusesPresenter) -> None:
    presenter.search("KAR")
    assert presenter.state.rows.count == 1
    assert presenter.state.person == "KAR••• · 350512••••••••01"
    presenter.search("zzz")
    assert (presenter.state.person, presenter.state.history) == ("", ())
    assert offered(presenter, "accept").refused == phrase("status.none")
    presenter.search("")
    assert presenter.state.rows.count == 5


def test_an_answer_to_what_was_typed_before_is_left(kit: Kit, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    kit.seal(2, TARGETS[1])
    tasks = SameThread(STORE)
    presenter = shown(kit, tasks, steps)
    tasks.release(STORE)
    presenter.search("KAR")
    presenter.search("")
    tasks.release(STORE)
    assert presenter.state.rows.count == 2


def test_the_ways_on(presenter: StatusesPresenter, steps: Steps) -> None:
    presenter.select("0199-0004")
    presenter.accept()
    presenter.show_clocks()
    presenter.show_prints()
    presenter.back()
    ways = [
        ("push", "status_note", "0199-0004"),
        ("push", "clocks", "", "0199-0004"),
        ("push", "prints", ""),
        ("back",),
    ]
    assert steps.taken == ways


def test_who_does_not_type_statuses_reads_why(
    presenter: StatusesPresenter, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    other = shown(kit, tasks, steps, KETUA)
    assert offered(other, "accept").refused == phrase("status.not_yours")
    other.accept()
    assert steps.taken == []


def test_one_activity_shows_its_own(presenter: StatusesPresenter, kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert shown(kit, tasks, steps, activity_id="a1").state.rows.count == 5
    assert shown(kit, tasks, steps, activity_id="a9").state.stage is Stage.EMPTY


def test_a_kit_that_sealed_nothing_has_no_statuses(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert shown(kit, tasks, steps).state.stage is Stage.EMPTY


def test_our_own_card_knows_more_than_the_center(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    record = kit.seal(1, TARGETS[0])
    kit.hear(record, *UNIQUE)
    kit.clock.advance(hours=3)
    kit.desk_of(PRINTER).office.printing.note_printed([record], "B1")
    presenter = shown(kit, tasks, steps)
    assert row(presenter, record).cells[2].words == phrase(f"task.{OfficeTask.HAND_OVER.value}")
    assert presenter.state.groups[0].label == phrase("status.printed_hand_over")
