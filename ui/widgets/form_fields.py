"""The fields of a form on one card: typed into, or chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QScrollArea, QWidget

from ui.presenters.form import FormField, Pick
from ui.presenters.parts import Choice, Tone
from ui.presenters.picking import matching
from ui.presenters.presenter import Command, message
from ui.presenters.wording import Line, LinesOnDemand
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.buttons import ChoiceGrid, Mark
from ui.widgets.cards import Card
from ui.widgets.field import FieldNote, TextArea, TextField
from ui.widgets.file_field import FileField, PaperField
from ui.widgets.layout import SPRING, Role, Text, column, grid, mark, present, row
from ui.widgets.table import LineList

# A field that is chosen by typing, and the list below it from which is chosen meanwhile.

_LINE, _MOST_LINES, _NARROWEST = 46, 6, 360
_STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: _MOST_LINES,
    Qt.Key.Key_PageUp: -_MOST_LINES,
}
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class PickField(QWidget):
    """`chosen` tells the name of a choice, `typed` what stands in an open field. The button shows all choices.

    With `Pick.OPEN` what nobody wrote before may be typed as well.
    """

    chosen = Signal(str)
    typed = Signal(str)

    def __init__(self, theming: ThemeContext, kind: str) -> None:
        super().__init__()
        self._theming, self._is_typing = theming, False
        self._field = FormField("", "")
        self._label, self._edit, self._note = Text(Role.STRONG), QLineEdit(), FieldNote(theming)
        self._label.setBuddy(self._edit)
        self._picker, self._all = Picker(theming, self._edit, kind), ActionButton(theming)
        self._edit.textEdited.connect(self._type)
        self._picker.picked.connect(self._take)
        self._picker.closed.connect(self._leave)
        self._edit.editingFinished.connect(self._leave)
        self._all.commanded.connect(self.show_all)
        line = row((self._edit, 1), self._all, gap=theming.tokens.space["sm"])
        column(self._label, line, self._note, on=self, gap=theming.tokens.space["xs"])
        self.setFocusProxy(self._edit)

    def show_field(self, field: FormField) -> None:
        """Show label and what is chosen; what is being typed stays."""
        say = self._theming.say
        self._field = field
        self._picker.offer(field.choices)
        self._label.setText(say(field.label))
        self._edit.setAccessibleName(say(field.label))
        self._edit.setPlaceholderText(say(field.hint or (message("formulir.pick") if field.choices else "")))
        self._edit.setAccessibleDescription(self._note.show_note(field.problem))
        mark(self._edit, "tone", Tone.BAD.value if field.problem else "")
        self._all.render_action(Command("show_choices", message("common.list"), runs=self.show_all))
        present(self._all, bool(field.choices))
        if not self._is_typing:
            self._show_value()

    def show_all(self) -> None:
        """Show every choice, those picked lately first; once more puts them away."""
        if self._picker.is_open:
            self._picker.close()
        else:
            self._edit.setFocus()
            self._edit.selectAll()
            self._picker.suggest("")

    def _type(self, text: str) -> None:
        self._is_typing = True
        if self._field.pick is Pick.OPEN:
            self.typed.emit(text)
            self._picker.suggest(text, -1)  # what is typed stands as it is
        else:
            self._picker.suggest(text)
            if not text.strip():
                self.chosen.emit("")

    def _take(self, name: str) -> None:
        self._is_typing = False
        if self._field.pick is Pick.OPEN:
            words = next((self._theming.say(each.words) for each in self._field.choices if each.name == name), name)
            self._field = replace(self._field, text=words)
            self.typed.emit(words)
        else:
            self.chosen.emit(name)
        self._show_value()

    def _leave(self) -> None:
        """Show what is chosen again: what was typed and led to no choice is none."""
        if not self._picker.is_open and self._field.pick is not Pick.OPEN:
            self._is_typing = False
            self._show_value()

    def _show_value(self) -> None:
        field, say = self._field, self._theming.say
        chosen = next((choice for choice in field.choices if choice.name == field.text), None)
        text = field.text if field.pick is Pick.OPEN else ""
        if chosen is not None and field.pick is not Pick.OPEN:
            text = " · ".join(filter(None, (say(chosen.words), say(chosen.detail))))
        if self._edit.text() != text:
            self._edit.setText(text)


class Picker(QObject):
    """Arrows walk, Enter, Tab or a click takes, Esc closes; Alt ↓ shows all. The field keeps the keyboard meanwhile.

    `picked` tells the name of a choice, `closed` that the list is gone, whether one was taken or not.
    """

    picked = Signal(str)
    closed = Signal()

    def __init__(self, theming: ThemeContext, edit: QLineEdit, kind: str) -> None:
        super().__init__(edit)
        self._theming, self._edit, self._kind = theming, edit, kind
        self._choices: tuple[Choice, ...] = ()
        self._list: LineList | None = None
        self._is_found = False  # else the list says that nothing is
        edit.installEventFilter(self)

    @property
    def is_open(self) -> bool:
        """Return whether the list is there."""
        return self._list is not None and self._list.isVisible()

    def offer(self, choices: tuple[Choice, ...]) -> None:
        """Take what can be chosen."""
        self._choices = choices

    def suggest(self, typed: str, cursor: int = 0) -> None:
        """Show what has every typed part, everything when nothing was typed; with cursor -1 none is under it yet."""
        found = matching(self._choices, typed, self._theming.recent.of(self._kind), self._theming.say)
        if not found and cursor < 0:
            if self._list is not None:
                self._list.hide()
            return
        shown = [Line(choice.name, choice.words, choice.detail) for choice in found]
        lines, none = self._list or self._built(), Line("", message("common.not_found", text=typed))
        lines.render_lines(self._edit.accessibleName(), shown or [none])
        lines.setCurrentIndex(lines.model().index(cursor, 0))
        self._is_found = bool(found)
        self._place(lines, len(shown) or 1)
        lines.show()
        lines.raise_()

    def close(self) -> None:
        """Put the list away."""
        if self.is_open and self._list is not None:
            self._list.hide()
            self.closed.emit()

    def eventFilter(self, _edit: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self.close()
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if not self.is_open or self._list is None:
            is_asked = key is Qt.Key.Key_Down and bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if is_asked:
                self.suggest("")
            return is_asked
        if key in _STEPS:
            model, at = self._list.model(), self._list.currentIndex().row()
            self._list.setCurrentIndex(model.index(max(0, min(model.rowCount() - 1, at + _STEPS[key])), 0))
            return True
        name = self._list.current() if key in _TAKES else ""
        if name:
            self._take(name)
        elif key in _TAKES and key is not Qt.Key.Key_Tab and not self._is_found:
            return True  # what was typed is no choice; to go on with the one before would hide that
        elif key in (*_TAKES, Qt.Key.Key_Escape):
            self.close()
        # Tab goes on to the next field as well. Enter belongs to the screen where what was typed may stand as it is.
        return key is Qt.Key.Key_Escape or (bool(name) and key is not Qt.Key.Key_Tab)

    def _take(self, name: str) -> None:
        if not name:
            return
        self._theming.recent.note(self._kind, name)
        self.picked.emit(name)
        self.close()

    def _built(self) -> LineList:
        lines = self._list = LineList(self._theming)
        lines.setParent(self._edit.window())
        lines.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        lines.setProperty("role", "picks")
        lines.clicked.connect(lambda _index: self._take(lines.current()))
        self.destroyed.connect(lines.deleteLater)
        return lines

    def _place(self, lines: LineList, count: int) -> None:
        """Lie below the field, or above it where there is more room."""
        scroll = self._edit.parentWidget()
        while scroll is not None and not isinstance(scroll, QScrollArea):
            scroll = scroll.parentWidget()
        if scroll is not None:
            scroll.ensureWidgetVisible(self._edit)
        window, height = self._edit.window(), _LINE * min(count, _MOST_LINES) + 4
        width = min(max(self._edit.width(), _NARROWEST), window.width())
        corner = self._edit.mapTo(window, QPoint(0, self._edit.height()))
        above = corner.y() - self._edit.height()
        if corner.y() + height > window.height() and above > window.height() - corner.y():
            height = min(height, above)
            corner.setY(above - height)
        height = min(height, window.height() - corner.y())
        lines.setGeometry(min(corner.x(), window.width() - width), corner.y(), width, height)


_WIDTH = 900
_LONG = 24  # letters of a choice that does not fit into a quarter of the window


_FORM_COLUMNS = 4
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
        self._grid = grid(gap=(space["md"], space["sm"]), wide=range(_FORM_COLUMNS))
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
        if self._at % _FORM_COLUMNS + span > _FORM_COLUMNS:
            self._at += _FORM_COLUMNS - self._at % _FORM_COLUMNS
        top = Qt.AlignmentFlag.AlignTop  # what stands beside a field with a problem stays where it is
        self._grid.addWidget(widget, *divmod(self._at, _FORM_COLUMNS), 1, span, top)
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
