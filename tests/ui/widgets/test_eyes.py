from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from fieldkit.domain.recording.positions import EYES, Position
from ui.presenters.figures import Finger, FingerMark
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.eyes import EyesPicture

Picture = Callable[..., bytes]


def two_eyes(qtbot: QtBot, theming: ThemeContext) -> EyesPicture:
    eyes = EyesPicture(theming)
    qtbot.addWidget(eyes)
    eyes.resize(400, 150)
    return eyes


def test_the_right_eye_stands_left_and_each_tells_itself(qtbot: QtBot, theming: ThemeContext) -> None:
    eyes = two_eyes(qtbot, theming)
    for x, position in ((100, Position.EYE_RIGHT), (300, Position.EYE_LEFT)):
        with qtbot.waitSignal(eyes.eye_chosen) as told:
            qtbot.mouseClick(eyes, Qt.MouseButton.LeftButton, pos=QPoint(x, 60))
        assert told.args == [position]


def test_every_mark_looks_and_reads_different(qtbot: QtBot, theming: ThemeContext, picture: Picture) -> None:
    eyes = two_eyes(qtbot, theming)
    seen = set()
    for mark in FingerMark:
        quality = 81 if mark is FingerMark.SCORED else None
        eyes.render_eyes((Finger(EYES[0], mark, quality, Tone.GOOD),))
        seen.add((eyes.accessibleName(), picture(eyes)))
    assert len({name for name, _ in seen}) == len({image for _, image in seen}) == len(FingerMark)


def test_the_outline_takes_the_tone(qtbot: QtBot, theming: ThemeContext) -> None:
    eyes = two_eyes(qtbot, theming)
    eyes.render_eyes((Finger(EYES[0], FingerMark.SCORED, 47, Tone.CAUTION),))
    column = [eyes.grab().toImage().pixelColor(100, y) for y in range(10, 40)]
    assert theming.theme.ink(Tone.CAUTION) in column
