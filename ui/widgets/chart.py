"""A small chart: bars below each other, or a line over days. Every value stands there as a number too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.presenters.amounts import day_text
from ui.presenters.figures import NO_CHART, ChartBar, ChartShown
from ui.presenters.parts import Tone
from ui.presenters.planning.calendar_days import Month, MonthDay, step_day, step_month
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext
from ui.widgets.marks import LEFT, focus_ring, key_cap, key_cap_width, painter_on, panel, tone_icon, write, write_whole

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


# A month: days off, holidays by name, and what is planned; a cursor that the arrow keys move.

_TITLE, _WARNING, _WEEKDAYS = 44, 26, 28
_LINE = 22
_SHORT = 3  # letters of a day of the week where its name has no room
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}


class MonthGrid(QWidget):
    """`chosen(date)` tells where the cursor goes, `turned(date)` another month's first day, `opened(date)` Enter."""

    chosen = Signal(object)
    turned = Signal(object)
    opened = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._month: Month | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(560, 380)

    def render_month(self, month: Month) -> None:
        """Show a month."""
        self._month = month
        self.setAccessibleName(self._title())
        self.setAccessibleDescription("\n".join(self._lines_of(month.day)) if month.day else "")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(920, 560)

    def cell(self, on: date) -> QRectF:
        """Return where a day is drawn; an empty rectangle for a day of another page."""
        if self._month is None:
            return QRectF()
        place = (on - self._month.days[0].on).days
        if not 0 <= place < len(self._month.days):
            return QRectF()
        top = _TITLE + (_WARNING if self._month.warning else 0) + _WEEKDAYS
        width, height = self.width() / 7, (self.height() - top - 2) / (len(self._month.days) // 7)
        return QRectF(place % 7 * width, top + place // 7 * height, width, height)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        month, key = self._month, Qt.Key(event.key())
        if month is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            event.ignore()
        elif key in _STEPS:
            self._go(step_day(month.cursor, _STEPS[key]))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(step_month(month.first, 1 if key == Qt.Key.Key_PageDown else -1))
        elif key == Qt.Key.Key_Home:
            self._go(month.today)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(month.cursor)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        day = self._day_at(event.position())
        if day is not None:
            self._go(day.on)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        day = self._day_at(event.position())
        if day is not None:
            self.opened.emit(day.on)

    def event(self, event: QEvent) -> bool:  # noqa: D102 – Qt's name
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            day = self._day_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "\n".join(self._lines_of(day)) if day else "", self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        month, theme = self._month, self._theming.theme
        if month is None:
            return
        painter = painter_on(self)
        self._paint_head(painter, month)
        frame = self.cell(month.days[0].on).united(self.cell(month.days[-1].on))
        panel(painter, frame, 0, theme.colour("surface"), theme.colour("outline"), theme.tokens.line["card"])
        for day in month.days:
            self._paint_day(painter, month, day)
        cursor = self.cell(month.cursor)
        if self.hasFocus():
            focus_ring(painter, cursor.adjusted(1, 1, -1, -1), 4, theme)
        else:
            panel(painter, cursor.adjusted(1, 1, -1, -1), 4, None, theme.colour("outline_strong"), 2)

    def _paint_head(self, painter: QPainter, month: Month) -> None:
        theme, say = self._theming.theme, self._theming.say
        title = QRectF(0, 0, self.width(), _TITLE - 6)
        write(painter, title, self._title(), theme.font("title", QFont.Weight.Bold), theme.colour("text"))
        quiet, x = theme.colour("text_muted"), float(self.width())
        for cap in ("PgDn", "PgUp"):
            x -= key_cap_width(theme, cap)
            key_cap(painter, theme, cap, x, (_TITLE - 6) / 2, quiet)
            x -= 6
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        title.setRight(x - 4)
        write(painter, title, say(message("kalender.turn")), theme.font("text"), quiet, right)
        if month.warning:
            line = QRectF(0, _TITLE - 6, self.width(), _WARNING)
            write(painter, line, "⚠ " + say(month.warning), theme.font("text"), theme.ink(Tone.CAUTION))
        top = _TITLE + (_WARNING if month.warning else 0)
        painter.setFont(theme.font("text", QFont.Weight.DemiBold))
        for place in range(7):
            painter.setPen(theme.ink(Tone.BAD) if place >= 5 else quiet)
            cell = QRectF(place * self.width() / 7 + 8, top, self.width() / 7 - 8, _WEEKDAYS)
            name = say(message(f"kalender.weekday_{place + 1}"))
            is_whole = painter.fontMetrics().horizontalAdvance(name) <= cell.width()
            painter.drawText(cell, LEFT, name if is_whole else name[:_SHORT])

    def _paint_day(self, painter: QPainter, month: Month, day: MonthDay) -> None:
        theme, rect = self._theming.theme, self.cell(day.on)
        is_inside = (day.on.year, day.on.month) == (month.first.year, month.first.month)
        ground = "neutral_soft" if day.is_off else "surface" if is_inside else "page"
        painter.fillRect(rect.adjusted(1, 1, 0, 0), theme.colour(ground))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("outline"), 1))
        painter.drawRect(rect)
        ink = theme.ink(Tone.BAD) if day.is_off else theme.colour("text" if is_inside else "text_muted")
        content = rect.adjusted(8, 4, -6, -4)
        number = QRectF(content.left(), content.top(), 28, _LINE)
        if day.on == month.today:
            panel(painter, number.adjusted(-4, -1, 0, 1), 8, theme.colour("primary"))
            ink = theme.colour("on_primary")
        font = theme.font("text", QFont.Weight.Bold if is_inside else QFont.Weight.Normal)
        write_whole(painter, number, str(day.on.day), font, ink, Qt.AlignmentFlag.AlignCenter)
        note = self._theming.say(day.note)
        note_ink = theme.ink(Tone.BAD if day.is_off else Tone.CAUTION)
        if note and not day.entries:
            below = content.adjusted(0, _LINE, 0, 0)
            write_whole(painter, below, note, theme.font("text"), note_ink, Qt.TextFlag.TextWordWrap)
        elif note:
            beside = QRectF(number.right() + 6, content.top(), content.right() - number.right() - 6, _LINE)
            write(painter, beside, note, theme.font("text"), note_ink)
        self._paint_entries(painter, content.adjusted(0, _LINE + 2, 0, 0), day)

    def _paint_entries(self, painter: QPainter, room: QRectF, day: MonthDay) -> None:
        theme, fits = self._theming.theme, max(1, int((room.height() + 2) // (_LINE + 2)))
        shown = day.entries if len(day.entries) <= fits else day.entries[: fits - 1]
        top = room.top()
        for entry in shown:
            line = QRectF(room.left() - 2, top, room.width() + 4, _LINE)
            panel(painter, line, 5, theme.ground(entry.tone), theme.ink(entry.tone), 1)
            words = self._theming.say(entry.words)
            write(painter, line.adjusted(6, 0, -4, 0), words, theme.font("text"), theme.ink(entry.tone))
            top += _LINE + 2
        if len(shown) < len(day.entries):
            more = message("common.more" if shown else "kalender.visits", count=len(day.entries) - len(shown))
            line = QRectF(room.left(), top, room.width(), _LINE)
            write(painter, line, self._theming.say(more), theme.font("text"), theme.colour("text_muted"))

    def _go(self, on: date) -> None:
        month = self._month
        assert month is not None
        if (on.year, on.month) != (month.first.year, month.first.month):
            self.turned.emit(on.replace(day=1))
        self.chosen.emit(on)

    def _day_at(self, point: QPointF) -> MonthDay | None:
        if self._month is None:
            return None
        return next((day for day in self._month.days if self.cell(day.on).contains(point)), None)

    def _title(self) -> str:
        if self._month is None:
            return ""
        first = self._month.first
        return f"{self._theming.say(message(f'kalender.month_{first.month}'))} {first.year}"

    def _lines_of(self, day: MonthDay) -> list[str]:
        say = self._theming.say
        return list(filter(None, (day_text(day.on), say(day.note), *(say(entry.words) for entry in day.entries))))
