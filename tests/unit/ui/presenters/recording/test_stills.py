from __future__ import annotations

from dataclasses import replace
from typing import cast

from support.recording import RecordingKit
from support.samples import sample
from support.tasks import SameThread

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.positions import THUMBS, Position
from fieldkit.domain.recording.samples import Sample
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.codec import SamplePictures
from ui.presenters.parts import Tone
from ui.presenters.recording.state import Still
from ui.presenters.recording.stills import Stills


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

    stills = Stills(replace(context_kit.context, pictures=cast(SamplePictures, Counted())), SameThread())
    for positions in (THUMBS[:1], THUMBS[:1], THUMBS):
        load(stills, session, shown, *positions)
    assert [[still.position for still in found] for found in shown.stills] == [[*THUMBS[:1]], [*THUMBS[:1]], [*THUMBS]]
    assert decoded == list(THUMBS)
