from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from ui.presenters.figures import Finger, FingerMark
from ui.presenters.parts import Tone
from ui.runtime.theme import ThemeContext
from ui.widgets.hands import EyesPicture, HandsPicture

# Tips of the fingers in the picture at its own size of 560×250, the left hand at the left.
TIPS = {
    Position.LEFT_LITTLE: QPoint(32, 120),
    Position.LEFT_RING: QPoint(82, 120),
    Position.LEFT_MIDDLE: QPoint(132, 120),
    Position.LEFT_INDEX: QPoint(182, 120),
    Position.LEFT_THUMB: QPoint(232, 176),
}
TIPS |= {Position(p.value.replace("LEFT", "RIGHT")): QPoint(560 - at.x(), at.y()) for p, at in TIPS.items()}

Picture = Callable[..., bytes]


@pytest.fixture
def hands(qtbot: QtBot, theming: ThemeContext) -> HandsPicture:
    hands = HandsPicture(theming)
    qtbot.addWidget(hands)
    hands.resize(560, 250)
    hands.show()
    return hands


def at(hands: HandsPicture, position: Position) -> QColor:
    return hands.grab().toImage().pixelColor(TIPS[position])


@pytest.mark.parametrize("position", FINGERS)
def test_each_finger_fills_with_its_own_quality(hands: HandsPicture, theming: ThemeContext, position: Position) -> None:
    hands.render_fingers((Finger(position, FingerMark.SCORED, 72, Tone.GOOD),))
    filled = [finger for finger in FINGERS if at(hands, finger) == theming.theme.ground(Tone.GOOD)]
    assert filled == [position]


@pytest.mark.parametrize("position", FINGERS)
def test_a_press_on_a_finger_tells_it(qtbot: QtBot, hands: HandsPicture, position: Position) -> None:
    with qtbot.waitSignal(hands.finger_chosen) as told:
        qtbot.mouseClick(hands, Qt.MouseButton.LeftButton, pos=TIPS[position])
    assert told.args == [position]


def test_a_press_beside_the_fingers_tells_nothing(qtbot: QtBot, hands: HandsPicture) -> None:
    with qtbot.assertNotEmitted(hands.finger_chosen):
        qtbot.mouseClick(hands, Qt.MouseButton.LeftButton, pos=QPoint(280, 20))


def test_every_mark_looks_different(hands: HandsPicture, picture: Picture) -> None:
    pictures = set()
    for mark in FingerMark:
        quality = 72 if mark is FingerMark.SCORED else None
        hands.render_fingers((Finger(Position.RIGHT_INDEX, mark, quality, Tone.GOOD),))
        pictures.add(picture(hands))
    hands.render_fingers((Finger(Position.RIGHT_INDEX, is_selected=True),))
    pictures.add(picture(hands))
    assert len(pictures) == len(FingerMark) + 1


def test_a_screen_reader_hears_all_ten(hands: HandsPicture) -> None:
    hands.render_fingers((Finger(Position.LEFT_LITTLE, FingerMark.SCORED, 58, Tone.CAUTION),))
    told = hands.accessibleName().split("; ")
    assert len(told) == 10
    assert told[0] == "Ibu jari kanan belum"
    assert told[9] == "Kelingking kiri 58"


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
