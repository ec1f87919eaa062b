from __future__ import annotations

import pytest
from support.recording import FINGER_EXECUTOR, FRAME, WEAK, Kept, Recording, RecordingKit, ScriptedDevice
from support.tasks import SameThread, Steps

from fieldkit.domain.recording.capture_policy import CAPTURED_AT, StepKind
from fieldkit.domain.recording.capture_step import Accepted
from fieldkit.domain.recording.portrait import Background
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.session import Phase
from fieldkit.domain.recording.session_events import EndReason
from fieldkit.ports.devices import DeviceKind, LiveScore, NothingPresentedError, TransportBrokenError
from fieldkit.services.recording.capture import DEVICE_FOR
from ui.presenters.actions import Action
from ui.presenters.figures import FingerMark, StepMark
from ui.presenters.messages import message
from ui.presenters.parts import Sound, Stage, Tone
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.tasks import STORE, device_executor


def test_nothing_is_captured_before_the_name_is_confirmed(recording: Recording) -> None:
    recording.presenter.choose_step("photo")
    assert recording.current is StepKind.BIODATA
    assert recording.state.toast.words == message("rekam.biodata_first")
    recording.presenter.open_exception()
    recording.presenter.capture()
    assert recording.state.panel is None
    assert not recording.kept.frames


