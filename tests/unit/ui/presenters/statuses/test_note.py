from __future__ import annotations

import pytest
from support.app_context import PETUGAS, TARGETS, Kit
from support.letters import KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.delivery.status_work import TYPED_FROM_SIAK
from fieldkit.domain.drafts import DraftName
from fieldkit.domain.people.accounts import User
from ui.presenters.drafted import Drafting
from ui.presenters.form import FormField
from ui.presenters.lists import Hint, History
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.statuses.note import StatusNote
from ui.presenters.work_form import WorkFormPresenter

RECORD = "0199-0001"
HINTED = message("status.note_hint")


def noting(kit: Kit, tasks: SameThread, steps: Steps, user: User = KASI) -> WorkFormPresenter:
    context = kit.context_of(user)
    drafting = Drafting(context, tasks, DraftName("status_note", {"record_id": RECORD}))
    presenter = WorkFormPresenter(StatusNote(context, steps, RECORD).form(), tasks, steps, drafting)
    presenter.start()
    return presenter


@pytest.fixture
def presenter(kit: Kit, tasks: SameThread, steps: Steps) -> WorkFormPresenter:
    kit.seal(1, TARGETS[0])
    kit.apply(RECORD, "SENT_FOR_ENROLLMENT")
    kit.clock.advance(hours=2)
    return noting(kit, tasks, steps)


def codes(kit: Kit) -> list[str]:
    return [status.code for status in kit.context.office.statuses.get(RECORD).statuses]


def field(presenter: WorkFormPresenter, name: str) -> FormField:
    return next(field for field in presenter.state.fields if field.name == name)


def hints(presenter: WorkFormPresenter) -> list[object]:
    return [each.title for each in presenter.state.side if isinstance(each, Hint)]


def todo(presenter: WorkFormPresenter) -> object:
    return [each.words for each in presenter.state.side if isinstance(each, Hint)][-1]


def problem_at(presenter: WorkFormPresenter, name: str) -> str:
    return getattr(field(presenter, name).problem, "code", "")


def test_a_known_code_is_explained_while_it_is_typed(presenter: WorkFormPresenter, kit: Kit, steps: Steps) -> None:
    assert (hints(presenter), todo(presenter)) == ([HINTED], "")
    presenter.type("code", "received_at_central")
    assert hints(presenter) == [message("central.received_at_central")]
    assert todo(presenter) == message("task.wait")
    presenter.type("reason", "dilihat loket")
    presenter.accept()
    said = kit.context.office.statuses.get(RECORD).central
    assert said is not None
    assert (said.code, said.source, said.reason) == ("RECEIVED_AT_CENTRAL", TYPED_FROM_SIAK, "dilihat loket")
    assert steps.taken == [("back",)]


def test_a_stranger_is_kept_and_shown_verbatim(presenter: WorkFormPresenter, kit: Kit) -> None:
    presenter.type("code", " Menunggu_X7 ")
    assert hints(presenter) == [message("status.unknown_code", code="Menunggu_X7")]
    assert todo(presenter) == message("task.ask_meaning")
    presenter.accept()
    assert codes(kit) == ["SENT_FOR_ENROLLMENT", "Menunggu_X7"]
    presenter.start()
    (history,) = (each for each in presenter.state.side if isinstance(each, History))
    assert history.steps[-1].words == "Menunggu_X7"


def test_an_illegal_looking_one_warns_before_and_after_and_is_kept(
    presenter: WorkFormPresenter, kit: Kit, steps: Steps
) -> None:
    presenter.type("code", "CARD_ISSUED")
    assert hints(presenter)[0] == message("status.doubt_tag")
    presenter.accept()
    assert codes(kit) == ["SENT_FOR_ENROLLMENT", "CARD_ISSUED"]
    assert hints(presenter)[0] == message("status.kept_odd")
    assert [each.title for each in presenter.state.below] == [message("status.is_kept")]
    assert steps.taken == []
    assert not field(presenter, "usual").is_asked
    presenter.type("code", "PRR")
    assert field(presenter, "code").text == "CARD_ISSUED"
    presenter.perform(presenter.state.bar.actions[-1])
    assert steps.taken == [("back",)]
    assert len(codes(kit)) == 2


def test_what_usually_follows_is_one_press(presenter: WorkFormPresenter) -> None:
    assert [choice.name for choice in field(presenter, "usual").choices] == ["BIO_CAPTURED", "RECEIVED_AT_CENTRAL"]
    presenter.choose("usual", "RECEIVED_AT_CENTRAL")
    assert (field(presenter, "code").text, field(presenter, "usual").text) == ("RECEIVED_AT_CENTRAL",) * 2
    presenter.type("code", "bio_captured")
    assert (field(presenter, "code").text, field(presenter, "usual").text) == ("bio_captured", "BIO_CAPTURED")
    presenter.type("code", "PRR")
    assert (field(presenter, "code").text, field(presenter, "usual").text) == ("PRR", "")
    presenter.choose("usual", "BIO_CAPTURED")
    assert field(presenter, "code").text == "BIO_CAPTURED"


@pytest.mark.parametrize(("codes", "usual"), [((), ["PROCESSING", "SENT_FOR_ENROLLMENT"]), (("CARD_ISSUED",), [])])
def test_what_usually_follows_is_asked_where_something_does(
    kit: Kit, tasks: SameThread, steps: Steps, codes: tuple[str, ...], usual: list[str]
) -> None:
    kit.seal(1, TARGETS[0])
    if codes:
        kit.apply(RECORD, *codes)
    asked = field(noting(kit, tasks, steps), "usual")
    assert ([choice.name for choice in asked.choices], asked.is_asked) == (usual, bool(usual))


def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(presenter: WorkFormPresenter, kit: Kit) -> None:
    presenter.accept()
    assert problem_at(presenter, "code") == "status.no_code"
    presenter.type("code", "PRR")
    assert problem_at(presenter, "code") == ""
    for text, code in (("besok", "typed.moment"), ("22-11-2026 09.00", "status.future")):
        presenter.type("at", text)
        presenter.accept()
        assert problem_at(presenter, "at") == code
    assert codes(kit) == ["SENT_FOR_ENROLLMENT"]


def test_when_it_was_seen_may_be_earlier(presenter: WorkFormPresenter, kit: Kit) -> None:
    presenter.type("code", "RECEIVED_AT_CENTRAL")
    presenter.type("at", "21-11-2026 10.45")
    presenter.accept()
    said = kit.context.office.statuses.get(RECORD).central
    assert said is not None
    assert kit.clock.local(said.observed_at).strftime("%H.%M") == "10.45"


def test_who_does_not_type_statuses_sees_why(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    presenter = noting(kit, tasks, steps, PETUGAS)
    assert presenter.state.bar.actions[0].refused == message("status.not_yours")
    assert [each.title for each in presenter.state.below] == [message("status.not_yours")]
    assert [type(each) for each in presenter.state.side] == [Hint], "nothing was said yet"
    presenter.type("code", "PRR")
    presenter.accept()
    assert (field(presenter, "code").text, codes(kit)) == ("", [])


def test_a_record_that_is_not_here_says_so(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert noting(kit, tasks, steps).state.stage is Stage.ERROR


def test_a_status_that_was_not_kept_stands_there_again(
    presenter: WorkFormPresenter, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter.type("code", "received_at_central")
    presenter.stop()
    again = noting(kit, tasks, steps)
    assert field(again, "code").text == "received_at_central"
    assert again.state.restored
    again.accept()
    assert kit.context_of(KASI).drafts.mine() == []
