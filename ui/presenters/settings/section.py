"""A section of Pengaturan: its fields, what they hold, and how they are kept."""

from __future__ import annotations

from collections.abc import Callable
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
    """Base of the sections. `read` and what `keep` returns run on the store's executor, all else with the window."""

    name: ClassVar[str]
    permission: ClassVar[Permission | None] = None  # None where nothing can be changed
    screen: ClassVar[str] = ""  # where Enter leads from a section that is only shown
    actions: ClassVar[tuple[Command, ...]] = ()  # what the bottom bar has besides
    places: ClassVar[dict[str, str]] = {}  # in which field a problem stands, by its code

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.typed: dict[str, str] = {}

    def read(self) -> K:
        """Return what is kept."""
        raise NotImplementedError

    def take(self, kept: K) -> None:
        """Put what is kept into the fields; what was typed is over."""
        raise NotImplementedError

    def fields(self) -> tuple[SettingField, ...]:
        """Return the fields as filled so far."""
        raise NotImplementedError

    def type(self, name: str, text: str) -> None:
        """Take what was typed into a field."""
        self.typed[name] = text

    def point(self, name: str, line: str) -> bool:  # noqa: ARG002 – for those whose lines mean something
        """Take the line under the cursor; return whether anything follows from it."""
        return False

    def tick(self, name: str, line: str) -> None:
        """Take a line that was ticked, or what was picked."""

    @property
    def sop_id(self) -> str:
        """Return the SOP under the cursor, which can be read; "" in sections that show none."""
        return ""

    def keep(self) -> Callable[[], Message]:
        """Return what keeps the fields and says so."""
        raise NotImplementedError

    def text(self, name: str, kept: str = "", hint: Message = "", kind: Kind = Kind.TEXT) -> SettingField:
        """Return a field with what was typed into it, else with what is kept."""
        return SettingField(name, kind, message(f"pengaturan.{name}"), self.typed.get(name, kept), hint)

    def place_of(self, problem: Problem) -> str:
        """Return the field in which a problem stands, "" for the whole form."""
        return problem.field_name or self.places.get(problem.code, "")
