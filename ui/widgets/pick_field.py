"""A field of a form that is chosen by typing; with `Pick.OPEN` what nobody wrote before may be typed as well."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.presenters.commands import Command
from ui.presenters.form import FormField, Pick
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.field import FieldNote
from ui.widgets.layout import column, row
from ui.widgets.picker import Picker
from ui.widgets.presence import present
from ui.widgets.text import Role, Text, mark


class PickField(QWidget):
    """`chosen` tells the name of a choice, `typed` what stands in an open field. The button shows all choices."""

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
        self._all.render_action(Command("show_choices", message("formulir.choices"), runs=self.show_all))
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