def test_a_slap_with_three_of_four_fingers_says_which_is_missing(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.kit.fingers.script = [{Position.RIGHT_LITTLE: None}]
    recording.presenter.capture()
    marks = {finger.position: finger.mark for finger in recording.state.fingers}
    assert marks[Position.RIGHT_LITTLE] is FingerMark.WANTED
    assert marks[Position.RIGHT_INDEX] is FingerMark.SCORED
    assert recording.state.advice_title == message("position.right_little")
    assert recording.state.advice == message("rekam.not_seen.finger")
    assert recording.state.chips == (message("rekam.seen", seen=3, asked=4),)
    recording.presenter.accept()
    assert recording.current is StepKind.RIGHT_FOUR
    assert recording.state.problem.code == "session.not_enough"
    assert recording.actions()[Action.ACCEPT] == message("rekam.not_enough")


def test_what_rests_is_captured_without_a_key(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    presenter, fingers = recording.presenter, recording.kit.fingers
    presenter.at_rest(StepKind.LEFT_FOUR)
    presenter.rest()
    presenter.at_rest(StepKind.RIGHT_FOUR)
    presenter.go_on()
    presenter.open_exception()
    presenter.at_rest(StepKind.RIGHT_FOUR)
    presenter.back()
    assert recording.state.attempts_made == 0, "another step, a locked screen, an open panel"
    fingers.script = [{Position.RIGHT_LITTLE: 20}] * 5
    for _ in range(6):
        presenter.at_rest(StepKind.RIGHT_FOUR)
    assert recording.state.attempts_made == 4, "no attempt beyond the last is made by itself"


def test_what_is_good_enough_is_not_captured_again_by_itself(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    for _ in range(3):
        recording.presenter.at_rest(StepKind.RIGHT_FOUR)
    assert recording.state.attempts_made == 1


def test_what_the_camera_sees_is_said_live(recording: Recording) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.live_seen(StepKind.PHOTO, LiveScore(30, ("face.too_far",)))
    assert recording.state.chips == (message("face.too_far"),)
    recording.presenter.live_seen(StepKind.IRIS, LiveScore(30, ("iris.blurred",)))
    assert recording.state.chips == (message("face.too_far"),)


def test_a_low_score_brings_advice_and_repeating_keeps_the_best_of_each_finger(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.kit.fingers.script = [
        {Position.RIGHT_MIDDLE: 31, Position.RIGHT_RING: 90},
        {Position.RIGHT_MIDDLE: 72, Position.RIGHT_RING: 20},
    ]
    recording.presenter.capture()
    assert recording.state.chime.sound is Sound.REPEAT
    assert recording.state.advice == message("rekam.hint.finger_1", score=31, enough=40)
    assert recording.kept.frames[-1] == FRAME
    assert not recording.state.stills, "the live picture is back for the next try"
    assert len(recording.state.so_far) == 4, "and the best so far stand beside it"
    recording.presenter.capture()
    assert recording.state.chime.sound is Sound.CAPTURED
    assert recording.state.advice == ""
    step = recording.step()
    assert step.best(Position.RIGHT_MIDDLE).quality.value == 72
    assert step.best(Position.RIGHT_RING).quality.value == 90
    recording.presenter.accept()
    assert all(isinstance(outcome, Accepted) for outcome in recording.step(StepKind.RIGHT_FOUR).outcomes.values())


def test_advice_changes_while_the_score_stays_low(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.kit.fingers.script = [WEAK] * 4
    said = []
    for _ in range(4):
        recording.presenter.capture()
        said.append(recording.state.advice.key)
    assert said == [f"rekam.hint.finger_{n}" for n in (1, 2, 3, 3)]
    assert recording.state.attempts_note == message("rekam.attempts_left", left=0)


def test_an_unplugged_device_keeps_what_was_accepted_and_comes_back_by_itself(recording: Recording) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.capture()
    recording.presenter.accept()
    recording.presenter.choose_step("right_four")
    recording.kit.fingers.script = [TransportBrokenError("device.transport_broken")]
    recording.presenter.capture()
    assert recording.state.trouble.code == "device.transport_broken"
    assert recording.state.chime.sound is Sound.REPEAT
    assert not recording.state.is_capturing
    recording.kit.fingers.is_away = True
    recording.tasks.tick()
    assert recording.state.is_away
    assert recording.state.trouble.code == "device.none.fingerprint"
    recording.kit.fingers.is_away = False
    frames = len(recording.kept.frames)
    recording.tasks.tick()
    assert len(recording.kept.frames) > frames
    assert not recording.state.is_away
    assert recording.state.trouble is None
    assert isinstance(recording.step(StepKind.PHOTO).outcomes[Position.PORTRAIT], Accepted)
    recording.presenter.capture()
    assert len(recording.state.stills) == 4


def test_what_a_capture_said_stays_until_the_next_one(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.kit.fingers.script = [NothingPresentedError("device.sbi.101")]
    recording.presenter.capture()
    recording.tasks.tick()  # the preview is back
    assert recording.state.trouble.code == "device.sbi.101"
    recording.presenter.capture()
    assert recording.state.trouble is None


def test_a_pad_that_is_away_waits_again_once_it_is_there(recording: Recording) -> None:
    recording.kit.pad.is_away = True
    recording.go_to(StepKind.SIGNATURE)
    assert recording.state.trouble.code == "device.none.signature_pad"
    recording.kit.pad.is_away = False
    recording.tasks.tick()
    assert recording.state.trouble is None
    assert recording.state.ink is not None


def test_signing_again_wipes_the_ink_and_counts_an_attempt(recording: Recording) -> None:
    recording.go_to(StepKind.SIGNATURE)
    wiped = recording.state.ink_round
    recording.presenter.capture()
    assert recording.state.ink_round == wiped + 1
    assert len(recording.step().attempts) == 2
    assert recording.state.ink is not None


def test_signing_on_the_screen_counts_only_while_a_signature_is_awaited(context_kit: RecordingKit) -> None:
    tasks, screen = SameThread("device:signature_pad"), ScriptedDevice(DeviceKind.SIGNATURE_PAD)
    kept = Kept()
    presenter = RecordingPresenter(
        context_kit.context, context_kit.door, tasks, Steps(), kept, kept, context_kit.session_id, screen
    )
    presenter.listen(lambda _: None)
    presenter.start()
    presenter.accept()
    presenter.choose_step(StepKind.SIGNATURE.value)
    presenter.sign_here()
    tasks.release("device:signature_pad")
    assert len(context_kit.on_disk().step(StepKind.SIGNATURE).attempts) == 1
    presenter.sign_here()
    tasks.release("device:signature_pad")
    assert len(context_kit.on_disk().step(StepKind.SIGNATURE).attempts) == 1, "a touch of the kept ink asks nothing"


def test_leaving_a_step_keeps_a_capture_that_comes_late(context_kit: RecordingKit) -> None:
    tasks = SameThread(FINGER_EXECUTOR)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    tasks.release(FINGER_EXECUTOR)
    recording.presenter.capture()
    assert recording.state.is_capturing
    recording.presenter.capture()  # a second press asks nothing twice
    recording.presenter.choose_step("iris")
    assert not recording.state.is_capturing
    tasks.release(FINGER_EXECUTOR)
    assert len(context_kit.fingers.requests) == 1
    assert recording.step(StepKind.RIGHT_FOUR).best(Position.RIGHT_INDEX) is not None
    assert recording.current is StepKind.IRIS
    recording.presenter.capture()
    assert len(recording.step(StepKind.IRIS).attempts) == 1, "the other device is free"
    assert next(s for s in recording.state.steps if s.name == "right_four").mark is StepMark.MISSING


@pytest.mark.parametrize("step", [StepKind.PHOTO, StepKind.SIGNATURE])
def test_nothing_looks_at_the_person_while_the_screen_is_locked(context_kit: RecordingKit, step: StepKind) -> None:
    executor = device_executor(DEVICE_FOR[CAPTURED_AT[step][0].modality].value)
    tasks = SameThread(executor)
    recording = Recording(context_kit, tasks)
    recording.go_to(step)
    before = context_kit.camera.streams
    recording.presenter.rest()
    tasks.release(executor)
    assert (context_kit.camera.streams, recording.step(step).attempts) == (before, ())
    recording.presenter.choose_step(step.value)  # what was decided before the lock may still come to its end
    recording.presenter.go_on()
    tasks.release(executor)
    assert context_kit.camera.streams == before + (step is StepKind.PHOTO)
    assert len(recording.step(step).attempts) == (step is StepKind.SIGNATURE)


def test_what_was_asked_for_before_the_lock_comes_and_no_preview_after_it(context_kit: RecordingKit) -> None:
    tasks = SameThread(FINGER_EXECUTOR)
    recording = Recording(context_kit, tasks)
    context_kit.fingers.script = [WEAK]
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.capture()
    recording.presenter.rest()
    tasks.release(FINGER_EXECUTOR)
    assert len(recording.step().attempts) == 1
    assert context_kit.fingers.streams == 0
    recording.presenter.go_on()
    tasks.release(FINGER_EXECUTOR)
    assert context_kit.fingers.streams == 1


def test_a_panel_that_was_open_is_open_after_the_lock(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    streams = recording.kit.fingers.streams
    recording.presenter.rest()
    recording.presenter.go_on()
    assert recording.state.panel is not None
    assert recording.kit.fingers.streams == streams


class Closing(SameThread):
    """A program that is being closed: of what the store is asked only what is written comes to be."""

    is_closing = False

    def run(self, executor: str, func, done, failed) -> None:
        if executor != STORE or not self.is_closing:
            super().run(executor, func, done, failed)


def test_what_somebody_gave_is_kept_even_while_the_program_is_closed(context_kit: RecordingKit) -> None:
    tasks = Closing(FINGER_EXECUTOR)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    tasks.release(FINGER_EXECUTOR)
    recording.presenter.capture()
    tasks.is_closing = True
    tasks.release(FINGER_EXECUTOR)
    assert recording.step(StepKind.RIGHT_FOUR).best(Position.RIGHT_INDEX) is not None


def test_a_capture_that_fails_after_its_step_was_left_says_nothing(context_kit: RecordingKit) -> None:
    tasks = SameThread(FINGER_EXECUTOR)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    context_kit.fingers.script = [TransportBrokenError("device.cancelled")]
    recording.presenter.capture()
    recording.presenter.choose_step("iris")
    tasks.release(FINGER_EXECUTOR)
    assert recording.state.trouble is None


def test_a_signature_broken_off_by_leaving_is_no_signature(context_kit: RecordingKit) -> None:
    executor = "device:signature_pad"
    tasks = SameThread(executor)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.SIGNATURE)
    recording.presenter.choose_step("photo")
    tasks.release(executor)
    assert recording.step(StepKind.SIGNATURE).attempts == ()


def test_a_late_result_does_not_disturb_the_capture_under_way(context_kit: RecordingKit) -> None:
    tasks = SameThread(FINGER_EXECUTOR, "store")
    recording = Recording(context_kit, tasks)
    tasks.release("store")
    recording.presenter.accept()
    tasks.release("store")
    recording.presenter.choose_step("right_four")
    recording.presenter.capture()
    tasks.release(FINGER_EXECUTOR)  # came, not yet kept
    recording.presenter.choose_step("photo")
    recording.presenter.choose_step("right_four")
    recording.presenter.capture()
    tasks.release("store")
    assert recording.state.is_capturing
    tasks.release(FINGER_EXECUTOR)
    tasks.release("store")
    assert len(recording.step().attempts) == 2


def test_enter_does_not_accept_while_the_device_captures(context_kit: RecordingKit) -> None:
    tasks = SameThread(FINGER_EXECUTOR)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.capture()
    tasks.release(FINGER_EXECUTOR)
    recording.presenter.capture()
    recording.presenter.accept()
    assert recording.current is StepKind.RIGHT_FOUR
    assert recording.actions()[Action.ACCEPT] == message("rekam.already_capturing")
    tasks.release(FINGER_EXECUTOR)
    recording.presenter.accept()
    assert recording.current is StepKind.LEFT_FOUR


def test_a_closed_step_can_be_repeated_and_keeps_the_better_one(recording: Recording) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.capture()
    recording.presenter.accept()
    recording.presenter.choose_step("photo")
    assert recording.state.guidance == message("rekam.closed")
    recording.kit.camera.script = [{Position.PORTRAIT: 95}]
    recording.presenter.capture()
    assert not recording.step(StepKind.PHOTO).is_closed
    recording.presenter.accept()
    assert recording.step(StepKind.PHOTO).best(Position.PORTRAIT).quality.value == 95


def test_enter_leads_on_from_a_step_that_is_done(recording: Recording) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.capture()
    recording.presenter.accept()
    recording.go_to(StepKind.PHOTO)
    assert recording.current is StepKind.PHOTO
    recording.presenter.accept()
    assert recording.current is StepKind.SIGNATURE


def test_escape_pauses_and_resuming_goes_on_where_it_was(recording: Recording, context_kit: RecordingKit) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.capture()
    recording.presenter.accept()
    recording.presenter.back()
    recording.presenter.back()
    assert recording.way.taken == [("back",)]
    assert context_kit.on_disk().phase is Phase.SUSPENDED
    recording.presenter.stop()
    assert all(timer.is_stopped for timer in recording.tasks.timers)
    assert context_kit.context.recording.open("target-1").session_id == context_kit.session_id
    again = Recording(context_kit, SameThread())
    assert again.current is StepKind.SIGNATURE
    assert [s.mark for s in again.state.steps][:2] == [StepMark.DONE, StepMark.DONE]


def test_a_recording_that_ended_goes_to_beranda(context_kit: RecordingKit) -> None:
    context_kit.context.recording.refuse(context_kit.session_id, EndReason.DECLINED)
    assert Recording(context_kit, SameThread()).way.taken == [("restart", "home")]


def test_a_recording_that_stopped_in_review_goes_on(recording: Recording, context_kit: RecordingKit) -> None:
    context_kit.room.complete(
        context_kit.context.recording.confirm_biodata(
            context_kit.session_id, context_kit.context.visits.target("target-1").biodata
        )
    )
    assert context_kit.on_disk().phase is Phase.REVIEWING
    again = Recording(context_kit, SameThread())
    assert context_kit.on_disk().phase is Phase.CAPTURING
    again.presenter.accept()
    assert again.way.taken[-1] == ("push", "review", context_kit.session_id)


def test_a_session_that_cannot_be_read_leaves_a_way_back(context_kit: RecordingKit) -> None:
    kit, way = context_kit, Steps()
    presenter = RecordingPresenter(kit.context, kit.door, SameThread(), way, Kept(), Kept(), "nobody")
    presenter.start()
    assert presenter.state.stage is Stage.ERROR
    presenter.back()
    assert way.taken == [("back",)]


def test_the_timer_turns_to_caution_beyond_the_standard_time(context_kit: RecordingKit) -> None:
    assert Recording(context_kit, SameThread()).state.clock == "00:00"
    context_kit.context.recording.note_work(context_kit.session_id, 31 * 60_000)
    recording = Recording(context_kit, SameThread())
    assert (recording.state.clock, recording.state.clock_tone) == ("31:00", Tone.CAUTION)


def test_the_camera_learns_which_background_is_right(recording: Recording) -> None:
    recording.go_to(StepKind.PHOTO)
    assert recording.kit.portraits.expected is Background.RED
