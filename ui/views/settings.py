"""Pengaturan: the sections at the left, the form of one section at the right."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from ui.presenters.form import FormField, Pick
from ui.presenters.picking import STAFF
from ui.presenters.presenter import message
from ui.presenters.settings.settings import SettingsPresenter, SettingsState
from ui.presenters.settings.signing import Kind, SettingField
from ui.runtime.theme import ThemeContext
from ui.views.screen import Screen, page, take_keyboard
from ui.widgets.cards import Card, ProblemCard
from ui.widgets.field import TextField
from ui.widgets.file_field import FileField
from ui.widgets.form_fields import PickField
from ui.widgets.layout import Role, Text, column, present, row
from ui.widgets.quality_panel import FactGrid
from ui.widgets.table import LineList

_SECTIONS = 300
_LINE, _FEW = 46, 3  # a list of a few lines has just their height


class SettingsView(Screen[SettingsState]):
    """Arrows walk the sections, Tab goes into the form, Space ticks, Enter saves."""

    def __init__(self, theming: ThemeContext, presenter: SettingsPresenter) -> None:
        super().__init__(theming)
        self.presenter = presenter
        self._sections = LineList(theming)
        self._sections.setFixedWidth(_SECTIONS)
        self._sections.selected.connect(presenter.choose_section)
        self.setFocusProxy(self._sections)
        self._forms: dict[str, _Form] = {}
        self._card, self._about = Card(theming), Text(Role.MUTED, wraps=True)
        self._card.body.addWidget(self._about)
        page(row(self._sections, (self._card, 1), on=self.content), theming, "lg")

    def show_state(self, state: SettingsState) -> None:
        """Show the section in front."""
        self._sections.render_lines(self.theming.say(message("common.settings")), state.sections, state.section)
        self._card.set_title(self.theming.say(state.title))
        self._about.show_text(self.theming.say(state.about))
        form = self._forms.get(state.section)
        if form is None:
            form = self._forms[state.section] = _Form(self, state.fields)
            self._card.body.addWidget(form, 1)
        for name, other in self._forms.items():
            present(other, name == state.section)
        form.show_fields(state.fields, may_write=state.may_write)
        take_keyboard(self)


class _Form(QWidget):
    """The fields of one section in two columns; they are built once."""

    def __init__(self, view: SettingsView, fields: tuple[SettingField, ...]) -> None:
        super().__init__()
        theming = view.theming
        columns = [column(gap=theming.tokens.space["sm"]) for _ in {field.column for field in fields}]
        row(*((each, 1) for each in columns), on=self, gap=theming.tokens.space["lg"])
        self._parts = {field.name: _Part(view, field) for field in fields}
        for field in fields:
            columns[field.column].addWidget(self._parts[field.name], _stretch_of(field))
        for at, each in enumerate(columns):
            if not any(field.column == at and _stretch_of(field) for field in fields):
                each.addStretch(1)

    def show_fields(self, fields: tuple[SettingField, ...], *, may_write: bool) -> None:
        for field in fields:
            self._parts[field.name].show_field(field)
            if field.kind in (Kind.TEXT, Kind.SECRET, Kind.PICK):  # lists stay open to be read
                self._parts[field.name].setEnabled(may_write)


class _Part(QWidget):
    """One field with its quiet line below."""

    def __init__(self, view: SettingsView, field: SettingField) -> None:
        super().__init__()
        self._theming = theming = view.theming
        self._label, self._note = Text(Role.STRONG, wraps=True), Text(Role.MUTED, wraps=True)
        self._widget, self._is_short = self._build(view, field), not _stretch_of(field)
        head = () if isinstance(self._widget, TextField | PickField) else (self._label,)
        parts = (*head, (self._widget, _stretch_of(field)), self._note)
        column(*parts, on=self, gap=theming.tokens.space["xs"])

    def show_field(self, field: SettingField) -> None:
        say = self._theming.say
        self._label.show_text(say(field.label))
        self._note.show_text(say(field.note))
        match self._widget:
            case TextField():
                self._widget.render_field(field.label, field.text, problem=field.problem or "", hint=field.hint)
            case PickField():
                problem = field.problem or ""
                shown = FormField(field.name, field.label, field.text, field.hint, field.choices, problem=problem)
                self._widget.show_field(replace(shown, pick=Pick.TYPED))
            case LineList():
                if self._is_short:  # as many as there are now: one more was just saved
                    self._widget.setFixedHeight(_LINE * min(len(field.lines), _FEW) + 4)
                self._widget.render_lines(say(field.label), field.lines)
            case FactGrid():
                self._widget.render_facts(field.facts)
            case ProblemCard():
                present(self._widget, field.problem is not None)
                if field.problem is not None:
                    self._widget.render_problem(field.problem)

    def _build(
        self, view: SettingsView, field: SettingField
    ) -> TextField | PickField | LineList | FactGrid | ProblemCard:
        name, presenter = field.name, view.presenter
        if field.kind is Kind.TROUBLE:
            return ProblemCard(self._theming, is_banner=True)
        if field.kind is Kind.FACTS:
            return FactGrid(self._theming)
        if field.kind is Kind.LINES:
            lines = LineList(self._theming)
            # Queued: a list that is laid anew tells its cursor while the state is still being shown.
            lines.selected.connect(lambda line: presenter.point_line(name, line), Qt.ConnectionType.QueuedConnection)
            lines.toggled.connect(partial(presenter.tick_line, name))
            return lines
        if field.kind is Kind.PICK:
            pick = PickField(self._theming, STAFF)
            pick.chosen.connect(partial(presenter.tick_line, name))
            return pick
        is_secret = field.kind is Kind.SECRET
        text = TextField(self._theming, is_secret=is_secret, max_length=400)
        if field.kind in (Kind.FILE, Kind.FOLDER):
            modes = QFileDialog.FileMode
            text = FileField(self._theming, modes.Directory if field.kind is Kind.FOLDER else modes.ExistingFile)
        text.edited.connect(partial(presenter.type_field, name))
        return text


def _stretch_of(field: SettingField) -> int:
    """Return how strongly a field wants the height that is left."""
    return len(field.lines) if field.kind is Kind.LINES and not 0 < len(field.lines) <= _FEW else 0
