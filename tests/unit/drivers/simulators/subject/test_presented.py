from __future__ import annotations

from drivers.simulators.subject.presented import no_finger, quality, scripted
from fieldkit.domain.recording.positions import Position


def test_the_last_scripted_attempt_stands_for_all_that_follow() -> None:
    script = {Position.RIGHT_THUMB: (no_finger, quality(31), quality(72))}
    seen = [scripted(script, Position.RIGHT_THUMB, attempt) for attempt in range(5)]
    assert seen == [no_finger, quality(31), quality(72), quality(72), quality(72)]
    assert scripted(script, Position.LEFT_THUMB, 0) is None
