"""A card: a white panel with a fine outline, or the ground of a tone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldkit.domain.errors import Problem
from ui.presenters.parts import Empty, Progress, Tone
from ui.presenters.presenter import Action, Command, Message, Weight, message
from ui.runtime.theme import ThemeContext, draw_icon
from ui.widgets.button import ActionButton
from ui.widgets.layout import SPRING, ElidedText, Role, Text, column, fill, grid, laid, present, row
from ui.widgets.marks import painter_on, panel


class Card(QWidget):
    """Holds what belongs together; `body` is its layout. A tone colours ground and outline."""

    def __init__(self, theming: ThemeContext, tone: Tone = Tone.NEUTRAL) -> None:
        super().__init__()
        self._theming = theming
        self._tone = tone
        space = theming.tokens.space
        self.body = column(on=self, gap=space["sm"], margins=(20, space["md"], 20, space["md"]))
        self._title: Text | None = None

    def set_tone(self, tone: Tone) -> None:
        """Colour ground and outline."""
        if tone is not self._tone:
            self._tone = tone
            self.update()

    def set_title(self, text: str) -> None:
        """Show a section head above everything else."""
        if self._title is None:
            self._title = Text(Role.SECTION, wraps=True)
            self.body.insertWidget(0, self._title)
        self._title.show_text(text)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        is_plain = self._tone is Tone.NEUTRAL
        fill = theme.colour("surface") if is_plain else theme.ground(self._tone)
        line = theme.colour("outline") if is_plain else theme.ink(self._tone)
        tokens = theme.tokens
        panel(painter, QRectF(self.rect()), tokens.radius["card"], fill, line, tokens.line["card"])


# What stands above content or in its place: a problem and its way out, nothing yet, or since when it waits.

_LINE = 110  # letters of a banner's line in the smallest window


class Icon(QWidget):
    """An icon in a colour of the tokens."""

    def __init__(self, theming: ThemeContext, name: str, colour: str, size: int = 24) -> None:
        super().__init__()
        self._theming, self._name, self._colour, self._size = theming, name, colour, size
        self.setFixedSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        painter = QPainter(self)
        draw_icon(painter, self._name, self._theming.theme.colour(self._colour), 0, 0, self._size)


class ProblemCard(Card):
    """What happened, what is safe, what to do, and the button that does it; a banner has the button at its side."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext, *, is_banner: bool = False) -> None:
        super().__init__(theming, Tone.BAD)
        laid = grid(gap=(12, theming.tokens.space["xs" if is_banner else "sm"]), wide=(1,))
        self._what, self._safe, self._do = Text(Role.SECTION, wraps=True), Text(wraps=True), Text(wraps=True)
        icons = (Icon(theming, "warning", "bad"), Icon(theming, "shield", "good"), Icon(theming, "arrow", "text"))
        self._lines = tuple(zip(icons, (self._what, self._safe, self._do), strict=True))
        for at, (icon, text) in enumerate(self._lines):
            laid.addWidget(icon, at, 0, Qt.AlignmentFlag.AlignTop)
            laid.addWidget(text, at, 1)
        self.body.addLayout(laid)
        self._button = ActionButton(theming)
        self._button.commanded.connect(self.commanded)
        if is_banner:
            laid.addWidget(self._button, 0, 2, 3, 1, Qt.AlignmentFlag.AlignVCenter)
        else:
            self.body.addWidget(self._button, 0, Qt.AlignmentFlag.AlignRight)
        # No Maximum: that would be the height at the width the card would like, and cut its text in a narrower place.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def render_problem(self, problem: Problem, retry: Command | None = None) -> None:
        """Show a problem and the way out."""
        told = self._theming.catalog.explain(problem)
        for (icon, text), sentence in zip(self._lines, (told.what, told.safe, told.do), strict=True):
            text.show_text(sentence)
            present(icon, bool(sentence))
        self.setAccessibleName(f"{told.what} {told.safe} {told.do}")
        self._button.offer(retry)


