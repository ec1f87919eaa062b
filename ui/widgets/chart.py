"""A small chart: bars below each other, or a line over days. Every value stands there as a number too."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.charts import NO_CHART, ChartBar, ChartShown
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import painter_on, panel, tone_icon, write, write_whole

_ROW, _LEAST_ROW, _THICKNESS = 36.0, 23.0, 16.0
_LABEL_SHARE = 0.42
_LINE_HEIGHT = 144
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class ChartView(QWidget):
    """Draws a `ChartShown`."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._chart = NO_CHART
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def render_chart(self, chart: ChartShown) -> None:
        """Show a chart."""
        self._chart = chart
        say = self._theming.say
        self.setAccessibleName("; ".join(f"{say(bar.label)} {say(bar.shown)}" for bar in chart.bars))
        self.setToolTip("\n".join(f"{say(bar.label)}: {say(bar.shown)}" for bar in chart.bars))
        policy = QSizePolicy.Policy.Fixed if chart.is_line else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Expanding, policy)
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        chart = self._chart
        return QSize(260, _LINE_HEIGHT if chart.is_line else int(_LEAST_ROW * len(chart.bars)))

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(460, self.minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        chart = self._chart
        if not chart.bars:
            return
        painter = painter_on(self)
        room = QRectF(self.rect())
        if chart.is_line:
            self._paint_line(painter, room)
        else:
            self._paint_bars(painter, room)

    def _paint_bars(self, painter: QPainter, room: QRectF) -> None:
        bars, theme, say = self._chart.bars, self._theming.theme, self._theming.say
        height = max(_LEAST_ROW, min(_ROW, room.height() / len(bars)))
        strong = QFontMetricsF(theme.font("text", QFont.Weight.DemiBold))
        numbers = max(strong.horizontalAdvance(say(bar.shown)) for bar in bars) + 30
        widest = max(QFontMetricsF(theme.font("text")).horizontalAdvance(say(bar.label)) for bar in bars)
        label = min(widest + 2, room.width() * _LABEL_SHARE)
        track = QRectF(label + 12, 0, max(40.0, room.width() - label - 12 - numbers), _THICKNESS)
        for place, bar in enumerate(bars):
            row = QRectF(room.left(), room.top() + place * height, room.width(), height)
            self._paint_bar(painter, row, track, bar)

    def _paint_bar(self, painter: QPainter, row: QRectF, track: QRectF, bar: ChartBar) -> None:
        theme, say, middle = self._theming.theme, self._theming.say, row.center().y()
        label = QRectF(row.left(), row.top(), track.left() - 12, row.height())
        write(painter, label, say(bar.label), theme.font("text"), theme.colour("text"), _RIGHT)
        whole = QRectF(track.left(), middle - _THICKNESS / 2, track.width(), _THICKNESS)
        panel(painter, whole, 4, theme.colour("neutral_soft"), theme.colour("outline"), 1)
        part = QRectF(whole)
        part.setWidth(whole.width() * min(bar.value, self._chart.top) / self._chart.top)
        if bar.value:
            part.setWidth(max(4.0, part.width()))
            panel(painter, part, 4, theme.ink(bar.tone))
        if bar.mark is not None:
            at = whole.left() + whole.width() * bar.mark / self._chart.top
            painter.fillRect(QRectF(at - 1.5, middle - 11, 3, 22), theme.colour("text"))
        x = whole.right() + 8
        x += tone_icon(painter, theme, bar.tone, x, middle, 16)
        beside, strong = QRectF(x, row.top(), row.right() - x, row.height()), QFont.Weight.DemiBold
        write_whole(painter, beside, say(bar.shown), theme.font("text", strong), theme.colour("text"))

    def _paint_line(self, painter: QPainter, room: QRectF) -> None:
        bars, theme, say = self._chart.bars, self._theming.theme, self._theming.say
        plot = room.adjusted(8, 24, -8, -24)
        painter.setPen(QPen(theme.colour("outline"), 1))
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom() - plot.height() * share
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        step = plot.width() / len(bars)
        points = [
            QPointF(plot.left() + step * (place + 0.5), plot.bottom() - plot.height() * bar.value / self._chart.top)
            for place, bar in enumerate(bars)
        ]
        ink = theme.ink(Tone.SOFT)
        painter.setPen(QPen(ink, 2))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(ink)
        for point, bar in zip(points, bars, strict=True):
            if bar.value:
                painter.drawEllipse(point, 4, 4)
        # The greatest numbers first: where two do not fit beside each other, the greater one stays.
        numbers = sorted((pair for pair in zip(points, bars, strict=True) if pair[1].value), key=lambda p: -p[1].value)
        painter.setFont(theme.font("text", QFont.Weight.DemiBold))
        self._paint_labels(painter, ((point.x(), point.y() - 24, say(bar.shown)) for point, bar in numbers), "text")
        painter.setFont(theme.font("text"))
        days = ((p.x(), plot.bottom() + 2, say(bar.label)) for p, bar in zip(points, bars, strict=True))
        self._paint_labels(painter, days, "text_muted")

    def _paint_labels(self, painter: QPainter, labels: Iterable[tuple[float, float, str]], colour: str) -> None:
        """Paint texts centred below their points, leaving out those that would touch one painted before."""
        taken: list[QRectF] = []
        painter.setPen(QColor(self._theming.theme.colour(colour)))
        for x, top, text in labels:
            width = painter.fontMetrics().horizontalAdvance(text) + 6
            rect = QRectF(min(max(0.0, x - width / 2), self.width() - width), top, width, 22)
            if not any(rect.intersects(other) for other in taken):
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
                taken.append(rect)
