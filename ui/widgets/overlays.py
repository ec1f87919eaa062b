"""What lies over the whole window: help, blank, lock, and the word about a bug."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QSizePolicy, QWidget

from fieldkit.domain.errors import Problem
from ui.presenters.presenter import ANYWHERE, CHOICES, Action, Command, Message, Weight, message
from ui.runtime.navigation import act_of
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.cards import Card, ProblemCard
from ui.widgets.layout import SPRING, Role, Text, column, fill, grid, row
from ui.widgets.marks import key_cap, key_cap_width, painter_on, write_whole
from ui.widgets.preview import PinBoxes
from ui.widgets.touch import DigitKeys, has_touch_screen

_MOST_LINES = 10  # of one column
_HABIT_MS = 800  # within which Enter still belongs to the PIN that opened by its last digit


class Overlay(QWidget):
    """Covers the window and keeps the keyboard until it is closed."""

    closed = Signal()
    ground, cover = "strip", 200  # the colour over what is covered, and how much of it goes under, of 255

    def __init__(self, theming: ThemeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.theming = theming
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def open(self) -> None:
        """Cover the window."""
        host = self.parentWidget()
        if host is not None:
            self.setGeometry(host.rect())
            for chooser in host.window().findChildren(QDialog):
                chooser.reject()  # it stands before the window: names of files would stay readable
        self.show()
        self.raise_()
        self.setFocus()

    def close_overlay(self) -> None:
        """Uncover the window."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def focusNextPrevChild(self, next_one: bool) -> bool:  # noqa: N802, D102 – Qt's name; Tab must not leave
        return super().focusNextPrevChild(next_one) if self.isAncestorOf(self.focusWidget() or self) else True

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – nothing below may be pressed
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        event.accept()
        if act_of(event) in (Action.BACK, Action.ACCEPT, Action.HELP):
            self.close_overlay()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        ground = self.theming.theme.colour(self.ground)
        ground.setAlpha(self.cover)
        QPainter(self).fillRect(self.rect(), ground)


class KeyCapLabel(QWidget):
    """A key cap as a widget."""

    def __init__(self, theming: ThemeContext, cap: str) -> None:
        super().__init__()
        self.theming, self._cap = theming, cap
        self.setFixedSize(round(key_cap_width(theming.theme, cap)) + 2, 30)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        painter = painter_on(self)
        key_cap(painter, self.theming.theme, self._cap, 1, self.height() / 2, self.theming.theme.colour("text"))


