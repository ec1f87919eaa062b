from __future__ import annotations

import pytest

from drivers import ink as module
from drivers.ink import Ink, until_rest
from fieldkit.ports.devices import DeviceError, NothingPresentedError


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_points_between_two_lifts_are_a_stroke(clock):
    ink = Ink(90_000, 40_000, clock)
    assert ink.is_empty
    ink.lift()
    ink.draw(10, 20, 0.5)
    clock.now += 0.25
    ink.draw(30, 40, 1.0)
    ink.lift()
    ink.lift()
    clock.now += 0.75
    ink.draw(50, 60, 0.25)
    first, second = ink.signature().strokes
    assert [(p.x_um, p.y_um, p.pressure, p.t_ms) for p in first] == [(10, 20, 0.5, 0), (30, 40, 1.0, 250)]
    assert [p.t_ms for p in second] == [1000]
    assert not ink.has_changed
    clock.now += 2
    assert ink.rested_ms == 2000


def test_beyond_the_edge_is_on_the_edge(clock):
    ink = Ink(1000, 500, clock)
    ink.draw(-5, 900, 1.7)
    (point,) = ink.signature().strokes[0]
    assert (point.x_um, point.y_um, point.pressure) == (0, 500, 1.0)


def test_a_stuck_line_does_not_fill_the_memory(clock, monkeypatch):
    monkeypatch.setattr(module, "MAX_POINTS", 3)
    ink = Ink(1000, 500, clock)
    for x in range(10):
        ink.draw(x, x, 1)
    assert ink.is_full
    assert len(ink.signature().strokes[0]) == 3


class Pen:
    """Draws the moments of a script, one each time it is listened to; `.` waits, `|` lifts."""

    def __init__(self, script: str, ink: Ink, clock: Clock) -> None:
        self._script, self._ink, self._clock = iter(script), ink, clock

    def __call__(self) -> None:
        self._clock.now += 0.1
        match next(self._script, "."):
            case "x":
                self._ink.draw(1, 1, 1)
            case "|":
                self._ink.lift()


def sign(script, clock, mailbox, cancel, idle_ms=500, timeout_ms=2000):
    ink = Ink(1000, 500, clock)
    return until_rest(ink, Pen(script, ink, clock), mailbox, cancel, idle_ms, timeout_ms)


def test_a_resting_pen_ends_the_signature(clock, mailbox, flag):
    signature = sign("..xx|..xx|.......x", clock, mailbox, flag())
    assert [len(stroke) for stroke in signature.strokes] == [2, 2]
    assert len(mailbox.signatures) == 4
    assert mailbox.signatures[-1] == signature


def test_no_stroke_in_time(clock, mailbox, flag):
    with pytest.raises(NothingPresentedError) as caught:
        sign("", clock, mailbox, flag())
    assert caught.value.code == "device.no_ink"
    assert clock.now == pytest.approx(102)


def test_giving_up_keeps_the_ink_that_is_there(clock, mailbox, flag):
    cancel = flag()
    cancel.is_set = True
    assert len(sign("x", clock, mailbox, cancel).strokes) == 1
    with pytest.raises(DeviceError) as caught:
        sign("", clock, mailbox, cancel)
    assert caught.value.code == "device.cancelled"


def test_a_full_sheet_ends_too(clock, mailbox, flag, monkeypatch):
    monkeypatch.setattr(module, "MAX_POINTS", 5)
    assert len(sign("x" * 50, clock, mailbox, flag(), idle_ms=60_000).strokes[0]) == 5
