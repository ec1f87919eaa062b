"""The SOP as a vertical timeline: one line through all circles, a cursor that the arrow keys move."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from ui.presenters.figures import StepMark
from ui.presenters.messages import message
from ui.presenters.planning.sop_figures import TimelineStep
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import column
from ui.widgets.marks import focus_ring, painter_on, write
from ui.widgets.steps import step_circle
from ui.widgets.tag import draw_tag, tag_width

LINE = 60
_LEFT, _CIRCLE = 20, 28
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -10_000, Qt.Key.Key_End: 10_000}


class SopTimeline(QWidget):
    """`moved` tells how far a key moves the cursor, `chosen` the number of a step that was pressed."""

    moved = Signal(int)
    chosen = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._lines = _Lines(theming)
        self._lines.moved.connect(self.moved)
        self._lines.chosen.connect(self.chosen)
        self._scroll = _Scroll()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._lines)
        column(self._scroll, on=self)
        self.setFocusProxy(self._lines)

    def render_timeline(self, steps: tuple[TimelineStep, ...], cursor: int) -> None:
        """Show the steps; `cursor` is the number of the one under the keyboard, which comes into sight."""
        self._lines.render_lines(steps, cursor)
        at = next((place for place, step in enumerate(steps) if step.no == cursor), 0)
        self._scroll.ensureVisible(0, round((at + 0.5) * LINE), 0, LINE)
        bar = self._scroll.verticalScrollBar()
        bar.setValue(-(-bar.value() // LINE) * LINE)  # the first line in sight is a whole one


class _Scroll(QScrollArea):
    """The page keys are the screen's: it scrolls what stands beside the timeline."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 – Qt's name
        event.ignore()


class _Lines(QWidget):
    moved = Signal(int)
    chosen = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._steps: tuple[TimelineStep, ...] = ()
        self._cursor = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def render_lines(self, steps: tuple[TimelineStep, ...], cursor: int) -> None:
        self._steps, self._cursor = steps, cursor
        self.setFixedHeight(max(1, len(steps) * LINE))
        here = next((step for step in steps if step.no == cursor), None)
        self.setAccessibleName(self._told(here) if here else "")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 – Qt's name
        return QSize(640, len(self._steps) * LINE)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 – Qt's name
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
        else:
            self.moved.emit(step)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 – Qt's name
        place = int(event.position().y() // LINE)
        if 0 <= place < len(self._steps):
            self.chosen.emit(self._steps[place].no)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
        painter = painter_on(self)
        first, last = event.rect().top() // LINE, event.rect().bottom() // LINE
        for place in range(max(0, first), min(len(self._steps), last + 1)):
            self._paint_line(painter, place)

    def _paint_line(self, painter: QPainter, place: int) -> None:
        step, theme = self._steps[place], self._theming.theme
        rect = QRectF(0, place * LINE, self.width(), LINE)
        middle, x = rect.center().y(), _LEFT + _CIRCLE / 2
        behind = "accent_soft" if step.no == self._cursor else "surface"
        if step.no == self._cursor:
            painter.fillRect(rect, theme.colour(behind))
            painter.fillRect(QRectF(0, rect.top(), 6, LINE), theme.colour("primary"))
        painter.setPen(QPen(theme.colour("outline_strong"), 2))
        if place:
            painter.drawLine(round(x), round(rect.top()), round(x), round(middle - _CIRCLE / 2))
        if place + 1 < len(self._steps):
            painter.drawLine(round(x), round(middle + _CIRCLE / 2), round(x), round(rect.bottom()))
        circle = QRectF(_LEFT, middle - _CIRCLE / 2, _CIRCLE, _CIRCLE)
        step_circle(painter, self._theming, circle, step.mark, step.no)
        right = rect.right() - 16
        if step.tag is not None:
            right -= tag_width(self._theming, step.tag)
            draw_tag(painter, self._theming, step.tag, right, middle, behind)
            right -= 16
        left = circle.right() + 16
        self._paint_words(painter, QRectF(left, rect.top() + 7, right - left, LINE - 14), step)
        if step.no == self._cursor and self.hasFocus():
            focus_ring(painter, rect.adjusted(2, 2, -2, -2), 8, theme)

    def _paint_words(self, painter: QPainter, rect: QRectF, step: TimelineStep) -> None:
        theme, half = self._theming.theme, rect.height() / 2
        is_open = step.mark is StepMark.CURRENT
        said = self._theming.say(step.words)
        words = said if step.mark in (StepMark.CURRENT, StepMark.PENDING) else f"{step.no}. {said}"
        details = " · ".join(self._theming.say(detail) for detail in step.details)
        for top, text, weight, colour in (
            (rect.top(), words, QFont.Weight.DemiBold if is_open else QFont.Weight.Medium, "text"),
            (rect.top() + half, details, QFont.Weight.Normal, "text_muted"),
        ):
            line = QRectF(rect.left(), top, rect.width(), half)
            write(painter, line, text, theme.font("text", weight), theme.colour(colour))

    def _told(self, step: TimelineStep) -> str:
        mark = self._theming.say(message(f"ui.step.{step.mark.value}"))
        details = ", ".join(self._theming.say(detail) for detail in step.details)
        return f"{step.no}. {self._theming.say(step.words)}, {mark}, {details}"