class NoticeCard(ProblemCard):
    """A banner above the work of the day: a long one takes two lines until somebody wants to read all of it."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, is_banner=True)
        self._problem, self._is_open = Problem(""), False
        self._short = (ElidedText(Role.SECTION), ElidedText())
        self._turn = ActionButton(theming)
        self._turn.commanded.connect(lambda _command: self._show(is_open=not self._is_open))
        words = column(*self._short, gap=theming.tokens.space["xs"])
        self.body.addLayout(row((words, 1), (self._turn, 0, Qt.AlignmentFlag.AlignBottom)))

    def render_problem(self, problem: Problem, retry: Command | None = None) -> None:
        """Show a problem; another one than before is folded again."""
        super().render_problem(problem, retry)
        is_same, self._problem = problem == self._problem, problem
        self._show(is_open=self._is_open and is_same)

    def _show(self, *, is_open: bool) -> None:
        self._is_open = is_open
        told = self._theming.catalog.explain(self._problem)
        sentences = (told.what, told.safe, told.do)
        is_long = sum(-(-len(sentence) // _LINE) for sentence in sentences) > len(sentences)
        folds = is_long and not is_open
        for (icon, text), sentence in zip(self._lines, sentences, strict=True):
            present(icon, bool(sentence) and not folds)
            present(text, bool(sentence) and not folds)
        for line, sentence in zip(self._short, (told.what, told.do), strict=True):
            line.setText(sentence)
            present(line, folds)
        present(self._turn, is_long)
        words = message("ui.notice_less" if is_open else "ui.notice_more")
        self._turn.render_action(Command("turn", words, weight=Weight.PLAIN))


class EmptyCard(Card):
    """Nothing yet, and the next step."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._what = Text(Role.SECTION, wraps=True)
        self._hint = Text(Role.MUTED, wraps=True)
        self._button = ActionButton(theming)
        self._button.commanded.connect(self.commanded)
        middle = Qt.AlignmentFlag.AlignHCenter
        for text in (self._what, self._hint):
            text.setAlignment(middle)
        icon, button = (Icon(theming, "inbox", "outline_strong", 48), 0, middle), (self._button, 0, middle)
        # Where the card is larger than its words they stay together.
        parts = (SPRING, icon, self._what, self._hint, theming.tokens.space["sm"], button, SPRING)
        laid(self.body, parts, margins=32)

    def render_empty(self, empty: Empty) -> None:
        """Show what is not there yet and the next step."""
        self._what.setText(self._theming.say(empty.title))
        self._hint.show_text(self._theming.say(empty.hint))
        self._button.offer(empty.action)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        # The screen has nothing for Enter here: it comes from the one button, which has the keyboard.
        if not self._button.isHidden() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._button.click()
        else:
            super().keyPressEvent(event)


class RestoredLine(Card):
    """One line above the content: what stands below waits to be accepted."""

    thrown = Signal()

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, Tone.SOFT)
        space = theming.tokens.space
        self.body.setContentsMargins(space["md"], space["xs"], space["xs"], space["xs"])
        self._words, self._button = Text(Role.STRONG, wraps=True), ActionButton(theming)
        self._button.commanded.connect(lambda _command: self.thrown.emit())
        icon = (Icon(theming, "clock", "text"), 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row(icon, (self._words, 1), self._button, gap=space["sm"]))

    def show_words(self, words: Message) -> None:
        """Say since when."""
        said = self._theming.say(words)
        self._words.setText(said)
        self.setAccessibleName(said)
        self._button.render_action(Command("throw_away", message("isian.throw_away"), Action.THROW_AWAY))


# Long work with its counts, speed, time left and a way to stop it.


class ProgressBar(QWidget):
    """A bar from 0 to 1000 ‰."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._permille = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_permille(self, permille: int) -> None:
        """Fill the bar."""
        self._permille = max(0, min(1000, permille))
        self.setAccessibleName(f"{self._permille // 10} %")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(200, 14)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        rect = QRectF(0, 0, self.width(), 14)
        panel(painter, rect, 7, theme.colour("neutral_soft"), theme.colour("outline"), 1)
        if self._permille:
            rect.setWidth(max(14.0, self.width() * self._permille / 1000))
            panel(painter, rect, 7, theme.colour("primary"))


class ProgressCard(Card):
    """Shows a `Progress`."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._what = Text(Role.STRONG)
        self._detail = Text(Role.MUTED)
        self._bar = ProgressBar(theming)
        self._cancel = ActionButton(theming)
        self._cancel.commanded.connect(self.commanded)
        words = row(self._what, SPRING, self._detail, gap=theming.tokens.space["md"])
        fill(self.body, words, self._bar, row(SPRING, self._cancel))

    def render_progress(self, progress: Progress) -> None:
        """Show how far the work is."""
        self._what.setText(self._theming.say(progress.title))
        self._detail.show_text(self._theming.say(progress.detail))
        present(self._bar, progress.total > 0)
        self._bar.show_permille(progress.done * 1000 // progress.total if progress.total else 0)
        self._cancel.offer(progress.cancel)
