from __future__ import annotations

import pytest
from support.recording import RecordingKit
from support.room import LEAD
from support.tasks import SameThread, Steps

from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.ports.devices import NotConnectedError
from ui.presenters.presenter import message
from ui.presenters.recording.exception_ink import ExceptionInkPresenter
from ui.presenters.recording.steps import SessionWork
from ui.presenters.tasks import STORE


class Ink:
    def offer_signature(self, signature: object) -> None: ...


def opened(kit: RecordingKit, steps: Steps, second: str) -> ExceptionInkPresenter:
    run, sid = kit.context.recording, kit.session_id
    run.confirm_biodata(sid, kit.context.visits.target("target-1").biodata)
    little, why = [Position.RIGHT_LITTLE], ExceptionReason.BANDAGED
    run.mark_exceptions(
        sid, StepKind.RIGHT_FOUR, little, why, "Pak RT", kit.room.keys.credential(LEAD) if second else None
    )
    kit.room.complete(run.find(sid))
    presenter = ExceptionInkPresenter(kit.context, SameThread(), steps, sid, Ink())
    presenter.start()
    return presenter


def test_two_sign_one_after_the_other_and_the_review_comes_back(context_kit: RecordingKit, steps: Steps) -> None:
    presenter = opened(context_kit, steps, LEAD.user_id)
    told = [(each.words, each.detail) for each in presenter.state.people]
    assert told == [("Pak RT", message("tinjau.ink_witness")), (LEAD.name, message("tinjau.ink_attendant"))]
    presenter.choose_next(1)
    presenter.accept()
    assert (presenter.state.signer, presenter.state.ink is not None) == (LEAD.name, True)
    presenter.accept()
    assert (presenter.state.signer, steps.taken) == ("Pak RT", []), "who is left signs without being chosen"
    presenter.repeat()
    presenter.accept()
    assert steps.taken == [("back",)]
    given = [(ink.wanted.role.value, ink.name, bool(ink.device)) for ink in context_kit.on_disk().inks]
    assert given == [("attendant", LEAD.name, True), ("witness", "Pak RT", True)]


def test_whoever_was_chosen_still_signs_after_the_screen_was_left(context_kit: RecordingKit, steps: Steps) -> None:
    presenter = opened(context_kit, steps, LEAD.user_id)
    presenter.choose_next(1)
    presenter.accept()
    presenter.stop()
    context_kit.pad.script = [NotConnectedError("device.none.signature_pad")]
    presenter.start()
    assert presenter.state.signer == LEAD.name
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "device.none.signature_pad"


def test_each_signs_what_was_noted_before_them_and_nothing_else(context_kit: RecordingKit, steps: Steps) -> None:
    run, sid = context_kit.context.recording, context_kit.session_id
    run.confirm_biodata(sid, context_kit.context.visits.target("target-1").biodata)
    run.mark_exceptions(sid, StepKind.RIGHT_FOUR, [Position.RIGHT_LITTLE], ExceptionReason.BANDAGED, "Pak RT")
    run.mark_exceptions(sid, StepKind.THUMBS, [Position.LEFT_THUMB], ExceptionReason.WORN, "Bu Siti")
    run.mark_exceptions(sid, StepKind.IRIS, [Position.EYE_LEFT], ExceptionReason.CATARACT, "Pak RW")
    tasks = SameThread(STORE)
    presenter = ExceptionInkPresenter(context_kit.context, tasks, steps, sid, Ink())
    presenter.start()
    presenter.accept()  # nobody is known yet
    tasks.release(STORE)

    def signed() -> list[object]:
        return [position for position, _ in presenter.state.signed]

    little, thumb, eye = (message(f"position.{name}") for name in ("right_little", "left_thumb", "eye_left"))
    assert signed() == [little, thumb, eye]
    presenter.accept()
    assert (presenter.state.signer, signed()) == ("Pak RT", [little])
    presenter.accept()
    tasks.release(STORE)
    assert signed() == [thumb, eye]


def test_the_time_of_signing_is_work_at_the_recording(
    context_kit: RecordingKit, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(SessionWork.__init__, "__defaults__", (lambda: now[0],))
    presenter = opened(context_kit, steps, "")
    before = context_kit.on_disk().worked_ms
    presenter.touch()
    now[0] += 4
    presenter.rest()
    now[0] += 3
    presenter.go_on()
    now[0] += 2
    presenter.stop()
    assert context_kit.on_disk().worked_ms - before == 6_000


def test_one_witness_signs_at_once(context_kit: RecordingKit, steps: Steps) -> None:
    presenter = opened(context_kit, steps, "")
    assert (presenter.state.signer, presenter.state.ink is not None) == ("Pak RT", True)
    assert presenter.state.signed == ((message("position.right_little"), message("reason.bandaged")),)
    presenter.back()
    assert (steps.taken, context_kit.on_disk().inks) == ([("back",)], ())


@pytest.fixture
def steps() -> Steps:
    return Steps()
