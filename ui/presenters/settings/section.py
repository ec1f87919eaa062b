"""A section of Pengaturan: its fields, what they hold, and how they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from ui.presenters.commands import Command
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice

K = TypeVar("K")


class Kind(StrEnum):
    """How a field is filled."""

    TEXT = "text"
    FILE = "file"  # a path: typed, dropped or chosen
    SECRET = "secret"  # never shown, never read back
    PICK = "pick"  # one of many, by a part of its words
    LINES = "lines"  # the cursor chooses, or Space ticks
    FACTS = "facts"  # only read
    TROUBLE = "trouble"  # only read: what is wrong and what to do, as `problem`
    FOLDER = "folder"  # as FILE, for a folder


@dataclass(frozen=True, slots=True)
class SettingField:
    """One field as shown; `column` 0 stands at the left, 1 at the right. `note` is the quiet line below it."""

    name: str
    kind: Kind
    label: Message
    text: str = ""
    hint: Message = ""
    note: Message = ""
    lines: tuple[Line, ...] = ()
    choices: tuple[Choice, ...] = ()  # `text` is the name of the one that holds
    facts: tuple[tuple[Message, Message], ...] = ()
    column: int = 0
    problem: Problem | None = None


class Section(Generic[K]):
    """Base of the sections: `kept` is what was read last, `typed` what a person changed since.

    `read` and `keep` run on the store's executor, all else with the window. What is kept is a copy of the section as it
    stood when Enter was pressed: values are replaced and never changed in place.
    """

    name: ClassVar[str]
    permission: ClassVar[Permission | None] = None  # None where nothing can be changed
    screen: str = ""  # where Enter leads from a section that is only shown
    actions: ClassVar[tuple[Command, ...]] = ()  # what the bottom bar has besides
    kept: K

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.typed: dict[str, str] = {}
        self.cursors: dict[str, str] = {}  # the line under the cursor of each list

    def read(self) -> K:
        """Return what is kept."""
        raise NotImplementedError

    def take(self, kept: K) -> None:
        """Put what is kept into the fields; what was typed is over."""
        self.kept, self.typed = kept, {}

    def fields(self) -> tuple[SettingField, ...]:
        """Return the fields as filled so far."""
        raise NotImplementedError

    def type(self, name: str, text: str) -> None:
        """Take what was typed into a field, or the name of what was picked."""
        self.typed = {**self.typed, name: text}

    def point(self, name: str, line: str) -> None:
        """Take the line under the cursor."""
        self.cursors = {**self.cursors, name: line}

    def tick(self, name: str, line: str) -> None:
        """Take a line that was ticked, or what was picked."""

    @property
    def sop_id(self) -> str:
        """Return the SOP under the cursor, which can be read; "" in sections that show none."""
        return ""

    def keep(self) -> Message:
        """Keep the fields and say so."""
        raise NotImplementedError

    def text(
        self, name: str, kept: str = "", hint: str = "", note: Message = "", kind: Kind = Kind.TEXT, column: int = 0
    ) -> SettingField:
        """Return a field with what was typed into it, else with what is kept; `hint` is a key."""
        said: Message = message(f"pengaturan.{hint}") if hint else ""
        label = message(f"pengaturan.{name}")
        return SettingField(name, kind, label, self.typed.get(name, kept), said, note, column=column)
