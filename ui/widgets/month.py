"""A month: days off, holidays by name, and what is planned; a cursor that the arrow keys move."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.presenters.amounts import day_text
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.planning.month import Month, MonthDay, step_day, step_month
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import LEFT, focus_ring, key_cap, key_cap_width, painter_on, panel, write, write_whole

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
