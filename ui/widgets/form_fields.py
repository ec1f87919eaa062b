"""The fields of a form on one card: typed into, or chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QScrollArea, QWidget

from ui.presenters.form import FormField, Pick
from ui.presenters.lines import Line, LinesOnDemand
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card
from ui.widgets.field import FieldNote, TextArea, TextField
from ui.widgets.file_field import FileField, PaperField
from ui.widgets.layout import SPRING, column, grid, row
from ui.widgets.lines import LineList
from ui.widgets.pick_field import PickField
from ui.widgets.presence import present
from ui.widgets.text import Role, Text
from ui.widgets.toggle import ChoiceGrid, Mark

_WIDTH = 900
_LONG = 24  # letters of a choice that does not fit into a quarter of the window


_COLUMNS = 4
MANY = 40  # choices that still stand side by side
_WIDTH, _HIGH = 900, 330


class FormFields(Card):
    """Fields are built once, when they are first known; after that they only follow the state.

    With `wide` they stand in four columns; it tells which of them take more than one.
    """

    typed = Signal(str, str)
    chosen = Signal(str, str)
    photograph = Signal(str)

    def __init__(self, theming: ThemeContext, wide: Mapping[str, int] | None = None) -> None:
        super().__init__(theming)
        self._fields: dict[str, _Field] = {}
        space = theming.tokens.space
        self._wide, self._at = wide, 0
        self._grid = grid(gap=(space["md"], space["sm"]), wide=range(_COLUMNS))
        self.body.addLayout(self._grid)

    def render_fields(self, fields: tuple[FormField, ...]) -> None:
        """Show fields in their order; one that is not asked any more takes no place."""
        names = {field.name for field in fields if field.is_asked}
        for name, widget in self._fields.items():
            present(widget, name in names)
        for place, field in enumerate(fields):
            self._show(field, place)

    def take_keyboard(self, name: str) -> None:
        """Give a field the keyboard."""
        field = self._fields[name]
        field.setFocus(Qt.FocusReason.TabFocusReason)
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None:
            above.ensureWidgetVisible(field)

    def _show(self, field: FormField, place: int) -> None:
        (self._fields.get(field.name) or self._build(field, place)).show_field(field)

    def _build(self, field: FormField, place: int) -> _Field:
        widget: _Field
        if field.pick in (Pick.TYPED, Pick.OPEN):
            widget = PickField(self._theming, field.name)
            widget.setMaximumWidth(_WIDTH)
            widget.typed.connect(lambda text, name=field.name: self.typed.emit(name, text))
            widget.chosen.connect(lambda choice, name=field.name: self.chosen.emit(name, choice))
        elif not field.choices:
            widget = self._typed_field(field)
            widget.setMaximumWidth(_WIDTH)
            widget.edited.connect(lambda text, name=field.name: self.typed.emit(name, text))
        elif field.is_many and len(field.choices) > MANY:
            widget = TickList(self._theming)
            widget.chosen.connect(lambda choice, name=field.name: self.chosen.emit(name, choice))
        else:
            widget = _Choosing(self._theming, field)
            widget.grid.chosen.connect(lambda choice, name=field.name: self.chosen.emit(name, choice))
        self._fields[field.name] = widget
        if self._wide is None:
            self.body.insertWidget(place, widget)
        else:
            self._put(widget, self._wide.get(field.name, 1))
        widget.setVisible(
            field.is_asked
        )  # a layout shows it only with the next events, and Tab would pass it by until then
        return widget

    def _typed_field(self, field: FormField) -> TextField | TextArea:
        if field.is_long:
            return TextArea(self._theming)
        several = QFileDialog.FileMode.ExistingFiles if field.is_many else QFileDialog.FileMode.ExistingFile
        if field.is_paper:
            paper = PaperField(self._theming, several)
            paper.photograph.connect(lambda: self.photograph.emit(field.name))
            return paper
        return (
            FileField(self._theming, several) if field.is_file else TextField(self._theming, is_secret=field.is_secret)
        )

    def _put(self, widget: QWidget, span: int) -> None:
        """Put a field beside the one before it, or below where there is no room for it."""
        if self._at % _COLUMNS + span > _COLUMNS:
            self._at += _COLUMNS - self._at % _COLUMNS
        top = Qt.AlignmentFlag.AlignTop  # what stands beside a field with a problem stays where it is
        self._grid.addWidget(widget, *divmod(self._at, _COLUMNS), 1, span, top)
        self._at += span


class _Choosing(QWidget):
    """A field that is chosen from, with its label."""

    def __init__(self, theming: ThemeContext, field: FormField) -> None:
        super().__init__()
        self._theming = theming
        is_long = any(len(theming.say(choice.words)) > _LONG for choice in field.choices)
        columns = 2 if is_long or len(field.choices) == 2 else 4  # two share the room
        mark, has_keys = Mark.BOX if field.is_many else Mark.CIRCLE, field.pick is Pick.DIGITS
        self._label, self.grid = Text(Role.STRONG), ChoiceGrid(theming, columns, mark, has_keys=has_keys)
        self._note = FieldNote(theming)
        column(self._label, self.grid, self._note, on=self, gap=theming.tokens.space["xs"])
        self.setFocusProxy(self.grid)

    def show_field(self, field: FormField) -> None:
        """Show label and choices."""
        self._label.show_text(self._theming.say(field.label))
        self.grid.render_choices(field.choices, field.chosen)
        self.setAccessibleName(self._theming.say(field.label))
        self.setAccessibleDescription(self._note.show_note(field.problem))


class TickList(QWidget):
    """Arrows walk, Space ticks; `chosen` tells the name of the line."""

    chosen = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._label, self._count, self._lines = Text(Role.STRONG), Text(Role.MUTED), LineList(theming)
        self._lines.setFixedHeight(_HIGH)
        self._lines.toggled.connect(self.chosen)
        self._note = FieldNote(theming)
        head = row(self._label, SPRING, self._count)
        column(head, self._lines, self._note, on=self, gap=theming.tokens.space["xs"])
        self.setMaximumWidth(_WIDTH)
        self.setFocusProxy(self._lines)

    def show_field(self, field: FormField) -> None:
        """Show label, how many are ticked, and the lines."""
        label, choices, chosen = self._theming.say(field.label), field.choices, frozenset(field.chosen)
        self._label.setText(label)
        self.setAccessibleDescription(self._note.show_note(field.problem))
        self._count.setText(self._theming.say(message("formulir.ticked", count=len(chosen), total=len(choices))))

        def line(at: int) -> Line:
            return Line(choices[at].name, choices[at].words, is_on=choices[at].name in chosen)

        names = tuple(choice.name for choice in choices)
        self._lines.render_lines(label, LinesOnDemand(names, line, (choices, chosen)))


_Field: TypeAlias = TextField | TextArea | PickField | TickList | _Choosing
