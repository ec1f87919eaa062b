from __future__ import annotations

import threading

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.ports.devices import LiveScore
from fieldkit.ports.recording import FingerSeen, Hand, SlapSeen
from fieldkit.services.recording.capture import (
    FACES,
    HOLD_S,
    REST_S,
    STRAYS,
    AsideSink,
    Pace,
    Rest,
    SlapSink,
    Steady,
    eyes_judge,
    face_judge,
)

FOUR, THREE = SlapSeen(4, Hand.RIGHT), SlapSeen(3)


class Script:
    """A `SlapFinder` that sees what the frame says, and nothing in a broken one."""

    def look(self, jpeg: bytes) -> SlapSeen:
        if jpeg == b"broken":
            raise InputError("format.image")
        return {b"4": FOUR, b"3": THREE}[jpeg]


class Screen:
    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def offer(self, jpeg: bytes) -> None:
        self.frames.append(jpeg)


def test_every_frame_is_shown_and_a_change_is_told_once_two_frames_agree() -> None:
    screen, told = Screen(), list[SlapSeen]()
    sink = SlapSink(screen, Script(), told.append)
    frames = [b"3", b"4", b"3", b"3", b"3", b"broken", b"4", b"4", b"4"]
    for frame in frames:
        sink.offer(frame)
    assert screen.frames == frames
    assert told == [THREE, FOUR]


def fingers(count: int, hand: Hand = Hand.UNKNOWN, shift: int = 0) -> SlapSeen:
    return SlapSeen(count, hand, tuple(FingerSeen(100 + 200 * n + shift, 50, 150, 400, 70) for n in range(count)))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def rested(rest: Rest, clock: Clock, *seen: SlapSeen) -> list[bool]:
    told = []
    for one in seen:
        clock.now += 0.2
        told.append(rest.is_reached(one))
    return told


def test_fingers_rest_after_half_a_second_and_only_once() -> None:
    clock = Clock()
    rest = Rest(4, monotonic=clock)
    assert rested(rest, clock, *[fingers(4)] * 6) == [False, False, False, True, False, False]
    assert rested(rest, clock, fingers(0), *[fingers(4)] * 4) == [False, False, False, False, True]


def test_fingers_that_move_or_are_not_all_there_do_not_rest() -> None:
    clock = Clock()
    rest = Rest(4, monotonic=clock)
    assert not any(rested(rest, clock, *(fingers(4, shift=20 * n) for n in range(8))))
    assert not any(rested(rest, clock, *[fingers(3)] * 6, *[fingers(5)] * 6))
    assert not any(rested(rest, clock, *[SlapSeen(4)] * 2))


def test_the_other_hand_is_not_captured_and_neither_is_what_was_not_lifted() -> None:
    clock = Clock()
    rest = Rest(4, other=Hand.LEFT, monotonic=clock)
    assert not any(rested(rest, clock, *[fingers(4, Hand.LEFT)] * 6))
    assert any(rested(rest, clock, *[fingers(4, Hand.RIGHT)] * 6))
    again = Rest(4, must_lift=True, monotonic=clock)
    assert not any(rested(again, clock, *[fingers(4)] * 6))
    assert any(rested(again, clock, fingers(2), *[fingers(4)] * 6))


def test_marks_reach_a_screen_that_shows_them() -> None:
    class Marked(Screen):
        seen: tuple[FingerSeen, ...] = ()

        def mark(self, fingers: tuple[FingerSeen, ...]) -> None:
            self.seen = fingers

    class Finder:
        def look(self, jpeg: bytes) -> SlapSeen:
            return fingers(2)

    screen, calls = Marked(), list[str]()
    clock = Clock()
    sink = SlapSink(screen, Finder(), lambda _: None, Rest(2, monotonic=clock), lambda: calls.append("rested"))
    for _ in range(6):
        clock.now += 0.2
        sink.offer(b"x")
    assert len(screen.seen) == 2
    assert calls == ["rested"]


class Scorer:
    def score(self, jpeg: bytes) -> LiveScore:
        return LiveScore(80) if jpeg == b"good" else LiveScore(40, (f"face.{jpeg.decode()}", "face.flat"))


