from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.kept import NOW, biodata, session
from support.recording import FINGER_EXECUTOR, FRAME, WEAK, Kept, Recording, RecordingKit, ScriptedDevice
from support.room import LEAD, PETUGAS, STORES
from support.steps import attempt, good, mark
from support.tasks import SameThread, Steps

from fieldkit.domain.recording.biodata import Background
from fieldkit.domain.recording.capture import CAPTURED_AT, Accepted, ExceptionInk, StepKind
from fieldkit.domain.recording.exceptions import InkGiven
from fieldkit.domain.recording.positions import FINGERS, ExceptionMark, ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import CaptureSession, EndReason, Phase
from fieldkit.ports.devices import DeviceKind, LiveScore, NothingPresentedError, TransportBrokenError
from fieldkit.services.recording.capture import DEVICE_FOR
from fieldkit.services.recording.find_again import OperatorsFinger, RecordedBefore
from ui.presenters.figures import FingerMark, StepMark
from ui.presenters.parts import Sound, Stage, Tag, Tone
from ui.presenters.presenter import Action, CatalogMessage, message
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.steps import (
    checks_of,
    counted,
    first_marks,
    found_problem,
    found_row,
    others_who_may_allow,
)
from ui.presenters.tasks import STORE, device_executor
from ui.presenters.wording import position_words


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


NO_TWIN = message("tinjau.twins"), Tag(message("tinjau.no_twin"), Tone.GOOD)


def line(session: CaptureSession, kit: RecordingKit, key: str) -> Tag:
    """Return what stands behind a line of the review."""
    lines = checks_of(session, kit.context.clock.today(), NO_TWIN)
    return next(tag for words, tag in lines if words == message(key))


def test_the_card_of_a_16_year_old_waits_for_the_birthday(context_kit: RecordingKit) -> None:
    who = context_kit.context.visits.target("target-1").biodata
    young = replace(who, birth_date=date(2010, 8, 7), marital_status=type(who.marital_status)(1))
    session = context_kit.room.complete(context_kit.context.recording.confirm_biodata(context_kit.session_id, young))
    assert line(session, context_kit, "tinjau.age").words == message("tinjau.card_from", day="07-08-2027")


def test_signatures_of_witnesses_are_counted_only_where_there_are_exceptions(context_kit: RecordingKit) -> None:
    run, sid = context_kit.context.recording, context_kit.session_id
    run.confirm_biodata(sid, context_kit.context.visits.target("target-1").biodata)
    day = context_kit.context.clock.today()
    assert message("tinjau.inks") not in [words for words, _ in checks_of(run.find(sid), day, NO_TWIN)]
    for step in (StepKind.SIGNATURE, StepKind.CONFIRMATION):
        run.mark_exceptions(sid, step, [Position.SIGNATURE], ExceptionReason.CANNOT_SIGN, "Bu Siti")
    session = run.find(sid)
    assert len(first_marks(session)) == 1
    tag = line(session, context_kit, "tinjau.inks")
    assert (tag.words, tag.tone) == (message("tinjau.inks_of", given=0, wanted=1), Tone.CAUTION), "not demanded here"


PERSON = replace(session(), biodata=biodata())
LITTLE = mark(Position.RIGHT_LITTLE, ExceptionReason.WORN)
THUMB = mark(Position.LEFT_THUMB, ExceptionReason.WORN)
NO_INK = mark(Position.SIGNATURE, ExceptionReason.CANNOT_SIGN)


def closed(*kinds: StepKind, failed: tuple[StepKind, ...] = ()) -> CaptureSession:
    """Return the person with good samples of some steps, and others that failed."""
    after = PERSON
    for kind in kinds:
        after = after._with_step(after.step(kind).with_attempt(good(kind)).accepted(after.policy))
    for kind in failed:
        step = after.step(kind)
        for number in range(1, 5):
            step = step.with_attempt(attempt(number, dict.fromkeys(CAPTURED_AT[kind], 20)))
        after = after._with_step(step.failed(after.policy, LEAD.user_id))
    return after


def excepted(person: CaptureSession, kind: StepKind, *marks: ExceptionMark) -> CaptureSession:
    step = person.step(kind)
    for each in marks:
        step = step.with_exception(each)
    return person._with_step(step)


def lines_of(person: CaptureSession) -> dict[str, Tag]:
    found = checks_of(person, date(2026, 11, 21), NO_TWIN)
    return {words.key: tag for words, tag in found if isinstance(words, CatalogMessage)}


FOUR, THUMBS, PHOTO = StepKind.RIGHT_FOUR, StepKind.THUMBS, StepKind.PHOTO


