"""Kurir: the documents at the left, the message for the group of couriers at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.cards.courier import COLUMNS, CourierScreenState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.list_keys import ListKeys
from ui.widgets.number_card import NumberCard
from ui.widgets.text import Text

_MOST_LINES = 12


class CourierView(ListScreen[CourierScreenState]):
    """Space chooses, Enter does the next thing; what is copied goes to the clipboard."""

    toggle = Signal()
    toggle_all = Signal()
    next_filter = Signal()
    print_slips = Signal()
    failed = Signal()
    copy_message = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._below = ListKeys(look)
        self._below.commanded.connect(self.command)
        self._below.refused.connect(self.refused)
        self._card, self._message = Card(look), Text(wraps=True)
        self._card.body.addWidget(self._message)
        self._numbers = NumberCard(look)
        left = bare(QVBoxLayout(), look.tokens.space["sm"])
        left.addWidget(self.table, 1)
        left.addWidget(self._below)
        self.lay_out_with_side(left, self._numbers, self._card)
        self._copies = 0

    def show_state(self, state: CourierScreenState) -> None:
        """Show list, counts and message."""
        say = self.look.say
        self._below.render_keys(phrase("distribusi.keys"), state.ways)
        self._card.set_title(say(phrase("distribusi.message")))
        self._message.setText(_shortened(state.message) or say(phrase("distribusi.no_message")))
        self._numbers.render_numbers(phrase("distribusi.courier_counts"), state.numbers)
        if state.copies != self._copies:
            self._copies = state.copies
            QGuiApplication.clipboard().setText(state.copied)
        self.show_rows(
            phrase("distribusi.courier_title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("distribusi.search"),
            tags=state.tags,
        )

    def perform(self, act: Act) -> bool:
        """Answer the keys of lists, and those that choose."""
        if act is Act.CAPTURE:
            self.toggle.emit()
        elif act is Act.GROUP:
            self.toggle_all.emit()
        else:
            return self._below.perform(act) or super().perform(act)
        return True


def _shortened(message: str) -> str:
    """Return as much of a long message as the card has room for; all of it is copied."""
    lines = message.splitlines()
    return message if len(lines) <= _MOST_LINES else "\n".join((*lines[: _MOST_LINES - 2], "…", lines[-1]))