def test_a_good_face_is_captured_after_two_looks_and_a_hint_is_told_once_two_agree() -> None:
    told, calls = list[LiveScore](), list[str]()
    clock = Clock()
    steady = Steady(face_judge(Scorer(), 60), told.append, lambda: calls.append("rested"), monotonic=clock)
    for frame in (b"too_far", b"too_far", b"good", b"tilted", b"tilted", b"good"):
        clock.now += 1
        steady.look(frame)
    assert [live.hints[:1] for live in told] == [("face.too_far",), ("face.tilted",)]
    assert calls == []
    for frame in (b"good", b"good"):
        steady.look(frame)
    assert calls == ["rested"], "once, however long the person sits there"
    again = Steady(face_judge(Scorer(), 60), told.append, lambda: calls.append("again"), must_leave=True)
    for frame in [b"good"] * 5:
        again.look(frame)
    assert calls == ["rested"]
    for frame in [b"tilted", *[b"good"] * 2]:
        again.look(frame)
    assert calls == ["rested", "again"]


def test_a_hint_stands_long_enough_to_be_read() -> None:
    told: list[LiveScore] = []
    clock = Clock()
    steady = Steady(face_judge(Scorer(), 60), told.append, lambda: None, monotonic=clock)
    for _ in range(3):
        for frame in (b"too_far", b"too_far", b"tilted", b"tilted"):
            steady.look(frame)
            clock.now += HOLD_S / 15
    assert [live.hints[:1] for live in told] == [("face.too_far",)]
    clock.now += HOLD_S
    steady.look(b"tilted")
    assert [live.hints[:1] for live in told] == [("face.too_far",), ("face.tilted",)]


def test_all_wanted_eyes_must_be_open() -> None:
    class Scorer:
        def score_eyes(self, jpeg: bytes, positions: object) -> dict[Position, LiveScore]:
            seen = {Position.EYE_RIGHT: LiveScore(70), Position.EYE_LEFT: LiveScore(50, ("iris.too_far",))}
            return {} if jpeg == b"closed" else seen

    judge = eyes_judge(Scorer(), EYES)
    assert judge(b"open") == (True, LiveScore(50, ("iris.too_far",)))
    assert judge(b"closed") == (False, LiveScore(0, ("rekam.eye_not_open",)))


def test_slow_looks_happen_beside_the_stream_at_the_newest_frame() -> None:
    screen, looked = Screen(), list[bytes]()
    looking, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def look(jpeg: bytes) -> bool:
        looked.append(jpeg)
        looking.set()
        assert go_on.wait()
        if jpeg == b"3":
            done.set()
            raise ValueError("torn")
        return True

    with AsideSink(screen, look, monotonic=lambda: 0.0) as sink:
        sink.offer(b"1")
        assert looking.wait()
        sink.offer(b"2")
        sink.offer(b"3")
        assert screen.frames == [b"1", b"2", b"3"]
        go_on.set()
        assert done.wait()
    assert looked == [b"1", b"3"]
    assert not any(thread.name == "live-look" for thread in threading.enumerate())


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_is_looked_at_after_it_is_left(count: int) -> None:
    with AsideSink(Screen(), lambda _: True) as sink:
        for _ in range(count):
            sink.offer(b"1")


@pytest.mark.parametrize(
    ("right", "down", "is_at_rest"),
    [
        (STRAYS, 0, True),
        (0, STRAYS, True),
        (-STRAYS, -STRAYS, True),
        (STRAYS + 1, 0, False),
        (0, STRAYS + 1, False),
        (-STRAYS - 1, 0, False),
        (0, -STRAYS - 1, False),
    ],
)
def test_a_finger_at_rest_strays_a_little(right: int, down: int, is_at_rest: bool) -> None:
    clock = Clock()
    here, there = (
        SlapSeen(1, Hand.UNKNOWN, (FingerSeen(100 + x, 50 + y, 150, 400, 70),)) for x, y in ((0, 0), (right, down))
    )
    assert any(rested(Rest(1, monotonic=clock), clock, *[here, there] * 4)) is is_at_rest


def test_it_rests_as_soon_as_the_time_is_over() -> None:
    clock = Clock()
    rest = Rest(1, monotonic=clock)
    told = []
    for now in (0.0, REST_S / 2, REST_S):
        clock.now = now
        told.append(rest.is_reached(fingers(1)))
    assert told == [False, False, True]


