from __future__ import annotations

from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Tag, Tone
from ui.runtime.theme import ThemeContext
from ui.widgets.tags import TagLabel, TagRow, draw_tag, tag_width


def test_a_judging_tag_has_room_for_its_icon(theming: ThemeContext) -> None:
    assert tag_width(theming, Tag("Baik", Tone.GOOD)) - tag_width(theming, Tag("Baik", Tone.SOFT)) == 21


def test_a_tag_stands_on_the_ground_of_its_tone(qtbot: QtBot, theming: ThemeContext) -> None:
    label = TagLabel(theming, Tag("Ulangi", Tone.BAD))
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.grab().toImage().pixelColor(5, 14) == theming.theme.ground(Tone.BAD)
    assert label.accessibleName() == "Ulangi"
    label.render_tag(None)
    assert label.isHidden()


def test_a_tag_on_its_own_colour_has_an_outline(qtbot: QtBot, theming: ThemeContext) -> None:
    def inked(behind: str, tone: Tone = Tone.SOFT) -> bool:
        image = QImage(120, 40, QImage.Format.Format_ARGB32)
        image.fill(theming.theme.colour(behind))
        painter = QPainter(image)
        draw_tag(painter, theming, Tag("Menunggu", tone), 0, 20, behind)
        painter.end()
        return image.pixelColor(60, 6) != theming.theme.ground(tone)

    assert inked("accent_soft", Tone.NEUTRAL)
    assert not inked("accent_soft", Tone.GOOD)
    assert not inked("surface")
    assert inked("accent_soft")


def test_a_row_shows_as_many_tags_as_it_is_given(qtbot: QtBot, theming: ThemeContext) -> None:
    row = TagRow(theming)
    qtbot.addWidget(row)
    row.show()
    for words in (("Lengkap", "Bersih"), ("Lengkap",), ()):
        row.render_tags(tuple(Tag(word) for word in words))
        seen = [label.accessibleName() for label in row.findChildren(TagLabel) if label.isVisible()]
        assert tuple(seen) == words
