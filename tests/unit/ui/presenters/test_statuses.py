from __future__ import annotations

import pytest
from support.desk import TARGETS, Kit
from support.tasks import SameThread, Steps

from ui.presenters.figures import Row, StepMark
from ui.presenters.parts import Stage, Tone
from ui.presenters.statuses import StatusesPresenter
from ui.presenters.words import phrase


@pytest.fixture
def presenter(kit: Kit, tasks: SameThread) -> StatusesPresenter:
    for number in range(5):
        kit.seal(number + 1, TARGETS[number])
    kit.hear("0199-0001", "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
    kit.hear("0199-0002", "SENT_FOR_ENROLLMENT", "CARD_PRINTED", source="pusat")
    kit.hear("0199-0003", "PRINT_READY_RECORD")
    kit.hear("0199-0004", "SOMETHING_NEW", source="pusat")
    presenter = StatusesPresenter(kit.desk, tasks, Steps())
    presenter.start()
    return presenter


def row(presenter: StatusesPresenter, record_id: str) -> Row:
    rows = presenter.state.rows
    return next(rows.row(at) for at in range(rows.count) if rows.row(at).name == record_id)


def test_a_status_comes_with_what_to_do_its_time_and_its_source(presenter: StatusesPresenter) -> None:
    person, says, todo, source = row(presenter, "0199-0001").cells
    assert person.words == "MIS•••"
    assert says.tags[0].words == phrase("central.print_ready_record")
    assert (todo.words, todo.detail) == (phrase("central.print_ready_record.do"), "21-11-2026 11.00")
    assert (source.tags[0].words, source.tags[0].tone) == ("uji coba", Tone.CAUTION)


def test_sixteen_waits_for_the_birthday(presenter: StatusesPresenter) -> None:
    birthday = phrase("status.birthday", day="12-03-2027")
    assert row(presenter, "0199-0003").cells[2].words == birthday
    presenter.select("0199-0003")
    assert presenter.state.todo == birthday


def test_a_leap_warns_and_is_not_dropped(presenter: StatusesPresenter) -> None:
    assert row(presenter, "0199-0002").cells[1].tags[0].tone is Tone.CAUTION
    presenter.select("0199-0002")
    assert presenter.state.doubt == phrase("status.doubtful")
    assert [step.mark for step in presenter.state.history] == [StepMark.DONE, StepMark.CURRENT]
    presenter.select("0199-0001")
    assert presenter.state.doubt == ""


def test_strange_codes_stay_verbatim_and_silence_is_said(presenter: StatusesPresenter) -> None:
    assert row(presenter, "0199-0004").cells[1].tags[0].words == "SOMETHING_NEW"
    assert row(presenter, "0199-0005").cells[1].tags[0].words == phrase("central.none")
    assert row(presenter, "0199-0005").cells[3].tags == ()


def test_groups_are_counted(presenter: StatusesPresenter) -> None:
    assert sorted(number.value for number in presenter.state.groups) == ["1", "1", "1", "1"]


def test_search_narrows_and_the_side_follows(presenter: StatusesPresenter) -> None:
    presenter.search("KAR")
    assert presenter.state.rows.count == 1
    assert presenter.state.person == "KAR••• · 350512••••••••01"
    presenter.search("zzz")
    assert (presenter.state.person, presenter.state.history) == ("", ())


def test_a_kit_that_sealed_nothing_has_no_statuses(kit: Kit, tasks: SameThread) -> None:
    presenter = StatusesPresenter(kit.desk, tasks, Steps())
    presenter.start()
    assert presenter.state.stage is Stage.EMPTY