def test_one_finger_too_many_was_not_captured_and_the_other_hand_lifts_nothing() -> None:
    clock = Clock()
    assert any(rested(Rest(4, monotonic=clock), clock, fingers(5), *[fingers(4)] * 5))
    left, right = [fingers(4, Hand.LEFT)], [fingers(4, Hand.RIGHT)]
    spent = Rest(4, must_lift=True, other=Hand.LEFT, monotonic=clock)
    assert not any(rested(spent, clock, *left, *right * 5))
    assert any(rested(spent, clock, fingers(3), *right * 5))
    assert any(rested(Rest(4, other=Hand.LEFT, monotonic=clock), clock, *[fingers(4)] * 5)), "nobody knows which"


def test_a_hint_changes_just_when_it_stood_long_enough() -> None:
    told, clock = list[LiveScore](), Clock()
    steady = Steady(face_judge(Scorer(), 60), told.append, lambda: None, monotonic=clock)
    for frame in (b"too_far", b"too_far", b"tilted", b"tilted"):
        steady.look(frame)
    for turn in range(1, 5):
        clock.now = HOLD_S * turn
        steady.look(b"tilted")
        assert [live.hints[:1] for live in told] == [("face.too_far",), ("face.tilted",)], "and once"


@pytest.mark.parametrize(("threshold", "is_good"), [(79, True), (80, True), (81, False)])
def test_a_face_is_good_from_the_threshold_on(threshold: int, is_good: bool) -> None:
    assert face_judge(Scorer(), threshold)(b"good")[0] is is_good


def test_one_open_eye_of_two_is_not_enough() -> None:
    class OneEye:
        def score_eyes(self, jpeg: bytes, positions: object) -> dict[Position, LiveScore]:
            return {Position.EYE_RIGHT: LiveScore(70)}

    assert eyes_judge(OneEye(), EYES)(b"x") == (False, LiveScore(0, ("rekam.eye_not_open",)))
    assert eyes_judge(OneEye(), (Position.EYE_RIGHT,))(b"x") == (True, LiveScore(70))


def test_a_pace_rests_for_its_share_at_least_and_longer_before_nobody() -> None:
    pace = Pace(0.2, every_s=1.0, empty_s=3.0)
    assert pace.rest_s(0.1, is_empty=False) == pytest.approx(0.9)
    assert pace.rest_s(0.1, is_empty=True) == pytest.approx(2.9)
    assert pace.rest_s(0.5, is_empty=False) == pytest.approx(2.0)
    assert pace.rest_s(2.0, is_empty=True) == pytest.approx(8.0)
    assert FACES.every_s >= 0.2
    assert FACES.share <= 0.1


@pytest.mark.parametrize("seen", [True, False])
def test_nobody_is_looked_at_more_rarely(seen: bool) -> None:
    looked, again = list[bytes](), threading.Event()

    def look(jpeg: bytes) -> bool:
        looked.append(jpeg)
        if jpeg == b"2":
            again.set()
        else:
            first.set()
        return seen

    first = threading.Event()
    with AsideSink(Screen(), look, Pace(0.5, empty_s=60.0), monotonic=lambda: 0.0) as sink:
        sink.offer(b"1")
        assert first.wait(5)
        sink.offer(b"2")
        if seen:
            assert again.wait(5)
    assert looked == ([b"1", b"2"] if seen else [b"1"])


def test_a_look_tells_whether_anybody_is_there() -> None:
    def judge(jpeg: bytes) -> tuple[bool, LiveScore]:
        return False, LiveScore(0 if jpeg == b"nobody" else 5)

    see = Steady(judge, lambda _: None, lambda: None)
    assert [see.look(jpeg) for jpeg in (b"nobody", b"two")] == [False, True]


def test_a_damaged_installation_ends_no_preview() -> None:
    looked = threading.Event()

    def look(_jpeg: bytes) -> bool:
        looked.set()
        raise InputError("face_model.damaged", file="x")

    screen = Screen()
    with AsideSink(screen, look) as sink:
        sink.offer(b"1")
        assert looked.wait(5)
        sink.offer(b"2")
    assert screen.frames == [b"1", b"2"]
