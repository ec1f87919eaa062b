"""Lines of label and value: quality per finger, facts; and beside them advice and attempts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QWidget

from fieldkit.domain.errors import Problem
from ui.presenters.figures import Attempt, QualityRow, Step, StepMark
from ui.presenters.letters.letters import SignatureShown, VerdictShown
from ui.presenters.parts import Tone
from ui.presenters.planning.steps import TimelineStep
from ui.presenters.presenter import Command, Message, message
from ui.runtime.theme import ThemeContext, draw_icon
from ui.widgets.button import ActionButton
from ui.widgets.cards import Card
from ui.widgets.layout import SPRING, LastShown, Pool, Role, Text, column, fill, grid, present, row
from ui.widgets.marks import focus_ring, painter_on, write, write_lines, write_whole
from ui.widgets.tags import TagLabel, TagRow, draw_tag, tag_width
from ui.widgets.touch import KeylessScroll


class QualityRows(QWidget):
    """Lines of label, number, the device's own number where it has one, and word."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        gap = theming.tokens.space["sm"]
        self._grid = grid(self, gap=(gap + 4, gap - 2), wide=(0,))  # the review has nine rows above the PIN
        self._lines: list[tuple[Text, Text, Text, TagLabel]] = []
        self._last = LastShown(theming)

    def render_rows(self, rows: tuple[QualityRow, ...]) -> None:
        """Show rows."""
        if self._last.is_same(rows):
            return
        while len(self._lines) < len(rows):
            line = (Text(wraps=True), Text(Role.STRONG), Text(Role.MUTED), TagLabel(self._theming))
            for place, widget in enumerate(line):
                self._grid.addWidget(widget, len(self._lines), place, Qt.AlignmentFlag.AlignVCenter)
            self._lines.append(line)
        for index, (label, value, beside, tag) in enumerate(self._lines):
            row = rows[index] if index < len(rows) else None
            label.show_text(self._theming.say(row.label) if row else "")
            value.show_text(row.value if row else "")
            beside.show_text(self._theming.say(row.beside) if row else "")
            tag.render_tag(row.tag if row else None)
            if row:
                value.set_tone(row.tag.tone)
                # Beside numbers the tags stand in a column, alone at the right edge.
                side = Qt.AlignmentFlag.AlignLeft if row.value else Qt.AlignmentFlag.AlignRight
                self._grid.setAlignment(tag, side | Qt.AlignmentFlag.AlignVCenter)


