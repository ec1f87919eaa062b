"""A list screen as a value: what is loaded, how a row looks, what can be chosen and done, what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

from fieldkit.domain.errors import Problem
from ui.presenters.commands import Command
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Rows, Step, tagged
from ui.presenters.messages import Message, message
from ui.presenters.parts import NOTHING, Empty, Progress, Tag, Toast, Tone, ViewState

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
N = TypeVar("N", bound=str)

SEARCH_HINT = message("ui.search.hint")


@dataclass(frozen=True, slots=True)
class Numbers:
    """A panel of counts."""

    title: Message
    numbers: tuple[Number, ...]
    nothing: Message = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A panel about the row under the cursor: quiet labels, strong values; `words` stand below, each with a dot."""

    title: Message
    facts: tuple[tuple[Message, Message], ...] = ()
    words: Message | tuple[Message, ...] = ""
    tags: tuple[Tag, ...] = ()

    @classmethod
    def known(cls, title: Message, told: Mapping[str, Message], words: Message = "") -> Facts:
        """Return what is known, by the keys of the labels; what is "" is left out."""
        return cls(title, tuple((message(key), said) for key, said in told.items() if said), words)


@dataclass(frozen=True, slots=True)
class History:
    """A panel of what happened, oldest first."""

    title: Message
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Hint:
    """A panel that says what is odd or what helps; a problem as title is told whole, unless there are `words`.

    Where no others stand beside the list it stands below it.
    """

    title: Message
    words: Message | tuple[Message, ...] = ""  # or several sentences
    tone: Tone = Tone.SOFT


@dataclass(frozen=True, slots=True)
class Photo:
    """A panel with a still picture of the row under the cursor, JPEG or PNG."""

    title: Message
    picture: bytes


@dataclass(frozen=True, slots=True)
class Big:
    """A panel of one number that everybody looks at: a timer."""

    number: Number


Panel: TypeAlias = Big | Numbers | Facts | History | Hint | Photo


@dataclass(frozen=True, slots=True)
class Head(Generic[T]):
    """A column: its head, how its cell is made, by what rows are put in order; `width` in px, 0 takes the rest."""

    title: Message
    cell: Callable[[T], Cell]
    width: int = 0
    order: Callable[[T], Any] | None = None

    @classmethod
    def named(cls, title: Message, name: Callable[[T], str], below: Callable[[T], Message], width: int = 0) -> Head[T]:
        """Return the column that says who or what a row is, with a quieter line below; in order by the name."""
        return cls(title, lambda entry: Cell(name(entry), below(entry), is_strong=True), width, name)

    @classmethod
    def plain(cls, title: Message, words: Callable[[T], str], width: int = 0) -> Head[T]:
        """Return the column of one word; in order by it."""
        return cls(title, lambda entry: Cell(words(entry)), width, words)

    @classmethod
    def tagged(
        cls,
        title: Message,
        tag: Callable[[T], Tag | None],
        width: int,
        order: Callable[[T], Any] | None = None,
        none: Message = "",
    ) -> Head[T]:
        """Return the column of a tag; where there is none stands `none`."""
        return cls(title, lambda entry: tagged(tag(entry), none=none), width, order)


@dataclass(frozen=True, slots=True)
class Filter(Generic[T]):
    """A chip above the list; of a group exactly one is on.

    `of` tells what of a row the chip looks at, the row itself without it: thousands of rows have few values there, and
    each value is judged once for all of them. Chips that look at the same thing are given the same `of`.
    """

    name: str
    words: Message
    takes: Callable[[Any], bool]
    tone: Tone = Tone.SOFT
    of: Callable[[T], Hashable] | None = None

    @classmethod
    def each(
        cls, values: Iterable[E], key: str, of: Callable[[T], E | None], tones: Mapping[E, Tone] | None = None
    ) -> tuple[Filter[T], ...]:
        """Return a chip for each value, its words the phrase `key` + value, which keeps the rows that have it."""

        def chip(value: E) -> Filter[T]:
            tone = (tones or {}).get(value, Tone.SOFT)
            return cls(value.value, message(f"{key}{value.value}"), lambda has: has is value, tone, of)

        return tuple(map(chip, values))

    @classmethod
    def by(
        cls,
        key: str,
        takes: Mapping[N, Callable[[Any], bool]],
        tones: Mapping[N, Tone] | None = None,
        of: Callable[[T], Hashable] | None = None,
    ) -> tuple[Filter[T], ...]:
        """Return a chip for each name, its words the phrase `key` + name."""
        tone = tones or {}
        return tuple(
            cls(name, message(f"{key}{name}"), take, tone.get(name, Tone.SOFT), of) for name, take in takes.items()
        )

    def kept(self, entries: list[T]) -> list[T]:
        """Return the rows that the chip leaves in the list."""
        if self is ALL:
            return entries
        if self.of is None:
            return [*filter(self.takes, entries)]
        told = [*map(self.of, entries)]
        taken = {value for value in set(told) if self.takes(value)}
        return [entry for entry, value in zip(entries, told, strict=True) if value in taken]


