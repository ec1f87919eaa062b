from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from support.kept import session as a_session
from support.recording import FINGER_EXECUTOR, Kept, Recording, RecordingKit, ScriptedDevice
from support.samples import sample
from support.tasks import SameThread

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture import Sample, StepKind
from fieldkit.domain.recording.positions import INDEX_FINGERS, RIGHT_FOUR, THUMBS, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.devices import Cancel, DeviceKind, LiveScore, NothingPresentedError, PreviewSink, TimedOutError
from fieldkit.ports.recording import SamplePictures, SlapSeen
from fieldkit.services.recording.capture import Capture, Captured
from ui.presenters.parts import Tone
from ui.presenters.presenter import message
from ui.presenters.recording.capturing import Capturing, Stills
from ui.presenters.recording.state import Still
from ui.presenters.tasks import STORE, device_executor


class Heard:
    """A `Listener` that writes down."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.came: list[Captured] = []

    def device_answers(self) -> None:
        self.said.append("answers")

    def live_seen(self, step: StepKind, seen: SlapSeen | LiveScore) -> None:
        assert isinstance(seen, SlapSeen)
        self.said.append(f"{seen.count} on the glass of {step}")

    def at_rest(self, step: StepKind) -> None:
        self.said.append(f"{step} at rest")

    def device_is_away(self, problem: Problem) -> None:
        self.said.append(f"away {problem.code}")

    def captured(self, captured: Captured) -> None:
        self.came.append(captured)

    def capture_failed(self, problem: Problem) -> None:
        self.said.append(f"failed {problem.code}")


def begin(
    kit: RecordingKit, tasks: SameThread, screen: ScriptedDevice | None = None
) -> tuple[Capturing, Heard, CaptureSession]:
    who = kit.context.visits.target("target-1").biodata
    heard = Heard()
    session = kit.context.recording.confirm_biodata(kit.session_id, who)
    return Capturing(kit.context.capture, tasks, Kept(), Kept(), heard, screen), heard, session


def test_a_device_that_is_away_is_tried_until_it_answers(context_kit: RecordingKit) -> None:
    tasks = SameThread()
    capturing, heard, session = begin(context_kit, tasks)
    context_kit.fingers.is_away = True
    capturing.preview(session, StepKind.RIGHT_FOUR)
    tasks.tick()
    context_kit.fingers.is_away = False
    tasks.tick()
    assert heard.said == ["away device.none.fingerprint"] * 2 + ["answers"]
    tasks.tick()
    assert context_kit.fingers.streams == 1, "once it runs nothing tries again"


def test_a_pad_that_is_away_is_asked_until_it_answers(context_kit: RecordingKit) -> None:
    tasks = SameThread()
    capturing, heard, session = begin(context_kit, tasks)
    context_kit.pad.is_away = True
    capturing.sign(session, StepKind.SIGNATURE)
    context_kit.pad.is_away = False
    tasks.tick()
    assert (heard.said, len(heard.came)) == (["away device.none.signature_pad", "answers"], 1)


class AtRest:
    """A `Capture` whose judge of live frames sees three fingers, and then that they rest."""

    def preview(
        self,
        _session: CaptureSession,
        _step: StepKind,
        _preview: PreviewSink,
        _cancel: Cancel,
        seen: Callable[[SlapSeen], None],
        rested: Callable[[], None],
    ) -> None:
        seen(SlapSeen(3))
        rested()


def test_what_is_seen_live_is_told_of_the_step_that_shows_it() -> None:
    heard = Heard()
    capturing = Capturing(cast("Capture", AtRest()), SameThread(), Kept(), Kept(), heard)
    capturing.preview(a_session(), StepKind.LEFT_FOUR)
    assert heard.said == ["3 on the glass of left_four", "left_four at rest"]


@pytest.mark.parametrize(
    ("ask", "step", "ends"),
    [
        (Capturing.preview, StepKind.RIGHT_FOUR, True),
        (Capturing.sign, StepKind.SIGNATURE, True),
        (Capturing.take, StepKind.RIGHT_FOUR, False),
    ],
)
def test_while_nobody_looks_only_what_somebody_asked_for_goes_on(
    context_kit: RecordingKit, ask: Callable[..., None], step: StepKind, ends: bool
) -> None:
    tasks = SameThread(FINGER_EXECUTOR, "device:signature_pad")
    capturing, _, session = begin(context_kit, tasks)
    ask(capturing, session, step)
    capturing.rest()
    assert capturing.is_busy is not ends
    capturing.release()
    ask(capturing, session, step)
    assert capturing.is_busy is not ends
    capturing.go_on()
    ask(capturing, session, step)
    assert capturing.is_busy


def test_fingers_to_compare_come_one_by_one_and_are_told_as_they_come(context_kit: RecordingKit) -> None:
    capturing, _, _ = begin(context_kit, SameThread())
    told, came = list[Position](), list[tuple[Sample, ...]]()
    capturing.probe(INDEX_FINGERS, came.append, lambda _: None, lambda sample: told.append(sample.position))
    assert (told, [sample.position for sample in came[0]]) == ([*INDEX_FINGERS], [*INDEX_FINGERS])


def test_a_failed_capture_brings_the_preview_back(context_kit: RecordingKit) -> None:
    tasks = SameThread()
    capturing, heard, session = begin(context_kit, tasks)
    context_kit.fingers.script = [TimedOutError("device.timed_out", address="x")]
    capturing.take(session, StepKind.RIGHT_FOUR)
    assert heard.said == ["failed device.timed_out"]
    tasks.tick()
    assert heard.said[-1] == "answers"
    assert heard.came == []


def test_a_released_capture_is_still_kept_and_a_released_signature_is_not(context_kit: RecordingKit) -> None:
    tasks = SameThread(FINGER_EXECUTOR, "device:signature_pad")
    capturing, heard, session = begin(context_kit, tasks)
    capturing.take(session, StepKind.RIGHT_FOUR)
    capturing.sign(session, StepKind.SIGNATURE)
    capturing.release()
    assert not capturing.is_busy
    tasks.release(FINGER_EXECUTOR)
    tasks.release("device:signature_pad")
    assert [captured.asked for captured in heard.came] == [RIGHT_FOUR]


def test_leaving_ends_the_trying(context_kit: RecordingKit) -> None:
    tasks = SameThread()
    capturing, heard, session = begin(context_kit, tasks)
    context_kit.pad.is_away = True
    capturing.sign(session, StepKind.SIGNATURE)
    capturing.release()
    tasks.tick()
    assert heard.said == ["away device.none.signature_pad"]


def test_the_screen_stands_in_for_a_pad_that_is_away(context_kit: RecordingKit) -> None:
    capturing, heard, session = begin(context_kit, SameThread(), ScriptedDevice(DeviceKind.SIGNATURE_PAD))
    context_kit.pad.is_away = True
    capturing.sign(session, StepKind.SIGNATURE)
    assert heard.said == ["answers"]
    assert len(heard.came) == 1


def test_who_begins_on_the_screen_signs_there(context_kit: RecordingKit) -> None:
    tasks, screen = SameThread("device:signature_pad"), ScriptedDevice(DeviceKind.SIGNATURE_PAD)
    capturing, heard, session = begin(context_kit, tasks, screen)
    capturing.sign(session, StepKind.SIGNATURE)
    capturing.sign_here(session, StepKind.SIGNATURE)
    tasks.release("device:signature_pad")
    assert len(heard.came) == 1, "the pad beside it was let go"
    screen.script = [NothingPresentedError("device.no_ink")]
    capturing.sign_here(session, StepKind.SIGNATURE)
    tasks.release("device:signature_pad")
    assert len(heard.came) == 2, "after a slip the pad is asked again"


def test_without_a_screen_nothing_changes(context_kit: RecordingKit) -> None:
    capturing, heard, session = begin(context_kit, SameThread())
    capturing.sign_here(session, StepKind.SIGNATURE)
    assert heard.came == []


def test_an_exception_is_shown_live_until_its_photo_is_taken(context_kit: RecordingKit) -> None:
    kit = context_kit
    lane = device_executor(DeviceKind.CAMERA.value)
    recording = Recording(kit, SameThread(lane))
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    kit.camera.streams_on = True
    recording.presenter.photograph()
    panel = recording.state.panel
    assert (panel.is_live, panel.is_photographing, panel.photo) == (True, False, b"")
    assert recording.state.bar.actions[0].words == message("sarpras.take_photo")
    recording.presenter.photograph()
    assert recording.state.bar.actions[0].refused == message("rekam.already_capturing")
    recording.tasks.release(lane)
    panel = recording.state.panel
    assert (panel.is_live, panel.is_photographing, panel.photo) == (False, False, kit.camera.frame)
    recording.presenter.photograph()
    recording.presenter.back()
    assert recording.state.panel is None
    recording.tasks.release(lane)  # the camera lets go: nobody looks any more


def with_thumbs(kit: RecordingKit) -> CaptureSession:
    who = kit.context.visits.target("target-1").biodata
    return kit.room.capture(kit.context.recording.confirm_biodata(kit.session_id, who), StepKind.THUMBS, 45)


class Shown:
    def __init__(self) -> None:
        self.stills: list[tuple[Still, ...]] = []
        self.problems: list[Problem] = []


def load(stills: Stills, session: CaptureSession, shown: Shown, *positions: Position) -> None:
    refs = [ref for p in positions if (ref := session.step(StepKind.THUMBS).best(p)) is not None]
    stills.load(session, refs, shown.stills.append, shown.problems.append)


def test_kept_samples_come_as_pictures_in_the_tone_of_their_score(context_kit: RecordingKit) -> None:
    shown = Shown()
    load(Stills(context_kit.context, SameThread()), with_thumbs(context_kit), shown, *THUMBS)
    (stills,) = shown.stills
    assert [still.position for still in stills] == list(THUMBS)
    assert {still.tone for still in stills} == {Tone.CAUTION}
    assert stills[0].jpeg == context_kit.context.pictures.jpeg(sample(THUMBS[0]), 640)


def test_what_was_just_given_waits_for_no_store_and_comes_in_the_order_asked(context_kit: RecordingKit) -> None:
    tasks, shown, session = SameThread(STORE), Shown(), with_thumbs(context_kit)
    stills = Stills(context_kit.context, tasks)
    best = [session.step(StepKind.THUMBS).best(position) for position in THUMBS]
    right, left = (context_kit.context.recording.sample(ref.sample_id) for ref in best if ref is not None)
    stills.came((right,))
    load(stills, session, shown, *THUMBS)
    assert shown.stills == [], "one of them is in the store only"
    stills.came((left, right))
    load(stills, session, shown, *THUMBS)
    assert [[still.position for still in found] for found in shown.stills] == [list(THUMBS)]
    tasks.release(STORE)
    assert len(shown.stills) == 1, "a newer wish was answered"


def test_only_the_newest_wish_is_answered(context_kit: RecordingKit) -> None:
    tasks, shown, session = SameThread("compute"), Shown(), with_thumbs(context_kit)
    stills = Stills(context_kit.context, tasks)
    load(stills, session, shown, *THUMBS)
    load(stills, session, shown, Position.LEFT_THUMB)
    tasks.release("compute")
    assert [[still.position for still in found] for found in shown.stills] == [[Position.LEFT_THUMB]]
    load(stills, session, shown, *THUMBS)
    stills.forget()
    tasks.release("compute")
    assert len(shown.stills) == 1


def test_a_sample_that_is_gone_is_told(context_kit: RecordingKit) -> None:
    shown, session = Shown(), with_thumbs(context_kit)
    context_kit.room.capture(session, StepKind.THUMBS, 90, 2)  # better ones replaced them
    load(Stills(context_kit.context, SameThread()), session, shown, *THUMBS)
    assert [problem.code for problem in shown.problems] == ["store.not_found"]


def test_a_picture_that_was_shown_is_not_decoded_again(context_kit: RecordingKit) -> None:
    shown, session, decoded = Shown(), with_thumbs(context_kit), list[Position]()

    class Counted:
        def jpeg(self, sample: Sample, max_px: int) -> bytes:
            decoded.append(sample.position)
            return b"jpeg"

    tasks = SameThread(STORE)
    stills = Stills(replace(context_kit.context, pictures=cast("SamplePictures", Counted())), tasks)
    for positions, is_read in ((THUMBS[:1], True), (THUMBS[:1], False), (THUMBS, True)):
        load(stills, session, shown, *positions)
        if is_read:
            tasks.release(STORE)
    assert [[still.position for still in found] for found in shown.stills] == [[*THUMBS[:1]], [*THUMBS[:1]], [*THUMBS]]
    assert decoded == list(THUMBS)
