from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from fieldkit.domain.recording.positions import FINGERS, Position
from ui.presenters.figures import Finger, FingerMark
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.hands import HandsPicture

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