@pytest.mark.parametrize(
    ("person", "kinds", "words", "tone"),
    [
        (closed(PHOTO), [PHOTO], message("common.complete"), Tone.GOOD),
        (closed(failed=(PHOTO,)), [PHOTO], message("verdict.failed"), Tone.BAD),
        (
            excepted(PERSON, StepKind.SIGNATURE, NO_INK),
            [StepKind.SIGNATURE],
            message("common.exception"),
            Tone.CAUTION,
        ),
        (
            closed(FOUR, failed=(THUMBS,)),
            [FOUR, THUMBS],
            message("tinjau.with_failed", taken=4, failed=2, excepted=0),
            Tone.BAD,
        ),
        (
            excepted(closed(FOUR, failed=(THUMBS,)), FOUR, LITTLE),
            [FOUR, THUMBS],
            message("tinjau.with_failed", taken=3, failed=2, excepted=1),
            Tone.BAD,
        ),
        (
            excepted(closed(FOUR, THUMBS), THUMBS, THUMB),
            [FOUR, THUMBS],
            message("tinjau.with_exceptions", taken=5, excepted=1),
            Tone.CAUTION,
        ),
        (excepted(closed(FOUR, THUMBS), THUMBS, THUMB), [FOUR], message("common.complete"), Tone.GOOD),
    ],
)
def test_what_came_is_counted_beside_what_was_excepted_and_what_failed(
    person: CaptureSession, kinds: list[StepKind], words: object, tone: Tone
) -> None:
    assert counted(person, *kinds) == Tag(words, tone)


@pytest.mark.parametrize(
    ("seconds", "given", "ink", "words", "tone"),
    [
        (("u2",), 0, ExceptionInk.NOBODY, message("tinjau.inks_of", given=0, wanted=2), Tone.CAUTION),
        (("u2",), 0, ExceptionInk.WITNESS, message("tinjau.inks_of", given=0, wanted=2), Tone.BAD),
        (("u2",), 1, ExceptionInk.WITNESS, message("tinjau.inks_of", given=1, wanted=2), Tone.CAUTION),
        (("u2",), 1, ExceptionInk.BOTH, message("tinjau.inks_of", given=1, wanted=2), Tone.BAD),
        (("u2",), 2, ExceptionInk.BOTH, message("common.complete"), Tone.GOOD),
        ((), 1, ExceptionInk.NOBODY, message("common.complete"), Tone.GOOD),
    ],
)
def test_the_line_of_signatures_says_how_many_are_here_and_whether_one_is_demanded(
    seconds: tuple[str, ...], given: int, ink: ExceptionInk, words: object, tone: Tone
) -> None:
    seen = replace(LITTLE, attendants=("u1", *seconds))
    person = excepted(replace(PERSON, policy=replace(PERSON.policy, exception_ink=ink)), FOUR, seen)
    inks = [InkGiven(each, each.who, "s", "0", NOW, "Pad 1", "u1") for each in person.inks_open[:given]]
    assert lines_of(replace(person, inks=tuple(inks)))["tinjau.inks"] == Tag(words, tone)


def test_the_comparison_is_a_line_once_it_was_noted_and_a_grown_up_gets_the_card_at_once() -> None:
    assert "tinjau.index" not in lines_of(PERSON)
    assert lines_of(PERSON)["tinjau.age"] == Tag(message("tinjau.card_at_once", age=47), Tone.GOOD)
    matched = lines_of(replace(PERSON, index_comparison=IndexComparison.MATCHED))
    assert matched["tinjau.index"] == Tag(message("comparison.matched"), Tone.GOOD)


BEFORE = RecordedBefore("r-1", "MI***", "3505************", NOW, False, 6, 18.2)
OPERATORS = OperatorsFinger("rina", "Rina Wulandari", FINGERS[1], 9.0)


def test_the_second_person_is_not_the_one_who_records() -> None:
    assert others_who_may_allow([LEAD], PETUGAS) == (LEAD,)
    assert others_who_may_allow([LEAD, STORES], LEAD) == (STORES,)


@pytest.mark.parametrize(
    ("is_same", "has_second", "code"),
    [
        (False, True, "recording.found_again_other_nik"),
        (True, True, "recording.found_again_same_nik"),
        (True, False, "recording.found_again_alone"),
    ],
)
def test_the_banner_names_day_record_and_whose_nik(is_same: bool, has_second: bool, code: str) -> None:
    problem = found_problem(replace(BEFORE, is_same_nik=is_same), lambda at: at, has_second)
    assert problem.code == code
    assert problem.params == {
        "day": "21-11-2026",
        "record": "r-1",
        "name": "MI***",
        "nik": "3505************",
        "fingers": 6,
    }


def test_the_row_says_how_far_it_is() -> None:
    said = [found_row(*each)[1] for each in ((None, False), ((), True), ((BEFORE,), False), ((BEFORE,), True))]
    assert [tag.tone for tag in said] == [Tone.NEUTRAL, Tone.GOOD, Tone.BAD, Tone.CAUTION]
    assert said[0].words == message("tinjau.comparing")


@pytest.mark.parametrize(("has_second", "suffix"), [(True, ""), (False, "_alone")])
def test_of_an_operators_finger_whose_and_which_is_told(has_second: bool, suffix: str) -> None:
    problem = found_problem(OPERATORS, lambda at: at, has_second)
    assert (problem.code, problem.params) == (f"recording.operators_finger{suffix}", {"name": "Rina Wulandari"})
    assert found_row((OPERATORS, BEFORE), False)[1] == Tag(position_words(FINGERS[1]), Tone.BAD)