class Advice(Card):
    """One short hint: what is wrong and what helps, with a button beside it, or several below."""

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, Tone.CAUTION)
        self._what = Text(Role.STRONG, wraps=True)
        self._hint = Text(wraps=True)
        self._button = ActionButton(theming)
        self._button.commanded.connect(self.commanded)
        words, below = column(self._what, self._hint, gap=theming.tokens.space["xs"]), row(SPRING)
        beside = (self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        below.setSpacing(theming.tokens.space["sm"])
        fill(self.body, row((words, 1), beside, gap=theming.tokens.space["md"]), below)
        self._more = Pool(below.addWidget, self._new_button)

    def render_advice(
        self,
        title: Message,
        hint: Message = "",
        tone: Tone = Tone.CAUTION,
        action: Command | None = None,
        more: tuple[Command, ...] = (),
    ) -> None:
        """Show a hint; an empty title takes no place, and a problem without a hint says what is safe and what helps."""
        self.set_tone(tone)
        self._what.show_text(self._theming.say(title))
        told = self._theming.catalog.explain(title) if isinstance(title, Problem) and not hint else None
        self._hint.show_text(f"{told.safe} {told.do}" if told else self._theming.say(hint))
        self._button.offer(action)
        self._more.show(more, ActionButton.render_action)
        present(self, bool(self._theming.say(title)))

    def _new_button(self) -> ActionButton:
        button = ActionButton(self._theming)
        button.commanded.connect(self.commanded)
        button.refused.connect(self.refused)
        return button


class Attempts(QWidget):
    """The attempts of a step, the newest last, divided by fine lines."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._lines = Pool(column(on=self, gap=0).addWidget, lambda: _AttemptLine(theming))
        self._last = LastShown(theming)

    def render_attempts(self, attempts: tuple[Attempt, ...]) -> None:
        """Show attempts."""
        if not self._last.is_same(attempts):
            self._lines.show(attempts, _AttemptLine.render_attempt)


class _AttemptLine(QWidget):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming, self._text, self._tag = theming, Text(Role.STRONG, wraps=True), TagLabel(theming)
        column(Rule(theming), row((self._text, 1), self._tag, margins=(0, 10, 0, 10)), on=self, gap=0)

    def render_attempt(self, attempt: Attempt) -> None:
        self._text.setText("\n".join(filter(None, map(self._theming.say, (attempt.title, attempt.note)))))
        self._tag.render_tag(attempt.tag)


class Rule(QFrame):
    """A fine dividing line."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self.setFixedHeight(1)
        self.setAutoFillBackground(True)
        self._theming = theming
        self._colour()
        theming.theme.changed.connect(self._colour)

    def _colour(self) -> None:
        palette = self.palette()
        palette.setColor(self.backgroundRole(), self._theming.theme.colour("outline"))
        self.setPalette(palette)


class FactGrid(QWidget):
    """Lines of label and value; a value can be marked with the mouse."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._grid = grid(self, gap=(theming.tokens.space["md"], theming.tokens.space["xs"]), wide=(1,))
        self._lines: list[tuple[Text, Text]] = []

    def render_facts(self, facts: tuple[tuple[Message, Message], ...]) -> None:
        """Show facts; none take no place."""
        present(self, bool(facts))
        while len(self._lines) < len(facts):
            line = (Text(Role.MUTED), Text(Role.STRONG, wraps=True))
            line[1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)  # numbers are copied
            for place, text in enumerate(line):
                self._grid.addWidget(text, len(self._lines), place, Qt.AlignmentFlag.AlignTop)
            self._lines.append(line)
        for at, (label, value) in enumerate(self._lines):
            told = facts[at] if at < len(facts) else ("", "")
            label.show_text(self._theming.say(told[0]))
            value.show_text(self._theming.say(told[1]))


# Steps with their circles: the rail of a recording, what happened, and the SOP with a cursor that arrow keys move.

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


# What the signatures of a letter are worth, as one card.


class VerdictCard(Card):
    """The word, what it means, and below it each signature."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._tag, self._heading = TagLabel(theming), Text(Role.TITLE, wraps=True)
        self._meaning = Text(wraps=True)
        signatures = column(gap=theming.tokens.space["md"])
        self._signatures = Pool(signatures.addWidget, lambda: _Signature(theming))
        self.body.setSpacing(theming.tokens.space["md"])
        self.body.addLayout(row((self._heading, 1), (self._tag, 0, Qt.AlignmentFlag.AlignTop)))
        self.body.addWidget(self._meaning)
        self.body.addLayout(signatures)

    def render_verdict(self, verdict: VerdictShown | None) -> None:
        """Show a verdict; nothing without one."""
        present(self, verdict is not None)
        if verdict is None:
            return
        say = self._theming.say
        self.set_tone(verdict.tone)
        self._tag.render_tag(verdict.tag)
        self._heading.show_text(say(verdict.title))
        self._meaning.show_text(say(verdict.meaning))
        self._signatures.show(verdict.signatures, _Signature.render_signature)


class _Signature(QWidget):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._signer, self._tags, self._line = Text(Role.SECTION, wraps=True), TagRow(theming), Text(wraps=True)
        column(self._signer, self._line, self._tags, on=self, gap=theming.tokens.space["xs"])

    def render_signature(self, shown: SignatureShown) -> None:
        self._signer.show_text(self._theming.say(shown.signer))
        self._tags.render_tags(shown.tags)
        self._line.show_text(self._theming.say(shown.line))
