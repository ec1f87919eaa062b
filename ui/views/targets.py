"""Impor sasaran: path above, rows in the middle, the meaning of the columns at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout

from ui.presenters.parts import Tone
from ui.presenters.presenter import message
from ui.presenters.targets.import_targets import FileRowsPresenter, FileRowsState, ImportTargetsPresenter
from ui.presenters.targets.targets import (
    SiakAnswerPresenter,
    Targets,
    VerifyTargets,
    add_nik_form,
    disposition_form,
    notes_form,
    request_form,
)
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import ListScreen
from ui.views.page_parts import PageParts, Params
from ui.widgets.cards import Card
from ui.widgets.file_field import FileField
from ui.widgets.layout import ElidedText, Role, Text, column, present
from ui.widgets.quality_panel import Advice


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
        self._path.render_field(state.asks, state.path, hint=state.asks_hint)
        self._mapping.set_title(self.theming.say(message("impor.columns")))
        present(self._mapping, bool(state.mapping))
        self._show_mapping(state)
        say = self.theming.say
        lines = (" · ".join(filter(None, (say(what), say(where)))) for what, where in state.reasons)
        self._advice.render_advice(state.about, "\n".join(lines))
        self.show_rows(
            state.title,
            state.columns,
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


# The pages of requests and target lists.


def target_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of the screens of requests and target lists; all take the parameter `activity_id`."""

    def import_targets(params: Params) -> Page:
        context, of = at.context(), params["activity_id"]
        presenter = ImportTargetsPresenter(context, at.tasks, at.navigator, at.printing, at.spoken, of)
        return at.page(presenter, ImportTargetsView)

    def siak_answer(params: Params) -> Page:
        presenter = SiakAnswerPresenter(at.context(), at.tasks, at.navigator, params["activity_id"])
        return at.page(presenter, ImportTargetsView)

    return {
        **at.lists(
            {
                "targets": lambda now, params: Targets(
                    now, at.navigator, params.get("activity_id", ""), params.get("target_id", "")
                ).screen(),
                "verify_targets": lambda now, params: VerifyTargets(
                    now, at.navigator, at.printing, at.spoken, params["activity_id"]
                ).screen(),
            }
        ),
        **at.forms(
            {
                "target_notes": lambda now, params: notes_form(now, params["activity_id"], params["target_id"]),
                "disposition": lambda now, params: disposition_form(now, params["activity_id"]),
                "add_nik": lambda now, params: add_nik_form(now, params["target_id"]),
                "request": lambda now, params: request_form(now, params.get("activity_id", "")),
            }
        ),
        "import_targets": import_targets,
        "siak_answer": siak_answer,
    }
