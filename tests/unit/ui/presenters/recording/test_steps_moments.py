from __future__ import annotations

from dataclasses import replace

import pytest
from support.recording import FINGER_EXECUTOR, WEAK, Recording, RecordingKit
from support.tasks import SameThread

from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import THUMBS, ExceptionReason, Position
from fieldkit.domain.recording.session import Phase
from fieldkit.formats.signature import StrokeCodec
from fieldkit.ports.devices import DeviceKind, LiveScore, NotConnectedError, Signature
from fieldkit.ports.recording import SlapSeen
from ui.presenters.parts import Sound, Stage
from ui.presenters.presenter import message
from ui.presenters.recording.panels import ExceptionPanel
from ui.presenters.recording.state import RecordingState
from ui.presenters.tasks import COMPUTE, STORE, device_executor

PAD = device_executor(DeviceKind.SIGNATURE_PAD.value)


def test_the_clock_of_a_recording_that_is_still_read_shows_nothing(context_kit: RecordingKit) -> None:
    tasks = SameThread(STORE)
    recording = Recording(context_kit, tasks)
    tasks.tick()
    assert (recording.state.stage, recording.state.clock) == (Stage.LOADING, "")
    tasks.release(STORE)
    assert recording.state.clock == "00:00"


def test_a_recording_that_stopped_in_its_seal_goes_on(context_kit: RecordingKit) -> None:
    run, sid = context_kit.context.recording, context_kit.session_id
    context_kit.room.complete(run.confirm_biodata(sid, context_kit.context.visits.target("target-1").biodata))
    with context_kit.room.store.write() as unit:
        unit.sessions.save(replace(unit.sessions.get(sid), phase=Phase.SEALING))
    Recording(context_kit, SameThread())
    assert context_kit.on_disk().phase is Phase.CAPTURING


def test_what_was_confirmed_stands_there_again_and_not_what_the_list_says(recording: Recording) -> None:
    recording.presenter.type_biodata("name", "SULASTRI")
    recording.presenter.accept()
    again = Recording(recording.kit, SameThread())
    assert again.current is StepKind.PHOTO
    again.presenter.choose_step(StepKind.BIODATA.value)
    assert again.state.form.values["name"] == "SULASTRI"
    assert not again.state.form.is_changed


def test_the_keys_go_up_and_down_the_rail_and_not_beyond(recording: Recording) -> None:
    recording.go_to(StepKind.PHOTO)
    for by, kind in ((-1, StepKind.BIODATA), (-1, StepKind.BIODATA), (1, StepKind.PHOTO)):
        recording.presenter.turn(by)
        assert recording.current is kind
    recording.presenter.choose_step(StepKind.CONFIRMATION.value)
    for _ in range(2):
        recording.presenter.turn(1)
        assert recording.current is StepKind.INDEX_VERIFICATION


def test_the_voice_asks_for_what_a_step_still_needs(recording: Recording) -> None:
    def spoken() -> str:
        return recording.state.chime.spoken if recording.state.chime else ""

    assert spoken() == "", "nobody is asked for anything yet"
    recording.go_to(StepKind.RIGHT_FOUR)
    assert spoken() == "right_four"
    recording.presenter.capture()
    assert spoken() == ""
    recording.presenter.choose_step(StepKind.INDEX_VERIFICATION.value)
    assert spoken() == "index_verification"
    recording.presenter.choose_step(StepKind.RIGHT_FOUR.value)
    assert spoken() == "index_verification", "the right hand has given enough"
    assert len(recording.state.stills) == 4
    recording.presenter.choose_step(StepKind.BIODATA.value)
    assert spoken() == "index_verification"
    recording.kit.fingers.script = [WEAK]
    recording.presenter.choose_step(StepKind.LEFT_FOUR.value)
    recording.kit.fingers.script = [dict.fromkeys(CAPTURED_AT[StepKind.LEFT_FOUR], 20)]
    recording.presenter.capture()
    assert spoken() == "again"


def test_a_step_in_which_everything_is_excepted_asks_no_device(recording: Recording) -> None:
    recording.go_to(StepKind.IRIS)
    recording.presenter.open_exception()
    for number in (1, 2):
        recording.presenter.number(number)
    recording.except_chosen(ExceptionReason.EYES_CLOSED)
    recording.presenter.choose_step(StepKind.IRIS.value)
    streams = recording.kit.irises.streams
    recording.presenter.capture()
    recording.presenter.rest()
    recording.presenter.go_on()
    assert not recording.state.is_capturing
    assert (recording.kit.irises.requests, recording.kit.irises.streams) == ([], streams)


def test_a_capture_that_outlasts_a_short_lock_is_not_replaced_by_a_preview(context_kit: RecordingKit) -> None:
    tasks = SameThread(FINGER_EXECUTOR)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.capture()
    recording.presenter.rest()
    recording.presenter.go_on()
    assert recording.state.is_capturing
    tasks.release(FINGER_EXECUTOR)
    assert (len(recording.step().attempts), context_kit.fingers.streams) == (1, 0)
    assert not recording.state.is_capturing


def test_while_something_is_decided_nothing_is_captured(context_kit: RecordingKit) -> None:
    tasks = SameThread()
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.capture()
    tasks.hold(STORE)
    recording.presenter.accept()
    recording.presenter.capture()
    assert len(context_kit.fingers.requests) == 1
    tasks.release(STORE)
    assert recording.current is StepKind.LEFT_FOUR


