"""The form of a letter: each field as text, what is wrong with it, and the values that were typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.fields import fields_of
from fieldkit.domain.letters.forms import PERSON, Field, Form, as_text, empty, from_text
from fieldkit.domain.letters.letter import Letter
from ui.presenters.form import FormField
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice

_LONG = (Form.TEXT, Form.LINES, Form.ROWS)


@dataclass(frozen=True, slots=True)
class LetterField(FormField):
    """A field of a letter."""

    columns: tuple[Message, ...] = ()  # of a table that is typed one row a line


class LetterForm:
    """What was typed into the fields of one letter."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter  # as it is kept
        self._fields = {field.name: field for field in fields_of(letter.letter) if field.is_shown}
        self._texts = {
            name: as_text(field, letter.fields.get(name, empty(field.form))) for name, field in self._fields.items()
        }
        self._problems: dict[str, Message] = {}
        self.changes: dict[str, Any] = {}  # values that are not kept yet

    @property
    def names(self) -> frozenset[str]:
        """Return the fields that can be typed into."""
        return frozenset(self._fields)

    def type_into(self, name: str, text: str) -> bool:
        """Take what was typed; return whether the letter says something else now."""
        field = self._fields[name]
        self._texts[name] = text
        try:
            value = from_text(self.letter.letter, field, text)
        except InputError as error:
            self._problems[name] = error.problem
            return False
        self._problems.pop(name, None)
        self.changes[name] = value
        return True

    def kept(self, saved: Letter) -> None:
        """Forget the changes that are in the store now, but none that were typed since."""
        self.letter = saved
        self.changes = {name: value for name, value in self.changes.items() if saved.fields.get(name) != value}

    def unkept(self) -> Mapping[str, str]:
        """Return the texts that the store does not have: typed just now, or such as cannot be read."""
        unread = (name for name, told in self._problems.items() if not _is_unfilled(told))
        return {name: self._texts[name] for name in (*self.changes, *unread)}

    def point_out(self, name: str, problem: Message) -> None:
        """Mark a field."""
        if name in self._fields:
            self._problems[name] = problem

    @property
    def is_sound(self) -> bool:
        """Return whether everything that was typed can be read."""
        return not self._problems

    def forget_problems(self) -> None:
        """Unmark the fields whose text can be read."""
        self._problems = {name: told for name, told in self._problems.items() if not _is_unfilled(told)}

    def shown(self) -> tuple[LetterField, ...]:
        """Return the fields in the order of the letter."""
        return tuple(
            replace(_shown(field, self._texts[name]), problem=self._problems.get(name, ""))
            for name, field in self._fields.items()
        )


UNFILLED = message("surat.unfilled")


def _is_unfilled(told: Message) -> bool:
    return told == UNFILLED


def _shown(field: Field, text: str) -> LetterField:
    columns: tuple[Message, ...] = ()
    hint: Message = ""
    if field.form in (Form.ROWS, Form.PERSON):
        named = PERSON if field.form is Form.PERSON else field.columns
        columns = tuple(message(f"surat.column_{column.name}") for column in named)
    elif field.form is Form.DAY:
        hint = message("surat.hint_day")
    label, choices = message(f"surat.field_{field.name}"), Choice.each(field.choices, "surat.choice_")
    return LetterField(field.name, label, text, hint, choices, is_long=field.form in _LONG, columns=columns)