class HelpOverlay(Overlay):
    """The keys of the screen in front, and those that hold everywhere. Esc, Enter or a click beside it closes it.

    F1 once more, or its button, asks for the manual.
    """

    manual_wanted = Signal()

    def __init__(self, theming: ThemeContext, parent: QWidget) -> None:
        super().__init__(theming, parent)
        self._card = Card(theming)
        self._card.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        column((self._card, 0, Qt.AlignmentFlag.AlignCenter), on=self)
        self._content: QWidget | None = None

    def open_for(self, here: Sequence[tuple[Action, Message]]) -> None:
        """Tell the keys of a screen with what each does there, in the language in force, and cover the window."""
        if self._content is not None:
            self._content.deleteLater()
        self._content = self._build(here)
        self._card.body.addWidget(self._content)
        self.open()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        event.accept()
        self.close_overlay()

    def _build(self, here: Sequence[tuple[Action, Message]]) -> QWidget:
        say, space = self.theming.say, self.theming.tokens.space
        named = {act for act, _ in here}
        anywhere = [(act, message(f"act.{act.value}")) for act in ANYWHERE if act not in named]
        half = -(-len(here) // 2) if len(here) > _MOST_LINES else len(here)
        sides: tuple[tuple[Message, Sequence[tuple[Action, Message]]], ...] = (
            (message("ui.help.here"), here[:half]),
            ("", here[half:]),
            (message("ui.help.anywhere"), anywhere),
        )
        columns = (
            column(Text(Role.SECTION, say(head)), self._grid(lines), SPRING, gap=space["sm"])
            for head, lines in sides
            if lines
        )
        manual = ActionButton(self.theming)
        manual.render_action(Command("manual", message("ui.manual.title"), Action.HELP))
        manual.commanded.connect(lambda _command: self._go_on())
        content, title = QWidget(), Text(Role.TITLE, say(message("ui.help.title")))
        last = row((Text(Role.MUTED, say(message("ui.help.close"))), 1), manual)
        column(title, row(*columns, gap=space["xl"]), last, on=content, gap=space["md"], margins=space["sm"])
        return content

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        if act_of(event) is Action.HELP:
            event.accept()
            self._go_on()
        else:
            super().keyPressEvent(event)

    def _go_on(self) -> None:
        self.close_overlay()
        self.manual_wanted.emit()

    def _grid(self, lines: Sequence[tuple[Action, Message]]) -> QGridLayout:
        laid = grid(gap=(12, 6), wide=(1,))
        for line, (act, words) in enumerate(lines):
            cap = "1 – 0" if act is CHOICES[0] else self.theming.say(act.cap)
            laid.addWidget(KeyCapLabel(self.theming, cap), line, 0)
            laid.addWidget(Text(Role.PLAIN, self.theming.say(words)), line, 1)
        return laid


class BlankOverlay(Overlay):
    """Hides everything at once behind one quiet line, until its key or Esc."""

    cover = 255

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().paintEvent(event)
        theme, painter = self.theming.theme, QPainter(self)
        font, words = theme.font("section", QFont.Weight.Medium), self.theming.say(message("ui.blank"))
        middle = Qt.AlignmentFlag.AlignCenter
        write_whole(painter, QRectF(self.rect()), words, font, theme.colour("strip_text"), middle)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        event.accept()
        if act_of(event) in (Action.BLANK, Action.BACK):
            self.close_overlay()


class LockOverlay(Overlay):
    """Hides the session behind a PIN or a finger. Who judges `pin_entered` answers by `refuse` or `close_overlay`."""

    pin_entered = Signal(str)
    sign_out_wanted = Signal()
    cover = 255

    def __init__(self, theming: ThemeContext, parent: QWidget) -> None:
        super().__init__(theming, parent)
        card = Card(theming)
        card.setFixedWidth(440)
        card.body.setContentsMargins(32, 32, 32, 32)
        card.body.setSpacing(theming.tokens.space["md"])
        self._title, self._who, self._note = Text(Role.TITLE), Text(Role.MUTED, wraps=True), Text(wraps=True)
        self._takes_finger = self._was_typed = False
        self._pin = PinBoxes(theming)
        self._pin.completed.connect(self._enter)
        self._late = _LateEnter(self)
        fill(card.body, self._title, self._who, self._pin, self._note)
        if has_touch_screen():
            keys = DigitKeys(theming)
            keys.pressed.connect(self._pin.press)
            card.body.addWidget(keys)
        column((card, 0, Qt.AlignmentFlag.AlignCenter), on=self)
        self.setFocusProxy(self._pin)

    def lock(self, user: Message) -> None:
        """Cover the window for this user."""
        self._title.setText(self.theming.say(message("ui.lock.title")))
        self._who.setText(self.theming.say(user))
        self._takes_finger = False
        self._hint()
        self._pin.clear()
        self.open()

    def close_overlay(self) -> None:
        """Uncover the window; Enter after the last digit of a PIN does nothing to what stands there."""
        super().close_overlay()
        if self._was_typed:
            self._was_typed = False
            self._late.catch()

    def _enter(self, pin: str) -> None:
        self._was_typed = True
        self.pin_entered.emit(pin)

    def offer_finger(self, is_offered: bool) -> None:
        """Say whether a finger would open too; what was refused stays said until then."""
        if is_offered != self._takes_finger:
            self._takes_finger = is_offered
            self._hint()

    def tell(self, words: Message) -> None:
        """Say something beside the PIN that somebody may be typing."""
        self._note.show_text(self.theming.say(words))

    def _hint(self) -> None:
        self._note.show_text(self.theming.say(message("ui.lock.finger" if self._takes_finger else "ui.lock.hint")))

    def refuse(self, reason: Message) -> None:
        """Say why the PIN did not open."""
        self._note.show_text(self.theming.say(reason))
        self._was_typed = False
        self._pin.clear(wrong=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – no other key opens; another user may come
        if act_of(event) is Action.SIGN_OUT:
            self.sign_out_wanted.emit()
        event.accept()


class _LateEnter(QObject):
    """Takes Enter off the whole program for a moment, or until another key says that work goes on."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=_HABIT_MS)
        self._timer.timeout.connect(self._let_go)

    def catch(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.installEventFilter(self)
            self._timer.start()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 – Qt's name
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) or not isinstance(event, QKeyEvent):
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return True
        self._let_go()
        return False

    def _let_go(self) -> None:
        self._timer.stop()
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)


class BugOverlay(Overlay):
    """The word about a bug: what is safe and what to do."""

    def __init__(self, theming: ThemeContext, parent: QWidget) -> None:
        super().__init__(theming, parent)
        self._card = ProblemCard(theming)
        self._card.setFixedWidth(560)
        self._card.commanded.connect(self.close_overlay)
        column((self._card, 0, Qt.AlignmentFlag.AlignCenter), on=self)

    def open_problem(self, problem: Problem) -> None:
        """Cover the window with a problem until somebody has read it."""
        self._card.render_problem(problem, Command("close", message("act.back"), Action.BACK, Weight.PRIMARY))
        self.open()
