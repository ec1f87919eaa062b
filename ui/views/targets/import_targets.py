"""Impor sasaran: path above, rows in the middle, the meaning of the columns at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout

from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.targets.file_rows import COLUMNS, FileRowsPresenter, FileRowsState
from ui.runtime.theme_context import ThemeContext
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.file_field import FileField
from ui.widgets.layout import column
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice
from ui.widgets.text import ElidedText, Role, Text


class ImportTargetsView(ListScreen[FileRowsState]):
    """The path has the keyboard at first; Enter reads, Enter takes over."""

    def __init__(self, theming: ThemeContext, presenter: FileRowsPresenter) -> None:
        super().__init__(theming, presenter)
        self.table.selected.connect(presenter.select)
        self._path, self._mapping, self._grid = FileField(theming), Card(theming), QGridLayout()
        self._path.edited.connect(presenter.type_path)
        self._grid.setHorizontalSpacing(theming.tokens.space["sm"])
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[Text, ElidedText]] = []
        self._mapping.body.addLayout(self._grid)
        self._advice = Advice(theming)
        left = column(self._path, (self.table, 1), self._advice, gap=theming.tokens.space["md"])
        self.lay_out_with_side(left, self._mapping)
        self.setFocusProxy(self._path)

    def show_state(self, state: FileRowsState) -> None:
        """Show path, rows and columns."""
        self._path.render_field(state.asks, state.path, hint=message("impor.path_hint"))
        self._mapping.set_title(self.theming.say(message("impor.columns")))
        present(self._mapping, bool(state.mapping))
        self._show_mapping(state)
        say = self.theming.say
        lines = (" · ".join(filter(None, (say(what), say(where)))) for what, where in state.reasons)
        self._advice.render_advice(state.about, "\n".join(lines))
        self.show_rows(
            state.title,
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=message("impor.search"),
            tags=state.tags,
        )

    def _show_mapping(self, state: FileRowsState) -> None:
        while len(self._lines) < len(state.mapping):
            line = (Text(), ElidedText(Role.STRONG))
            for place, text in enumerate(line):
                self._grid.addWidget(text, len(self._lines), place)
            self._lines.append(line)
        for at, (label, value) in enumerate(self._lines):
            words, head = state.mapping[at] if at < len(state.mapping) else ("", "")
            is_current = at == state.current and bool(state.mapping)
            told = self.theming.say(words)
            label.show_text(f"▸ {told}" if is_current else told)
            label.set_tone(Tone.SOFT if is_current else Tone.NEUTRAL)
            value.setText(head or ("–" if told else ""))
