"""Who allows it: the name, the passphrase, the signature."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from ui.presenters.messages import message
from ui.presenters.pad_signing import PadSigning, SigningState
from ui.runtime.ink_pad import InkPad
from ui.runtime.mailbox import InkMailbox
from ui.runtime.navigation import Page
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of, page
from ui.views.screen import Screen
from ui.views.wiring import page_of
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.ink_view import InkView
from ui.widgets.layout import column
from ui.widgets.presence import present
from ui.widgets.text import Role, Text

_WIDTH = 760
_ARROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class IzinView(Screen[SigningState]):
    """Arrows choose, the passphrase is typed, then the pad, or the field on the screen, takes the signature."""

    sign_here = Signal()
    choose = Signal(str)
    choose_next = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._hint = Text(Role.TITLE), Text(Role.LEAD, wraps=True)
        self._signed = Text(Role.STRONG, wraps=True)
        self._people, self._passphrase = ChoiceList(theming, has_keys=False), TextField(theming, is_secret=True)
        self._people.chosen.connect(self.choose)
        self._ink, self.ink = InkView(theming), InkMailbox()
        self._who, self._sheet = card_of(theming, self._people, self._passphrase), card_of(theming, (self._ink, 1))
        self._who.setMaximumWidth(_WIDTH)
        self._ink.watch(self.ink)
        self.pad = InkPad(self._ink, self._ink.surface)
        self.pad.armed.connect(self._ink.invite)
        self.pad.touched.connect(self.sign_here)
        shown = (self._title, self._hint, self._signed, self._who, (self._sheet, 1))
        page(column(*shown, on=self.content), theming).addStretch(0)
        self._cleared, self._is_asking, self._had_ink = 0, False, False

    def show_state(self, state: SigningState) -> None:
        """Show who is asked, then the ink."""
        is_asking = not state.signer
        self._title.setText(self.theming.say(state.title if is_asking else state.signer))
        self._hint.setText(self.theming.say(state.hint))
        say = self.theming.say
        self._signed.show_text(" · ".join(f"{say(what)}: {say(how).lower()}" for what, how in state.signed))
        present(self._who, is_asking and bool(state.people))
        present(self._sheet, not is_asking)
        if is_asking and state.people:
            self._ask(state)
        elif not is_asking:
            if state.ink is not None or self._had_ink:
                self._ink.show_signature(state.ink)
            self._had_ink = state.ink is not None
            self.setFocus()
        self._is_asking = is_asking and bool(state.people)

    def _ask(self, state: SigningState) -> None:
        self._people.render_choices(state.people, state.chosen)
        text = self._passphrase.text() if state.clear_serial == self._cleared else ""
        self._cleared = state.clear_serial
        self._passphrase.render_field(message("sarpras.passphrase"), text, problem=state.wrong or "")
        present(self._passphrase, state.asks_passphrase)
        if not self._is_asking:
            (self._passphrase if state.asks_passphrase else self).setFocus()

    def held(self) -> str:
        """Return the passphrase."""
        return self._passphrase.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        by = _ARROWS.get(Qt.Key(event.key()))
        if by is not None:
            self.choose_next.emit(by)
        else:
            event.ignore()


def signing_page(presenter: PadSigning, view: IzinView) -> Page:
    """Return the page of somebody who signs."""
    view.sign_here.connect(presenter.sign_here)
    view.choose.connect(presenter.choose)
    view.choose_next.connect(presenter.choose_next)
    return page_of(presenter, view)
