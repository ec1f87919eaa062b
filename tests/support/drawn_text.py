"""What a widget writes when it is painted: each piece of text with its place and with what is let through of it.

A paint device that keeps nothing but text sees what no look at the widgets tells: words in painted cells, tags and
buttons, where they are clipped, and where two of them lie on each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintDevice, QPaintEngine, QRegion, QTextItem
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLineEdit, QWidget

ELLIPSIS = "…"
_LEAST_LETTERS = 5  # with the ellipsis; what is shorter tells nobody anything
_SLACK = 1.5  # glyphs may stand a little over their advance
_PRESSED = (QAbstractButton, QLineEdit)
_METRICS = {
    QPaintDevice.PaintDeviceMetric.PdmDpiX: 96,
    QPaintDevice.PaintDeviceMetric.PdmDpiY: 96,
    QPaintDevice.PaintDeviceMetric.PdmPhysicalDpiX: 96,
    QPaintDevice.PaintDeviceMetric.PdmPhysicalDpiY: 96,
    QPaintDevice.PaintDeviceMetric.PdmWidthMM: 300,
    QPaintDevice.PaintDeviceMetric.PdmHeightMM: 200,
    QPaintDevice.PaintDeviceMetric.PdmDepth: 32,
    QPaintDevice.PaintDeviceMetric.PdmDevicePixelRatio: 1,
    QPaintDevice.PaintDeviceMetric.PdmDevicePixelRatioScaled: 65536,
}


@dataclass(frozen=True)
class Drawn:
    """A piece of text, where its ink stands and what of that place is painted at all; in px of the widget."""

    text: str
    place: QRectF
    seen: QRectF


class _Engine(QPaintEngine):
    def __init__(self) -> None:
        super().__init__(QPaintEngine.PaintEngineFeature.AllFeatures)
        self.drawn: list[Drawn] = []

    def begin(self, _device: QPaintDevice) -> bool:
        return True

    def end(self) -> bool:
        return True

    def type(self) -> QPaintEngine.Type:
        return QPaintEngine.Type.User

    def updateState(self, _state: Any) -> None:  # noqa: N802 – Qt's name
        pass

    def _nothing(self, *_shape: Any) -> None:
        pass

    drawPixmap = drawImage = drawTiledPixmap = drawPath = drawRects = _nothing  # noqa: N815 – Qt's names
    drawLines = drawPolygon = drawEllipse = drawPoints = _nothing  # noqa: N815 – Qt's names

    def drawTextItem(self, at: QPointF, item: QTextItem) -> None:  # noqa: N802 – Qt's name
        painter, text = self.painter(), item.text()
        if not text.strip():
            return
        ink = QRectF(at.x(), at.y() - item.ascent(), item.width(), item.ascent() + item.descent())
        place = painter.deviceTransform().mapRect(ink)
        seen = QRectF(place)
        if not (clip := QRegion(self.systemClip())).isEmpty():
            seen = seen & QRectF(clip.boundingRect())
        if painter.hasClipping():
            seen = seen & painter.deviceTransform().mapRect(painter.clipBoundingRect())
        self.drawn.append(Drawn(text, place, seen))


class _Sheet(QPaintDevice):
    def __init__(self, size: QSize) -> None:
        super().__init__()
        self._size, self._engine = size, _Engine()

    def paintEngine(self) -> _Engine:  # noqa: N802 – Qt's name
        return self._engine

    def metric(self, which: QPaintDevice.PaintDeviceMetric) -> int:
        if which is QPaintDevice.PaintDeviceMetric.PdmWidth:
            return self._size.width()
        if which is QPaintDevice.PaintDeviceMetric.PdmHeight:
            return self._size.height()
        return _METRICS.get(which, 0)


def drawn_by(widget: QWidget) -> list[Drawn]:
    """Return the texts that a widget writes, those of its children too, as they come."""
    sheet = _Sheet(widget.size())
    widget.render(sheet)
    return sheet.paintEngine().drawn


def faults_of(widget: QWidget) -> Iterator[str]:
    """Name texts of which next to nothing is left, that are cut, or that lie on others.

    What a list or a page clips can be scrolled to, and what a field clips but tells under the mouse can be read there;
    both are no fault.
    """
    areas = _scrolling(widget)
    rolls = [_place_of(area.viewport(), widget) for area in areas]
    wide = [_place_of(area, widget) for area in areas if _rolls_sideways(area)]
    told = [field for field in widget.findChildren(QLineEdit) if "" != field.text() == field.toolTip()]
    wide += [_place_of(field, widget) for field in told]
    drawn = drawn_by(widget)
    for each in drawn:
        if each.text.endswith(ELLIPSIS) and 1 < len(each.text) <= _LEAST_LETTERS:
            yield f"shortened to nothing: {each.text!r}"
        if each.place.width() - each.seen.width() > _SLACK and each.seen.height() > 0:
            if not any(roll.contains(each.seen.center()) for roll in wide):
                yield f"cut at the side: {each.text!r}"
        # The ink of a letter fills the middle of its line; a px of the room above and below is nobody's.
        elif each.place.height() - each.seen.height() > each.place.height() / 4 and not _rolls(each, rolls):
            yield f"cut in height: {each.text!r}"
    for one, other in combinations([each for each in drawn if not each.seen.isEmpty()], 2):
        both = one.seen & other.seen
        if both.width() > 2 * _SLACK and both.height() > one.place.height() / 4:
            yield f"on each other: {one.text!r} and {other.text!r}"


def piled_in(content: QWidget) -> Iterator[str]:
    """Name buttons and fields of a page that lie on each other."""
    pressed = [
        part for part in content.findChildren(QWidget) if isinstance(part, _PRESSED) and part.isVisibleTo(content)
    ]
    for part, beside in combinations(pressed, 2):
        both = _place_of(part, content) & _place_of(beside, content)
        apart = not (part.isAncestorOf(beside) or beside.isAncestorOf(part))
        if apart and both.width() > 2 * _SLACK and both.height() > 2 * _SLACK:
            yield f"one lies on the other: {_named(part)} and {_named(beside)}"


def _named(part: QWidget) -> str:
    return part.accessibleName() or type(part).__name__


def _scrolling(widget: QWidget) -> list[QAbstractScrollArea]:
    return [area for area in widget.findChildren(QAbstractScrollArea) if area.isVisibleTo(widget)]


def _rolls_sideways(area: QAbstractScrollArea) -> bool:
    """Return whether somebody can roll it; a page that has no bar for it only hides what is too wide."""
    never = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    return area.horizontalScrollBar().maximum() > 0 and area.horizontalScrollBarPolicy() is not never


def _place_of(part: QWidget, whole: QWidget) -> QRectF:
    return QRectF(QRectF(part.rect()).translated(part.mapTo(whole, QPointF(0, 0))))


def _rolls(each: Drawn, rolls: list[QRectF]) -> bool:
    return (
        any(
            roll.contains(each.seen.center())
            and (each.place.top() < roll.top() + _SLACK or each.place.bottom() > roll.bottom() - _SLACK)
            for roll in rolls
        )
        or each.seen.isEmpty()
    )
