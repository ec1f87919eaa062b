"""Sign-in: names at the left, the passphrase at the right."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.presenters.home.sign_in import SignInPresenter, SignInState
from ui.presenters.parts import Tone
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext
from ui.views.screen import Screen, page, take_keyboard
from ui.widgets.cards import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.layout import SPRING, Role, Text, column, fill, present, row
from ui.widgets.touch import DigitKeys, ScrollDown, has_touch_screen

_WIDTH, _SIGN_IN_WIDTH = 960, 1240
_MOST_ROWS = 5
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class SignInView(Screen[SignInState]):
    """Arrows, or Alt with a first letter, pick the name while the keyboard stays in the passphrase; Enter signs in."""

    def __init__(self, theming: ThemeContext, presenter: SignInPresenter) -> None:
        super().__init__(theming)
        self._presenter = presenter
        self._brand, self._dinas, self._kit = Text(Role.TITLE), Text(Role.MUTED), Text(Role.MUTED)
        self._people = ChoiceList(theming, has_keys=False, most_rows=_MOST_ROWS)
        self._people.chosen.connect(self._choose)
        self._passphrase = TextField(theming, is_secret=True)
        self._demo, self._demo_pin = Card(theming, Tone.SOFT), Text(Role.NUMBER)
        self._demo_title, self._demo_hint = Text(Role.STRONG), Text(wraps=True)
        self._wrong, self._wrong_do = Text(Role.STRONG, wraps=True), Text(wraps=True)
        self._trouble = Card(theming, Tone.BAD)
        self._last_sync, self._clock = Text(Role.MUTED), Text(Role.STRONG, wraps=True)
        self._arrows = Text(Role.MUTED, wraps=True)
        self._cleared, self._asks_code = 0, False
        fill(self._demo.body, self._demo_title, self._demo_pin, self._demo_hint)
        fill(self._trouble.body, self._wrong, self._wrong_do)
        self._lay_out()
        self._watch(self._passphrase)
        self.setFocusProxy(self._passphrase)

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        listed, self._who = QWidget(), Text(Role.SECTION)
        column(self._people, SPRING, on=listed, gap=0)
        self._names = ScrollDown(listed)
        left = column(self._who, (self._names, 1), self._arrows, gap=space["sm"])
        self._right = column(self._passphrase, gap=space["md"])
        if has_touch_screen():
            keys = DigitKeys(self.theming)
            keys.pressed.connect(lambda key: self._asked.press(key))
            self._right.addWidget(keys)
        fill(self._right, self._trouble, self._demo, SPRING, self._clock, self._last_sync)
        card = Card(self.theming)
        card.body.setContentsMargins(space["xl"], space["lg"], space["xl"], space["lg"])
        self._halves = row((left, 1), (self._right, 1), gap=space["xl"])
        card.body.addLayout(self._halves, 1)
        self._middle = QWidget()
        parts = (self._brand, self._dinas, self._kit, space["md"], (card, 1))
        column(*parts, on=self._middle, gap=space["xs"])
        page(row(self._middle, on=self.content), self.theming)

    def show_state(self, state: SignInState) -> None:
        """Show who may sign in."""
        say = self.theming.say
        self._brand.setText(say(message("masuk.title")))
        self._dinas.show_text(state.dinas)
        self._kit.show_text(say(state.kit))
        self._who.setText(say(message("masuk.who")))
        self._arrows.setText(say(message("masuk.arrows")))
        is_long = len(state.people) > _MOST_ROWS
        self._middle.setMaximumWidth(_SIGN_IN_WIDTH if is_long else _WIDTH)
        self._halves.setStretch(0, 2 if is_long else 1)
        self._people.render_choices(state.people, state.chosen)
        if (line := self._people.chosen_line) is not None:
            self._names.ensureWidgetVisible(line, 0, self.theming.tokens.space["sm"])
        if state.clear_serial != self._cleared:
            self._cleared = state.clear_serial
            self._asked.wipe()
        self._ask(state.asks_code)
        present(self._demo, bool(state.demo_pin) and not state.asks_code)
        self._demo_title.setText(say(message("masuk.demo")))
        self._demo_pin.setText(state.demo_pin)
        self._demo_hint.setText(say(message("masuk.demo_hint")))
        told = self.theming.catalog.explain(state.wrong) if state.wrong else None
        present(self._trouble, told is not None)
        self._wrong.show_text(told.what if told else "")
        self._wrong_do.show_text(f"{told.safe} {told.do}" if told else "")
        self._last_sync.show_text(say(state.last_sync))
        present(self._clock, bool(state.clock))
        self._clock.show_text(say(state.clock))
        take_keyboard(self)

    def held(self) -> str:
        """Return the passphrase, or the code once it was right."""
        return self._asked.text()

    @cached_property
    def _code(self) -> TextField:
        """Build the field of the second factor; most sign-ins ask for none."""
        code = TextField(self.theming)
        self._watch(code)
        self._right.insertWidget(1, code)
        return code

    @property
    def _asked(self) -> TextField:
        return self._code if self._asks_code else self._passphrase

    def _ask(self, asks_code: bool) -> None:
        """Show the field of the passphrase, or that of the code in its place."""
        if asks_code != self._asks_code:
            self._asks_code = asks_code
            present(self._passphrase, not asks_code)
            present(self._code, asks_code)
            self.setFocusProxy(self._asked)
            self._asked.setFocus()
        label, hint = ("common.second_code", message("masuk.code_hint")) if asks_code else ("common.passphrase", "")
        self._asked.render_field(message(label), self._asked.text(), hint=hint)

    def _watch(self, field: TextField) -> None:
        for edit in field.findChildren(QLineEdit):
            edit.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            # Qt would type the letter: to a line edit Alt is no modifier.
            return event.modifiers() == Qt.KeyboardModifier.AltModifier and self._choose_by_letter(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None:
            self._presenter.choose_next(step)
        elif not self._choose_by_letter(event):
            event.ignore()

    def _choose(self, user_id: str) -> None:
        """Choose a name by a click; what is typed next goes into the passphrase."""
        self._presenter.choose(user_id)
        self._asked.setFocus()

    def _choose_by_letter(self, event: QKeyEvent) -> bool:
        key = event.key()
        is_letter = Qt.Key.Key_A <= key <= Qt.Key.Key_Z
        if is_letter:
            self._presenter.choose_by_letter(chr(key))
        return is_letter