ALL: Filter[Any] = Filter("all", message("ui.list.all"), lambda _entry: True)
"""The chip that leaves nothing out."""


def finding(matching: Callable[[str], Container[str]], of: Callable[[T], str]) -> Callable[[str], Callable[[T], bool]]:
    """Return the search of a list that the store looks through: `of` names what `matching` returns."""

    def find(text: str) -> Callable[[T], bool]:
        found = matching(text)
        return lambda entry: of(entry) in found

    return find


@dataclass(frozen=True)
class Listed(Generic[T]):
    """What a list shows now. `chosen` are the ticked rows, else the one under the cursor."""

    everything: Sequence[T]
    shown: Sequence[T]
    current: T | None
    ticked: Sequence[T]
    filters: tuple[str, ...]  # the name of the chip that is on, group by group
    about: object = None  # what was read about the current row, None until it is there

    @cached_property
    def chosen(self) -> Sequence[T]:
        """Return what a command is about."""
        return self.ticked or (() if self.current is None else (self.current,))


def nothing_yet(key: str, shown: str = "ui.list.none") -> Callable[[Listed[Any]], Empty]:
    """Return what an empty list says: the phrase `key` where nothing is yet, `shown` where chips leave it out."""
    return lambda listed: Empty.of(shown if listed.everything else key)


Tell: TypeAlias = Callable[[Toast | Problem | None], None]
"""Show the list anew because something outside the store moved; what is told besides is a toast or stands above it."""


def _follow_nothing(_tell: Tell) -> Callable[[], None]:
    return lambda: None


def _no_panels(_listed: Listed[Any]) -> tuple[Panel, ...]:
    return ()


def _no_commands(_listed: Listed[Any]) -> tuple[Command, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListScreen(Generic[T]):
    """A list. `load` and `find` run on the executor of the store; everything else is quick and runs in the window.

    `name` is what a row is known by: the cursor and the ticks stay with it. `text` is searched as it is typed, unless
    `find` asks the store and returns which rows match. `reads` are the kinds of things in it (`Store.listen`).
    `about` reads, on that executor too, what the panels say of the row under the cursor and the rows have no room for.
    `follow` begins to listen to what moves outside the store, while the list is in front, and returns what stops it.
    """

    title: Message
    heads: tuple[Head[T], ...]
    load: Callable[[], Sequence[T]]
    name: Callable[[T], str]
    text: Callable[[T], str] = lambda _entry: ""
    find: Callable[[str], Callable[[T], bool]] | None = None
    about: Callable[[T], object] | None = None
    reads: frozenset[str] = frozenset()
    filters: tuple[tuple[Filter[T], ...], ...] = ()
    ticks: Callable[[T], bool] | None = None  # which rows can be ticked; None: no row
    empty: Callable[[Listed[T]], Empty] = lambda _listed: NOTHING
    side: Callable[[Listed[T]], tuple[Panel, ...]] = _no_panels
    commands: Callable[[Listed[T]], tuple[Command, ...]] = _no_commands  # the one of Enter last
    hint: Message = SEARCH_HINT
    where: Callable[[Listed[T]], Message] = lambda _listed: ""  # the status bar, in place of the activity of the day
    begins_at: Callable[[T], bool] | None = None  # where the cursor stands at first, else on the first row
    follow: Callable[[Tell], Callable[[], None]] = _follow_nothing
    progress: Callable[[], Progress | None] = lambda: None  # of the work that is followed; stands above the rows


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as it is shown."""

    name: str
    words: Message
    count: int
    tone: Tone
    is_on: bool


@dataclass(frozen=True, slots=True)
class Order:
    """By which column the rows stand; none as they were loaded."""

    column: int = -1
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState(ViewState):
    """What every list shows."""

    title: Message = ""
    columns: tuple[Column, ...] = ()
    rows: Rows = NO_ROWS
    cursor: int = -1
    order: Order = Order()
    chips: tuple[tuple[Chip, ...], ...] = ()
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    panels: tuple[Panel, ...] = ()
    hint: Message = ""
    has_ticks: bool = False
