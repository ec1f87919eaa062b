"""Steps with their circles: the rail of a recording, what happened, and the SOP with a cursor that arrow keys move."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.presenters.figures import Step, StepMark
from ui.presenters.messages import message
from ui.presenters.planning.sop_figures import TimelineStep
from ui.runtime.icons import draw_icon
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import column
from ui.widgets.marks import focus_ring, painter_on, write, write_lines, write_whole
from ui.widgets.presence import LastShown, Pool
from ui.widgets.tag import draw_tag, tag_width
from ui.widgets.touch import KeylessScroll

_CIRCLE = 26
_LEFT = 24


_LOOKS: Mapping[StepMark, tuple[str, str, str, str]] = {
    StepMark.PENDING: ("", "outline_strong", "text_muted", ""),
    StepMark.CURRENT: ("primary", "", "on_primary", ""),
    StepMark.DONE: ("good", "", "surface", "check"),
    StepMark.EXCEPTED: ("caution", "", "surface", "warning"),
    StepMark.DECLARED: ("caution_soft", "caution", "caution", "hand"),
    StepMark.INCOMPLETE: ("bad_soft", "bad", "bad", "warning"),
    StepMark.MISSING: ("bad_soft", "bad", "bad", "cross"),
}
"""The colours of ground, outline and sign of a step, and its icon; without one its number stands there."""
LINE = 60
_EDGE, _ROUND = 20, 28  # of the timeline
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -10_000, Qt.Key.Key_End: 10_000}


def step_circle(painter: QPainter, theming: ThemeContext, rect: QRectF, mark: StepMark, number: int) -> None:
    """Paint the circle of a step: its number while it is open, an icon when it is over."""
    theme, (fill, line, ink, icon) = theming.theme, _LOOKS[mark]
    painter.setBrush(theme.colour(fill) if fill else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour(line), 2) if line else Qt.PenStyle.NoPen)
    painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
    if icon:
        draw_icon(painter, icon, theme.colour(ink), rect.left() + 6, rect.top() + 6, 14)
    else:
        font, middle = theme.font("text", QFont.Weight.DemiBold), Qt.AlignmentFlag.AlignCenter
        write_whole(painter, rect, str(number), font, theme.colour(ink), middle)


class StepLine(QAbstractButton):
    """One step. `is_compact` is the timeline: two close lines, nothing to press."""

    def __init__(self, theming: ThemeContext, *, is_compact: bool = False) -> None:
        super().__init__()
        self._theming = theming
        self._is_compact = is_compact
        self._number = 0
        self._step = Step("", "")
        self.setFixedHeight(44 if is_compact else 54)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if is_compact else Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def name(self) -> str:
        """Return the name of the step that it shows."""
        return self._step.name

    def render_step(self, number: int, step: Step) -> None:
        """Show a step with its number."""
        self._number, self._step = number, step
        told = self._theming.say(message(f"ui.step.{step.mark.value}"))
        self.setAccessibleName(f"{number}. {self._theming.say(step.words)}, {told}")
        detail = self._theming.say(step.detail)
        self.setAccessibleDescription(detail)
        self.setToolTip(detail)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(self._theming.tokens.size["rail"], self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        is_current = self._step.mark is StepMark.CURRENT
        left = 0 if self._is_compact else _LEFT
        if not self._is_compact and (is_current or self.underMouse()):
            painter.fillRect(self.rect(), theme.colour("accent_soft" if is_current else "page"))
        if not self._is_compact and is_current:
            painter.fillRect(QRectF(0, 0, 6, self.height()), theme.colour("primary"))
        step_circle(
            painter,
            self._theming,
            QRectF(left, (self.height() - _CIRCLE) / 2, _CIRCLE, _CIRCLE),
            self._step.mark,
            self._number,
        )
        x = left + _CIRCLE + 13
        width = self.width() - x - 4
        self._paint_words(painter, QRectF(x, 0, width, self.height()))
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()).adjusted(2, 2, -2, -2), 8, theme)

    def _paint_words(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._theming.theme
        detail = self._theming.say(self._step.detail) if self._is_compact else ""
        is_strong = self._is_compact or self._step.mark is StepMark.CURRENT
        font = theme.font("text", QFont.Weight.DemiBold if is_strong else QFont.Weight.Medium)
        words = (self._theming.say(self._step.words), font, theme.colour("text"))
        write_lines(painter, rect, (words, (detail, theme.font("text"), theme.colour("text_muted"))))


class _Steps(QWidget):
    """Lines of steps below each other."""

    chosen = Signal(str)

    def __init__(self, theming: ThemeContext, *, is_compact: bool) -> None:
        super().__init__()
        self._theming, self._is_compact = theming, is_compact
        self._lines = Pool(column(on=self, gap=0).addWidget, self._new_line)
        self._last = LastShown(theming)

    def render_steps(self, steps: tuple[Step, ...]) -> None:
        """Show the steps, numbered from 1."""
        if not self._last.is_same(steps):
            self._lines.show([*enumerate(steps, 1)], lambda line, numbered: line.render_step(*numbered))

    def _new_line(self) -> StepLine:
        line = StepLine(self._theming, is_compact=self._is_compact)
        line.clicked.connect(lambda: self.chosen.emit(line.name))
        return line


class StepRail(_Steps):
    """The left rail; `chosen` tells the name of a step that was pressed."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, is_compact=False)
        self.setFixedWidth(theming.tokens.size["rail"])


class Timeline(_Steps):
    """The steps of the SOP with their details, to read."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, is_compact=True)


class SopTimeline(QWidget):
    """`moved` tells how far a key moves the cursor, `chosen` the number of a step that was pressed."""

    moved = Signal(int)
    chosen = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._lines = _Lines(theming)
        self._lines.moved.connect(self.moved)
        self._lines.chosen.connect(self.chosen)
        self._scroll = KeylessScroll(self._lines)  # the page keys scroll what stands beside it
        column(self._scroll, on=self)
        self.setFocusProxy(self._lines)

    def render_timeline(self, steps: tuple[TimelineStep, ...], cursor: int) -> None:
        """Show the steps; `cursor` is the number of the one under the keyboard, which comes into sight."""
        self._lines.render_lines(steps, cursor)
        at = next((place for place, step in enumerate(steps) if step.no == cursor), 0)
        self._scroll.ensureVisible(0, round((at + 0.5) * LINE), 0, LINE)
        bar = self._scroll.verticalScrollBar()
        bar.setValue(-(-bar.value() // LINE) * LINE)  # the first line in sight is a whole one


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
        middle, x = rect.center().y(), _EDGE + _ROUND / 2
        behind = "accent_soft" if step.no == self._cursor else "surface"
        if step.no == self._cursor:
            painter.fillRect(rect, theme.colour(behind))
            painter.fillRect(QRectF(0, rect.top(), 6, LINE), theme.colour("primary"))
        painter.setPen(QPen(theme.colour("outline_strong"), 2))
        if place:
            painter.drawLine(round(x), round(rect.top()), round(x), round(middle - _ROUND / 2))
        if place + 1 < len(self._steps):
            painter.drawLine(round(x), round(middle + _ROUND / 2), round(x), round(rect.bottom()))
        circle = QRectF(_EDGE, middle - _ROUND / 2, _ROUND, _ROUND)
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
