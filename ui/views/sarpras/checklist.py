"""The checklist: the list at the left; the line under the cursor, its concerns and the signature at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.presenters.acts import CHOICES, Act
from ui.presenters.commands import Command, Weight
from ui.presenters.sarpras.checklist_state import COLUMNS, ChecklistState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.focus import take_keyboard
from ui.views.layout import bare, page
from ui.views.sarpras.checklist_side import AttentionCard, IzinCard, LineCard
from ui.views.screen import Screen
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.presence import present
from ui.widgets.table import Table
from ui.widgets.tag import TagRow
from ui.widgets.text import Role, Text

_SIDE = 392
_STEPS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Minus: -1, Qt.Key.Key_Left: -1}
_ACTS = {
    Act.CAPTURE: "all_good",
    Act.COMPLETE: "complete",
    Act.CLEAN: "clean",
    Act.NOTE: "note",
    Act.PHOTO: "photo",
    Act.IZIN: "izin",
    Act.KITS: "kits",
    Act.LEAD: "override",
}


class ChecklistView(Screen[ChecklistState]):
    """Arrows walk, Space says all is well, 1–4 the condition, L and H complete and clean, + and − count."""

    accept = Signal()
    test = Signal()
    izin = Signal()
    note = Signal()
    photo = Signal()
    kits = Signal()
    override = Signal()
    print_paper = Signal()
    all_good = Signal()
    complete = Signal()
    clean = Signal()
    retry = Signal()
    prepare = Signal()
    select = Signal(str)
    number = Signal(int)
    condition = Signal(str)
    count_by = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._title, self._tags = Text(Role.TITLE), TagRow(look)
        self._table = Table(look, opens_rows=False)
        self._table.selected.connect(self.select)
        self._gauges, self._gauges_head = TagRow(look), Text(Role.STRONG)
        self._kits = ActionButton(look)
        self._kits.commanded.connect(self.command)
        self._line, self._attention, self._izin = LineCard(look), AttentionCard(look), IzinCard(look)
        self._line.condition_chosen.connect(self.condition)
        self._line.completed.connect(self.complete)
        self._line.cleaned.connect(self.clean)
        self._attention.commanded.connect(self.command)
        self._shown: Any = None
        self.setFocusProxy(self._table)
        self._lay_out()

    def _lay_out(self) -> None:
        look, space = self.look, self.look.tokens.space
        head = bare(QHBoxLayout(), space["md"])
        for widget in (self._title, self._tags):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self._kits)
        card = Card(look)
        card.body.addWidget(self._table)
        gauges = Card(look)
        gauges.body.setContentsMargins(20, space["sm"], 20, space["sm"])
        row = bare(QHBoxLayout(), space["md"])
        row.addWidget(self._gauges_head)
        row.addWidget(self._gauges)
        row.addStretch(1)
        gauges.body.addLayout(row)
        left = bare(QVBoxLayout(), space["md"])
        left.addLayout(head)
        left.addWidget(card, 1)
        left.addWidget(gauges)
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = bare(QVBoxLayout(side), space["md"])
        column.addWidget(self._line)
        column.addWidget(self._attention)
        column.addWidget(self._izin, 1)
        outer = page(QHBoxLayout(self.content), look)
        outer.setSpacing(space["lg"])
        outer.addLayout(left, 1)
        outer.addWidget(side)

    def show_state(self, state: ChecklistState) -> None:
        """Show the list."""
        say = self.look.say
        self._title.setText(say(state.title))
        self._tags.render_tags(state.tags)
        self._gauges_head.setText(say(phrase("sarpras.laptop")))
        self._gauges.render_tags(state.gauges)
        present(self._kits, not state.is_closed and bool(state.may_choose_kits))
        self._kits.render_action(Command("kits", phrase("sarpras.choose_kits"), Act.KITS, Weight.PLAIN))
        shown = (tuple(map(state.rows.row, range(state.rows.count))), self.look.phrases.language)
        if shown != self._shown:
            self._shown = shown
            self._table.render_rows(COLUMNS, state.rows)
        self._stand(state)
        self._line.show_state(state)
        self._attention.show_state(state)
        self._izin.show_state(state)
        take_keyboard(self)

    def _stand(self, state: ChecklistState) -> None:
        names = [state.rows.row(at).name for at in range(state.rows.count)]
        if state.cursor in names and self._table.currentIndex().row() != names.index(state.cursor):
            self._table.selectRow(names.index(state.cursor))

    def perform(self, act: Act) -> bool:
        """Answer the keys that no button of the bar has."""
        if act in CHOICES:
            self.number.emit(CHOICES.index(act) + 1)
        elif act in _ACTS:
            self.command(Command(_ACTS[act], ""))
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        by = _STEPS.get(Qt.Key(event.key()))
        if by is not None and self.state is not None and self.state.counter is not None:
            self.count_by.emit(by)
        else:
            event.ignore()
