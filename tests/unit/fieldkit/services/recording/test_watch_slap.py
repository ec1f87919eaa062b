from __future__ import annotations

from fieldkit.domain.errors import InputError
from fieldkit.ports.inspection import Hand, SlapSeen
from fieldkit.services.recording.watch_slap import SlapSink

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
