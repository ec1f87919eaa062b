"""The robot's whole way is walked in tests/e2e; here: the keys it chooses."""

from __future__ import annotations

import pytest

from fieldkit.app.demo.robot import may_accept
from ui.presenters.parts import Bar
from ui.presenters.presenter import Command, Weight
from ui.presenters.recording.state import RecordingState


@pytest.mark.parametrize(
    ("weight", "refused", "expected"),
    [(Weight.PRIMARY, "", True), (Weight.PRIMARY, "mutu belum cukup", False), (Weight.SECOND, "", False)],
)
def test_enter_is_pressed_only_where_the_screen_offers_it(weight: Weight, refused: str, expected: bool) -> None:
    bar = Bar(actions=(Command("capture", "Ulangi"), Command("accept", "Terima", weight=weight, refused=refused)))
    assert may_accept(RecordingState(bar=bar)) is expected
