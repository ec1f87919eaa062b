from __future__ import annotations

from importlib.resources import files

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from ui.runtime.icons import draw_icon, icon_pixmap

NAMES = sorted(entry.name.removesuffix(".svg") for entry in files("assets").joinpath("icons").iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_draws_in_the_colour_asked_for(qtbot: QtBot, name: str) -> None:
    image = icon_pixmap(name, QColor("#A61B1B"), 24, 2.0).toImage()
    opaque = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert image.width() == 48
    assert len(opaque) > 40
    assert {colour.name() for colour in opaque} == {"#a61b1b"}


def test_an_icon_is_painted_at_its_place(qtbot: QtBot) -> None:
    image = QImage(60, 60, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    draw_icon(painter, "check", QColor("black"), 30, 30, 24)
    painter.end()
    dark = [(x, y) for x in range(60) for y in range(60) if image.pixelColor(x, y).lightness() < 128]
    assert dark
    assert min(x for x, _ in dark) >= 30
    assert min(y for _, y in dark) >= 30


def test_an_unknown_icon_is_a_bug(qtbot: QtBot) -> None:
    with pytest.raises(FileNotFoundError):
        icon_pixmap("unicorn", QColor("black"), 24)
