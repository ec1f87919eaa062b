from __future__ import annotations

import pytest
from support.app_context import NOW, Kit
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.record import Notice
from fieldkit.domain.recording.session import EndReason
from ui.presenters.parts import Stage
from ui.presenters.recording.panels import POINTS, NoticePresenter


@pytest.fixture
def session_id(kit: Kit) -> str:
    return kit.context.recording.open("t1").session_id


@pytest.fixture
def presenter(kit: Kit, tasks: SameThread, steps: Steps, session_id: str) -> NoticePresenter:
    presenter = NoticePresenter(kit.context, tasks, steps, session_id)
    presenter.start()
    return presenter


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_points_are_told_in_both_languages_and_it_is_free(language: str) -> None:
    catalogue = strict_catalogue(language)
    told = [catalogue.text(f"notice.{point}_text") for point in POINTS]
    assert len(set(told)) == 6
    assert catalogue.text("notice.free") in {"Gratis", "Free of charge"}


def test_it_names_the_person_in_full_and_masks_the_status_bar(presenter: NoticePresenter) -> None:
    assert presenter.state.name == "MISINEM"
    assert presenter.state.where == "MIS••• · 350512••••••••03"
    assert len(presenter.state.points) == 6


def test_going_on_notes_language_and_companion(
    presenter: NoticePresenter, kit: Kit, steps: Steps, session_id: str
) -> None:
    presenter.type_companion("  Pak Slamet ")
    presenter.told("en")
    assert kit.context.recording.find(session_id).notice == Notice(NOW, "en", "Pak Slamet")
    assert steps.taken == [("replace", "recording", session_id)]


def test_a_no_needs_a_reason_and_makes_a_revisit(
    presenter: NoticePresenter, kit: Kit, steps: Steps, session_id: str
) -> None:
    assert [action.name for action in presenter.state.bar.actions] == ["decline", "accept"]
    presenter.decline()
    assert [choice.name for choice in presenter.state.reasons] == [
        *("declined", "fled", "too_ill", "deceased", "already_recorded", "wrong_person", "nik_problem"),
        "opened_by_mistake",
    ], "a broken device is found out later"
    assert presenter.state.bar.actions[0].refused
    presenter.perform(presenter.state.bar.actions[0])
    assert kit.context.recording.find(session_id).notice is None
    assert steps.taken == []
    presenter.choose_reason(EndReason.FLED.value)
    assert presenter.state.bar.actions[0].refused == ""
    presenter.perform(presenter.state.bar.actions[0])
    assert steps.taken == [("back",)]
    planned = kit.context.visits.target("t1")
    assert (planned.state, planned.reason) == (TargetState.POSTPONED, "fled")


def test_back_closes_the_reasons_first(presenter: NoticePresenter, steps: Steps) -> None:
    presenter.decline()
    presenter.back()
    assert (presenter.state.reasons, steps.taken) == ((), [])
    presenter.back()
    assert steps.taken == [("back",)]


def test_an_unknown_session_is_an_error(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = NoticePresenter(kit.context, tasks, steps, "no-such")
    presenter.start()
    assert presenter.state.stage is Stage.ERROR