def test_what_lies_there_is_not_told_of_another_step_nor_while_it_is_captured(context_kit: RecordingKit) -> None:
    tasks = SameThread(FINGER_EXECUTOR)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    seen = SlapSeen(3)
    recording.presenter.live_seen(StepKind.PHOTO, LiveScore(40, ("face.too_far",)))
    assert recording.state.live is None
    recording.presenter.live_seen(StepKind.RIGHT_FOUR, seen)
    assert recording.state.live is seen
    recording.presenter.capture()
    recording.presenter.live_seen(StepKind.RIGHT_FOUR, seen)
    assert recording.state.live is None


def test_a_device_that_answers_takes_back_only_that_it_was_away(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.kit.fingers.script = [NotConnectedError("device.none.fingerprint")]
    recording.presenter.capture()
    recording.presenter.device_answers()
    assert recording.state.trouble is not None, "what a capture said stays"
    recording.presenter.device_is_away(recording.state.trouble)
    assert recording.state.is_away
    recording.presenter.device_answers()
    assert (recording.state.is_away, recording.state.trouble) == (False, None)


def test_a_signature_that_was_kept_is_shown_and_not_over_the_next_one(context_kit: RecordingKit) -> None:
    tasks = SameThread()
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.SIGNATURE)
    recording.presenter.accept()
    for executor in (STORE, PAD):
        tasks.hold(executor)
    recording.presenter.choose_step(StepKind.SIGNATURE.value)
    recording.presenter.capture()
    tasks.release(STORE)
    assert (recording.state.is_capturing, recording.state.ink) == (True, None), "somebody is signing anew"
    tasks.release(PAD)
    tasks.release(STORE)
    assert recording.state.ink is not None
    recording.presenter.choose_step(StepKind.SIGNATURE.value)
    recording.presenter.choose_step(StepKind.RIGHT_FOUR.value)
    tasks.release(STORE)
    assert recording.state.ink is None, "it belongs to its step"


def test_each_moment_is_shown_at_once(recording: Recording) -> None:
    """The whole screen is measured and painted for each state."""
    shown: list[RecordingState] = []
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.listen(shown.append)
    recording.presenter.choose_step(StepKind.THUMBS.value)
    assert [(each.current, each.chime and each.chime.spoken) for each in shown[1:]] == [
        (StepKind.THUMBS, StepKind.THUMBS.value)
    ]
    recording.tasks.hold(FINGER_EXECUTOR)
    recording.presenter.capture()
    recording.tasks.hold(COMPUTE)
    del shown[:]
    recording.tasks.release(FINGER_EXECUTOR)
    assert [(each.attempts_made, each.is_capturing, each.chime and each.chime.sound) for each in shown] == [
        (1, False, Sound.CAPTURED)
    ]
    recording.presenter.choose_step(StepKind.LEFT_FOUR.value)
    recording.presenter.open_exception()
    del shown[:]
    recording.presenter.choose_next(1)
    reasons = [each.panel.reason for each in shown if isinstance(each.panel, ExceptionPanel)]
    assert reasons == [ExceptionReason.MISSING_FINGER]


def test_a_signature_is_drawn_for_its_papers_as_it_comes_and_a_print_is_not(
    context_kit: RecordingKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Signature] = []
    monkeypatch.setattr(StrokeCodec, "to_png", lambda _, ink: drawn.append(ink))
    recording = Recording(context_kit, SameThread())
    with monkeypatch.context() as prints:
        prints.setattr(StrokeCodec, "from_sample", lambda _, sample: drawn.append(sample))
        recording.go_to(StepKind.RIGHT_FOUR)
        recording.presenter.capture()
    assert drawn == []
    recording.go_to(StepKind.SIGNATURE)
    assert drawn == [recording.state.ink]


@pytest.mark.parametrize(
    ("first", "looks"), [([StepKind.RIGHT_FOUR], 0), ([StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR, StepKind.THUMBS], 1)]
)
def test_once_the_last_fingers_are_given_the_comparison_begins(
    context_kit: RecordingKit, monkeypatch: pytest.MonkeyPatch, first: list[StepKind], looks: int
) -> None:
    looked = []
    monkeypatch.setattr(context_kit.context.again, "look_ahead", looked.append)
    recording = Recording(context_kit, SameThread())
    for kind in first:
        recording.go_to(kind)
        recording.presenter.capture()
        recording.presenter.accept()
    recording.presenter.choose_step(StepKind.PHOTO.value)
    recording.presenter.capture()
    recording.presenter.accept()
    assert looked == [context_kit.session_id] * looks


def test_a_failed_step_that_was_let_pass_shows_what_there_is(recording: Recording) -> None:
    recording.go_to(StepKind.THUMBS)
    recording.kit.fingers.script = [{THUMBS[0]: None, THUMBS[1]: 20}] * 4
    for _ in range(4):
        recording.presenter.capture()
    recording.presenter.ask_lead()
    recording.presenter.allow("sawah hijau subuh")
    recording.presenter.choose_step(StepKind.THUMBS.value)
    assert [still.position for still in recording.state.stills] == [Position.LEFT_THUMB]
    assert recording.state.guidance == message("rekam.closed")
