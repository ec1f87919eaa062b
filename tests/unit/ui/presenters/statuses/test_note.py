from __future__ import annotations

import pytest
from support.app_context import PETUGAS, TARGETS, Kit
from support.letters import KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.delivery.status_work import TYPED_FROM_SIAK
from fieldkit.domain.people.accounts import User
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.statuses.note import StatusNotePresenter

RECORD = "0199-0001"


def noting(kit: Kit, tasks: SameThread, steps: Steps, user: User = KASI) -> StatusNotePresenter:
    presenter = StatusNotePresenter(kit.context_of(user), tasks, steps, RECORD)
    presenter.start()
    return presenter


@pytest.fixture
def presenter(kit: Kit, tasks: SameThread, steps: Steps) -> StatusNotePresenter:
    kit.seal(1, TARGETS[0])
    kit.apply(RECORD, "SENT_FOR_ENROLLMENT")
    kit.clock.advance(hours=2)
    return noting(kit, tasks, steps)


def codes(kit: Kit) -> list[str]:
    return [status.code for status in kit.context.office.statuses.get(RECORD).statuses]


def problem_at(presenter: StatusNotePresenter, name: str) -> str:
    words = next(field.problem for field in presenter.state.fields if field.name == name)
    return getattr(words, "code", "")


def test_a_known_code_is_explained_while_it_is_typed(presenter: StatusNotePresenter, kit: Kit, steps: Steps) -> None:
    assert presenter.state.meaning == message("status.note_hint")
    presenter.type_field("code", "received_at_central")
    assert presenter.state.meaning == message("central.received_at_central")
    assert (presenter.state.todo, presenter.state.doubt) == (message("task.wait"), "")
    presenter.type_field("reason", "dilihat loket")
    presenter.accept()
    said = kit.context.office.statuses.get(RECORD).central
    assert said is not None
    assert (said.code, said.source, said.reason) == ("RECEIVED_AT_CENTRAL", TYPED_FROM_SIAK, "dilihat loket")
    assert steps.taken == [("back",)]


def test_a_stranger_is_kept_and_shown_verbatim(presenter: StatusNotePresenter, kit: Kit) -> None:
    presenter.type_field("code", " Menunggu_X7 ")
    assert presenter.state.meaning == message("status.unknown_code", code="Menunggu_X7")
    assert presenter.state.todo == message("task.ask_meaning")
    presenter.accept()
    assert codes(kit) == ["SENT_FOR_ENROLLMENT", "Menunggu_X7"]
    presenter.start()
    assert presenter.state.history[-1].words == "Menunggu_X7"


def test_an_illegal_looking_one_warns_before_and_after_and_is_kept(
    presenter: StatusNotePresenter, kit: Kit, steps: Steps
) -> None:
    presenter.type_field("code", "CARD_ISSUED")
    assert presenter.state.doubt == message("status.doubtful")
    assert presenter.state.kept == ""
    presenter.accept()
    assert codes(kit) == ["SENT_FOR_ENROLLMENT", "CARD_ISSUED"]
    assert (presenter.state.kept, presenter.state.doubt) == (message("status.kept_odd"), message("status.doubtful"))
    assert steps.taken == []
    presenter.type_field("code", "PRR")
    assert presenter.state.fields[0].text == "CARD_ISSUED"
    presenter.accept()
    assert steps.taken == [("back",)]
    assert len(codes(kit)) == 2


def test_what_usually_follows_is_one_press(presenter: StatusNotePresenter) -> None:
    assert [choice.name for choice in presenter.state.usual] == ["BIO_CAPTURED", "RECEIVED_AT_CENTRAL"]
    presenter.choose_code("RECEIVED_AT_CENTRAL")
    assert (presenter.state.fields[0].text, presenter.state.chosen) == ("RECEIVED_AT_CENTRAL", "RECEIVED_AT_CENTRAL")


def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(presenter: StatusNotePresenter, kit: Kit) -> None:
    presenter.accept()
    assert problem_at(presenter, "code") == "status.no_code"
    presenter.type_field("code", "PRR")
    assert problem_at(presenter, "code") == ""
    for text, code in (("besok", "typed.moment"), ("22-11-2026 09.00", "status.future")):
        presenter.type_field("at", text)
        presenter.accept()
        assert problem_at(presenter, "at") == code
    assert codes(kit) == ["SENT_FOR_ENROLLMENT"]


def test_when_it_was_seen_may_be_earlier(presenter: StatusNotePresenter, kit: Kit) -> None:
    presenter.type_field("code", "RECEIVED_AT_CENTRAL")
    presenter.type_field("at", "21-11-2026 10.45")
    presenter.accept()
    said = kit.context.office.statuses.get(RECORD).central
    assert said is not None
    assert kit.clock.local(said.observed_at).strftime("%H.%M") == "10.45"


def test_who_does_not_type_statuses_sees_why(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    presenter = noting(kit, tasks, steps, PETUGAS)
    assert presenter.state.bar.actions[0].refused == message("status.not_yours")
    presenter.type_field("code", "PRR")
    presenter.accept()
    assert codes(kit) == []


def test_a_record_that_is_not_here_says_so(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert noting(kit, tasks, steps).state.stage is Stage.ERROR


def test_a_status_that_was_not_kept_stands_there_again(
    presenter: StatusNotePresenter, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter.type_field("code", "received_at_central")
    presenter.stop()
    again = noting(kit, tasks, steps)
    assert again.state.fields[0].text == "received_at_central"
    assert again.state.restored
    again.accept()
    assert kit.context_of(KASI).drafts.mine() == []
