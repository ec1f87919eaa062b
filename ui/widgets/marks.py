"""Small things that several widgets paint: panels, focus rings, key caps, the icons of the tones."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ui.presenters.parts import Light, Tone
from ui.runtime.theme import Theme, draw_icon

TONE_ICONS = {Tone.GOOD: "check", Tone.CAUTION: "warning", Tone.BAD: "cross"}

LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_CAP_PADDING = 8
_LINE = 21  # px of a line of words below another


def painter_on(widget: QWidget) -> QPainter:
    """Return a painter of a widget that leaves no steps on slanted lines."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def write(painter: QPainter, rect: QRectF, text: str, font: QFont, ink: QColor, side: Qt.AlignmentFlag = LEFT) -> None:
    """Write one line of words into `rect`; one that is too long ends in "…"."""
    painter.setFont(font)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    write_whole(painter, rect, shown, font, ink, side)


def write_whole(
    painter: QPainter, rect: QRectF, text: str, font: QFont, ink: QColor, how: Qt.AlignmentFlag | Qt.TextFlag = LEFT
) -> None:
    """Write words into `rect` as they are."""
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(rect, how, text)


def write_lines(painter: QPainter, rect: QRectF, lines: Iterable[tuple[str, QFont, QColor]]) -> None:
    """Write lines below each other, together in the middle of `rect`; empty ones take no place."""
    shown = [line for line in lines if line[0]]
    top = rect.center().y() - _LINE / 2 * len(shown)
    for line in shown:
        write(painter, QRectF(rect.left(), top, rect.width(), _LINE), *line)
        top += _LINE


def panel(
    painter: QPainter, rect: QRectF, radius: float, fill: QColor | None, line: QColor | None = None, width: float = 0
) -> None:
    """Paint a rounded panel whose outline lies inside `rect`."""
    inset = width / 2
    painter.setPen(QPen(line, width) if line is not None and width else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)


def focus_ring(painter: QPainter, rect: QRectF, radius: float, theme: Theme) -> None:
    """Paint the ring of the widget that has the keyboard."""
    panel(painter, rect, radius, None, theme.colour("focus"), theme.tokens.line["focus"])


def ground(painter: QPainter, button: QWidget, theme: Theme, fill: QColor, line: QColor) -> None:
    """Paint what a button stands on, with the ring of the keyboard when it has that."""
    rect, radius = QRectF(button.rect()), theme.tokens.radius["button"]
    panel(painter, rect, radius, fill, line, theme.tokens.line["input"])
    if button.hasFocus():
        focus_ring(painter, rect, radius, theme)


def key_cap_width(theme: Theme, cap: str) -> float:
    """Return the width of a key cap in px."""
    return max(26.0, QFontMetricsF(_cap_font(theme)).horizontalAdvance(cap) + 2 * _CAP_PADDING)


def key_cap(painter: QPainter, theme: Theme, cap: str, x: float, middle: float, ink: QColor) -> None:
    """Paint a key cap whose left edge is at `x`, centred on `middle`."""
    rect = QRectF(x, middle - 13, key_cap_width(theme, cap), 26)
    panel(painter, rect, 6, None, ink, 1.5)
    write_whole(painter, rect, cap, _cap_font(theme), ink, Qt.AlignmentFlag.AlignCenter)


BOX = 22


def tick_box(painter: QPainter, theme: Theme, x: float, middle: float, *, is_on: bool) -> None:
    """Paint a box to tick whose left edge is at `x`."""
    line = theme.colour("primary" if is_on else "outline_strong")
    panel(painter, QRectF(x, middle - BOX / 2, BOX, BOX), 6, theme.colour("primary" if is_on else "surface"), line, 2)
    if is_on:
        draw_icon(painter, "check", theme.colour("on_primary"), x + 4, middle - BOX / 2 + 4, BOX - 8)


def circle(painter: QPainter, theme: Theme, x: float, middle: float, *, is_on: bool) -> None:
    """Paint the circle of one of many, whose left edge is at `x`."""
    painter.setBrush(theme.colour("surface"))
    painter.setPen(QPen(theme.colour("primary" if is_on else "outline_strong"), 2))
    painter.drawEllipse(QRectF(x, middle - BOX / 2, BOX, BOX))
    if is_on:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("primary"))
        painter.drawEllipse(QRectF(x + 5, middle - BOX / 2 + 5, BOX - 10, BOX - 10))


def tone_icon(painter: QPainter, theme: Theme, tone: Tone, x: float, middle: float, size: int) -> float:
    """Paint the icon of a tone and return the width it took, 0 for a tone without icon."""
    name = TONE_ICONS.get(tone)
    if name is None:
        return 0.0
    draw_icon(painter, name, theme.ink(tone), x, middle - size / 2, size)
    return size + 6.0


def light(painter: QPainter, theme: Theme, state: Light, centre: QPointF) -> None:
    """Paint the light of a indicator: each state has its own shape."""
    colours = {Light.READY: "light_good", Light.BUSY: "light_good", Light.CAUTION: "light_caution"}
    colour = theme.colour(colours.get(state, "light_bad" if state is Light.BAD else "light_off"))
    x, y, r = centre.x(), centre.y(), 5.5
    box = QRectF(x - r, y - r, 2 * r, 2 * r)
    painter.setPen(QPen(colour, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match state:
        case Light.READY:
            painter.setBrush(colour)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(box)
        case Light.BUSY:
            painter.drawEllipse(box.adjusted(1, 1, -1, -1))
            painter.setBrush(colour)
            painter.drawPie(box.adjusted(1, 1, -1, -1), 90 * 16, 180 * 16)
        case Light.CAUTION:
            painter.setBrush(colour)
            painter.drawPolygon([QPointF(x, y - r + 0.5), QPointF(x + r, y + r - 1), QPointF(x - r, y + r - 1)])
        case Light.BAD:
            painter.drawLine(QPointF(x - 4, y - 4), QPointF(x + 4, y + 4))
            painter.drawLine(QPointF(x - 4, y + 4), QPointF(x + 4, y - 4))
        case Light.OFF:
            painter.drawEllipse(box.adjusted(1, 1, -1, -1))


def _cap_font(theme: Theme) -> QFont:
    return theme.font("text", QFont.Weight.Medium)
