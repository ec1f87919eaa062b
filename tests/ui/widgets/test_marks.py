from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from ui.presenters.parts import Light, Tone
from ui.runtime.theme import ThemeContext
from ui.widgets.marks import focus_ring, key_cap, key_cap_width, light, panel, tone_icon


def painted(paint: Callable[[QPainter], object], size: int = 60) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(QColor("#0B2447"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint(painter)
    painter.end()
    return image


def test_every_light_has_its_own_shape_not_only_its_colour(theming: ThemeContext) -> None:
    shapes = set()
    for state in Light:
        image = painted(lambda painter, s=state: light(painter, theming.theme, s, QPointF(30, 30)))
        ground = QColor("#0B2447")
        drawn = tuple(image.pixelColor(x, y) != ground for x in range(20, 40) for y in range(20, 40))
        assert any(drawn)
        shapes.add(drawn)
    assert len(shapes) == len(Light)


def test_a_panel_keeps_its_outline_inside(theming: ThemeContext) -> None:
    image = painted(lambda painter: panel(painter, QRectF(10, 10, 40, 40), 0, QColor("white"), QColor("red"), 4))
    assert image.pixelColor(9, 30) == QColor("#0B2447")
    assert image.pixelColor(11, 30) == QColor("red")
    assert image.pixelColor(30, 30) == QColor("white")


def test_the_focus_ring_is_three_pixels_of_the_focus_colour(theming: ThemeContext) -> None:
    image = painted(lambda painter: focus_ring(painter, QRectF(10, 10, 40, 40), 0, theming.theme))
    ring = [image.pixelColor(x, 30).name().upper() for x in range(60)]
    assert ring.count(theming.tokens.focus) == 6


def test_a_key_cap_is_as_wide_as_its_word(theming: ThemeContext) -> None:
    assert key_cap_width(theming.theme, "I") == 26
    assert key_cap_width(theming.theme, "Enter") > key_cap_width(theming.theme, "Esc") > 30
    image = painted(lambda painter: key_cap(painter, theming.theme, "R", 10, 30, QColor("white")))
    assert image.pixelColor(11, 30).lightness() > 120


@pytest.mark.parametrize("tone", Tone)
def test_tones_that_judge_have_an_icon(theming: ThemeContext, tone: Tone) -> None:
    widths: list[float] = []
    painted(lambda painter: widths.append(tone_icon(painter, theming.theme, tone, 10, 30, 16)))
    assert (widths[0] > 0) is (tone in (Tone.GOOD, Tone.CAUTION, Tone.BAD))
