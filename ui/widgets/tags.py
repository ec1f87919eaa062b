"""Tags: icon and word on the soft ground of their tone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.parts import Tag, Tone
from ui.runtime.theme import ThemeContext, draw_icon
from ui.widgets.layout import SPRING, LastShown, Pool, present, row
from ui.widgets.marks import TONE_ICONS, painter_on, panel, write_whole

_PADDING = 10
_ICON = 15
_ALIKE = 16  # of 255 of each colour: nobody sees where one ends
_HEIGHT = 28


def tag_width(theming: ThemeContext, tag: Tag) -> float:
    """Return the width of a tag in px."""
    text = QFontMetricsF(_font(theming)).horizontalAdvance(theming.say(tag.words))
    return text + 2 * _PADDING + (_ICON + 6 if _icon_of(tag) else 0)


def draw_tag(
    painter: QPainter, theming: ThemeContext, tag: Tag, x: float, middle: float, behind: str = "surface"
) -> float:
    """Paint a tag whose left edge is at `x`, centred on `middle`, over the colour `behind`; return its width."""
    theme, width = theming.theme, tag_width(theming, tag)
    rect = QRectF(x, middle - _HEIGHT / 2, width, _HEIGHT)
    # On a ground like its own (high contrast, a selected row) the outline keeps the tag a tag.
    is_lost = any(_are_alike(theme.ground(tag.tone), theme.colour(name)) for name in ("surface", behind))
    line = theme.ink(tag.tone) if is_lost else None
    panel(painter, rect, theme.tokens.radius["tag"], theme.ground(tag.tone), line, 1.5 if line else 0)
    left = x + _PADDING
    if icon := _icon_of(tag):
        draw_icon(painter, icon, theme.ink(tag.tone), left, middle - _ICON / 2, _ICON)
        left += _ICON + 6
    text = QRectF(left, rect.top(), rect.right() - left, _HEIGHT)
    write_whole(painter, text, theming.say(tag.words), _font(theming), theme.ink(tag.tone))
    return width


def _are_alike(one: QColor, other: QColor) -> bool:
    parts = ((colour.red(), colour.green(), colour.blue()) for colour in (one, other))
    return all(abs(a - b) < _ALIKE for a, b in zip(*parts, strict=True))


class TagLabel(QWidget):
    """One tag as a widget."""

    def __init__(self, theming: ThemeContext, tag: Tag | None = None) -> None:
        super().__init__()
        self._theming = theming
        self._tag = tag or Tag("", Tone.SOFT)
        self._last = LastShown(theming)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.render_tag(self._tag)

    def render_tag(self, tag: Tag | None) -> None:
        """Show a tag; `None` takes no place."""
        if self._last.is_same(tag):
            return
        present(self, tag is not None and bool(self._theming.say(tag.words)))
        if tag is not None:
            self._tag = tag
            self.setAccessibleName(self._theming.say(tag.words))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(round(tag_width(self._theming, self._tag) + 0.5), _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        painter = painter_on(self)
        draw_tag(painter, self._theming, self._tag, 0, self.height() / 2)


class TagRow(QWidget):
    """Tags side by side."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        beside = row(SPRING, on=self, gap=theming.tokens.space["sm"])
        self._labels = Pool(lambda label: beside.insertWidget(beside.count() - 1, label), lambda: TagLabel(theming))

    def render_tags(self, tags: tuple[Tag, ...]) -> None:
        """Show tags."""
        self._labels.show(tags, TagLabel.render_tag)


def _icon_of(tag: Tag) -> str:
    return tag.icon or TONE_ICONS.get(tag.tone, "")


def _font(theming: ThemeContext) -> QFont:
    return theming.theme.font("text", QFont.Weight.DemiBold)
