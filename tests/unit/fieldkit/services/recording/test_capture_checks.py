"""What a capture lets be looked at: live frames, and what came, beside the fingers so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.recording import NoJudge, ScriptedRegistry, TakesAll
from support.room import Room

from fieldkit.domain.recording.capture import Sample, StepKind
from fieldkit.domain.recording.positions import EYES, RIGHT_FOUR, ExceptionReason, Position
from fieldkit.formats.signature import StrokeCodec
from fieldkit.ports.devices import CaptureResult, LiveScore, SampleFault
from fieldkit.ports.recording import Hand, LiveJudges, SampleInspector, SlapFinder, SlapSeen
from fieldkit.quality.inspection import score_signature
from fieldkit.services.recording.capture import AsideSink, Capture, SlapSink


class Nobody:
    def offer(self, jpeg: bytes) -> None: ...

    def is_cancelled(self) -> bool:
        return False


class Remembers(TakesAll):
    """Knows what was known when something came."""

    known: Sequence[Sample] = ()

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        self.known = known
        return result


class RefusesAll(TakesAll):
    """A `SampleInspector` to which everything is broken."""

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        faults = tuple(SampleFault(one.position, "sample.broken", one) for one in result.samples)
        return replace(result, samples=(), faults=faults)


class Finder:
    """Sees four fingers in every frame."""

    looked = 0

    def look(self, jpeg: bytes) -> SlapSeen:
        self.looked += 1
        return SlapSeen(4, Hand.RIGHT)


def capture(room: Room, inspector: SampleInspector, slaps: SlapFinder | None = None) -> Capture:
    signatures = StrokeCodec(score_signature)
    parts = (ScriptedRegistry(), NoJudge(), inspector, signatures, room.clock, room.ids)
    return Capture(*parts, room.recording.sample, LiveJudges(slaps) if slaps else None)  # type: ignore[arg-type]  # half a registry


def test_what_a_device_gives_is_looked_at_before_anybody_keeps_it(room: Room) -> None:
    got = capture(room, RefusesAll()).take(room.begin(), StepKind.THUMBS, Nobody(), Nobody())
    assert (got.result.samples, got.result.last_hash) == ((), f"{1:064X}")
    assert {fault.code for fault in got.result.faults} == {"sample.broken"}


def test_the_fingers_so_far_are_known_when_the_next_come(room: Room) -> None:
    inspector = Remembers()
    asking = capture(room, inspector)
    session = room.capture(room.begin(), StepKind.RIGHT_FOUR)
    asking.take(session, StepKind.LEFT_FOUR, Nobody(), Nobody())
    assert [sample.position for sample in inspector.known] == list(RIGHT_FOUR)
    asking.take(session, StepKind.IRIS, Nobody(), Nobody())
    assert inspector.known == ()


@pytest.mark.parametrize(("step", "looks"), [(StepKind.LEFT_FOUR, 1), (StepKind.IRIS, 0)])
def test_live_frames_of_fingers_are_looked_at(room: Room, step: StepKind, looks: int) -> None:
    finder, told = Finder(), list[SlapSeen]()
    capture(room, TakesAll(), finder).preview(room.begin(), step, Nobody(), Nobody(), told.append)
    assert (finder.looked, told) == (looks, [])  # one frame alone may lie


def test_eyes_that_were_given_before_are_known_and_faces_are_not_compared(room: Room) -> None:
    inspector = Remembers()
    asking = capture(room, inspector)
    session = room.capture(room.capture(room.begin(), StepKind.IRIS), StepKind.PHOTO)
    asking.take(session, StepKind.IRIS, Nobody(), Nobody())
    assert [sample.position for sample in inspector.known] == list(EYES)
    asking.take(session, StepKind.PHOTO, Nobody(), Nobody())
    assert inspector.known == ()
    unread = capture(room, inspector)
    unread._read_sample = None
    unread.take(session, StepKind.IRIS, Nobody(), Nobody())
    assert inspector.known == ()


class Eyes:
    """An `IrisScorer` that sees nothing."""

    def score_eyes(self, jpeg: bytes, positions: Sequence[Position]) -> dict[Position, LiveScore]:
        return {}


@pytest.mark.parametrize(
    ("step", "eyes", "judges_faces", "sink"),
    [
        (StepKind.THUMBS, None, False, SlapSink),
        (StepKind.IRIS, Eyes(), False, AsideSink),
        (StepKind.IRIS, None, True, Nobody),
        (StepKind.PHOTO, None, True, AsideSink),
        (StepKind.PHOTO, Eyes(), False, Nobody),
    ],
)
def test_live_frames_are_judged_where_somebody_can_judge_them(
    room: Room, step: StepKind, eyes: Eyes | None, judges_faces: bool, sink: type
) -> None:
    asking = capture(room, TakesAll(), Finder())
    asking._live = LiveJudges(Finder(), eyes, judges_faces)
    offered: list[object] = []
    for device in asking._registry.devices.values():  # type: ignore[attr-defined]  # of the script
        device.stream = lambda _positions, preview, _cancel: offered.append(preview)
    session = room.begin()
    asking.preview(session, step, Nobody(), Nobody(), lambda _: None)
    asking.preview(session, step, Nobody(), Nobody())
    asking._live = None
    asking.preview(session, step, Nobody(), Nobody(), lambda _: None)
    assert [type(each) for each in offered] == [sink, Nobody, Nobody]


def test_the_judge_of_portraits_learns_whose_eyes_may_be_shut(room: Room) -> None:
    judge = NoJudge()
    capture = Capture(ScriptedRegistry(), judge, TakesAll(), StrokeCodec(score_signature), room.clock, room.ids)
    session = room.begin()
    capture.take(session, StepKind.PHOTO, Nobody(), Nobody())
    assert not judge.may_be_shut
    left = (Position.EYE_LEFT,)
    blind = room.recording.mark_exceptions(session.session_id, StepKind.IRIS, left, ExceptionReason.BLIND, "Pak RT")
    capture.take(blind, StepKind.PHOTO, Nobody(), Nobody())
    assert judge.may_be_shut
    capture.take(session, StepKind.PHOTO, Nobody(), Nobody())
    assert not judge.may_be_shut, "the next person may not"
