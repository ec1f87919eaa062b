"""A list screen as a value: what is loaded, how a row looks, what can be chosen and done, what stands beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people import Permission
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.figures import NO_ROWS, Column, FigureCell, Number, Row, Rows, Step, tagged
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import NOTHING, Bar, Empty, Progress, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, message, opening
from ui.presenters.tasks import STORE, Tasks

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
    cell: Callable[[T], FigureCell]
    width: int = 0
    order: Callable[[T], Any] | None = None

    @classmethod
    def named(cls, title: Message, name: Callable[[T], str], below: Callable[[T], Message], width: int = 0) -> Head[T]:
        """Return the column that says who or what a row is, with a quieter line below; in order by the name."""
        return cls(title, lambda entry: FigureCell(name(entry), below(entry), is_strong=True), width, name)

    @classmethod
    def plain(cls, title: Message, words: Callable[[T], str], width: int = 0) -> Head[T]:
        """Return the column of one word; in order by it."""
        return cls(title, lambda entry: FigureCell(words(entry)), width, words)

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
    comes_to: Callable[[], str] = lambda: ""  # the row to stand on when the list was read anew, "" where it stood
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


# The one presenter of all list screens.


def _nothing() -> None:
    """Leave what was not followed."""


class ListPresenter(OperatingPresenter[ListState], Generic[T]):
    """Loads, searches, filters, orders and ticks; what else happens stands in the `ListScreen`."""

    def __init__(self, screen: ListScreen[T], tasks: Tasks, navigator: Navigator) -> None:
        self._back = Command("back", message("act.back"), Action.BACK, Weight.PLAIN, runs=navigator.back)
        columns = tuple(Column(head.title, head.width) for head in screen.heads)
        super().__init__(
            ListState(
                stage=Stage.LOADING,
                bar=Bar(self._back),
                title=screen.title,
                columns=columns,
                hint=screen.hint,
                has_ticks=screen.ticks is not None,
            ),
            tasks,
        )
        self._screen = screen
        self._everything: Sequence[T] | None = None
        self._shown: Sequence[T] = ()
        self._current, self._text = "", ""
        self._found: Callable[[T], bool] | None = None  # None: the store was asked for nothing
        self._is_asking = False
        self._held = ""  # the command that waits for what the store finds
        self._ticked: frozenset[str] = frozenset()
        self._filters = tuple(group[0].name for group in screen.filters)
        self._order = Order()
        self._leave: Callable[[], None] = _nothing
        self._about: tuple[str, object] = ("", None)  # what was read of the row of this name

    @property
    def reads(self) -> frozenset[str]:
        """Return the kinds of things in the list."""
        return self._screen.reads

    def start(self) -> None:
        """Read the list anew, and follow what moves."""
        self._leave()
        self._leave = self._screen.follow(self._moved)
        self.refresh()

    def stop(self) -> None:
        """Let what moves go on without this screen."""
        self._leave()
        self._leave = _nothing

    def refresh(self) -> None:
        """Read the list anew."""
        self._tasks.run(STORE, self._screen.load, self._loaded, self._failed)

    def search(self, text: str) -> None:
        """Show those that match what was typed so far; the cursor stays on its row while that is shown."""
        self._text = text
        find = self._screen.find
        if find is None or not text.strip():
            self._matched((text, None))
        else:
            self._is_asking = True
            self._tasks.run(STORE, lambda: (text, find(text)), self._matched, self._not_found)

    def perform(self, command: Command) -> None:
        """Do what a command means; one about rows waits while the store searches, and is done to the row it finds."""
        if self._is_asking and command in self.state.bar.actions:
            self._held = command.name
        else:
            super().perform(command)

    def select(self, name: str) -> None:
        """Stand on a row."""
        if name != self._current:
            self._current = name
            self._tell()

    def choose(self, group: int, name: str) -> None:
        """Turn a chip on."""
        self._filters = (*self._filters[:group], name, *self._filters[group + 1 :])
        self._render()

    def next_filter(self, group: int) -> None:
        """Turn the next chip of a group on."""
        if group < len(self._filters):
            names = [each.name for each in self._screen.filters[group]]
            self.choose(group, names[(names.index(self._filters[group]) + 1) % len(names)])

    def sort(self, column: int) -> None:
        """Put the rows in order by a column, once more the other way round, a third time as they were."""
        if self._screen.heads[column].order is None:
            return
        if self._order.column != column:
            self._order = Order(column)
        else:
            self._order = Order() if self._order.is_descending else Order(column, is_descending=True)
        self._render()

    def sort_next(self) -> None:
        """Put the rows in order by the next column that has one."""
        columns = [at for at, head in enumerate(self._screen.heads) if head.order is not None]
        if columns:
            later = [column for column in columns if column > self._order.column]
            if self._order.column >= 0 and not self._order.is_descending:
                self.sort(self._order.column)
            else:
                self._order = Order(later[0]) if later else Order()
                self._render()

    def tick(self, name: str) -> None:
        """Choose a row, or leave it out again."""
        if any(self._screen.name(entry) == name and self._can_tick(entry) for entry in self._shown):
            self._ticked ^= {name}
            self._render()

    def tick_current(self) -> None:
        """Choose the row under the cursor, or leave it out again."""
        self.tick(self._current)

    def tick_all(self) -> None:
        """Choose every row that is shown; once more none."""
        names = frozenset(self._screen.name(entry) for entry in self._shown if self._can_tick(entry))
        self._ticked = self._ticked - names if names <= self._ticked else self._ticked | names
        self._render()

    def _can_tick(self, entry: T) -> bool:
        return self._screen.ticks is not None and self._screen.ticks(entry)

    def _loaded(self, everything: Sequence[T]) -> None:
        begins_at = self._screen.begins_at if self._everything is None else None
        self._everything, self._about = everything, ("", None)
        if begins_at is not None:
            begin = next((entry for entry in everything if begins_at(entry)), None)
            self._current = "" if begin is None else self._screen.name(begin)
        self._current = self._screen.comes_to() or self._current
        if self._ticked:  # what is gone is not chosen any more
            self._ticked &= frozenset(map(self._screen.name, everything))
        self.search(self._text)

    def _matched(self, matched: tuple[str, Callable[[T], bool] | None]) -> None:
        text, found = matched
        if text == self._text:  # else more was typed meanwhile
            self._found, self._is_asking = found, False
            self._render()
            self._go_on()

    def _go_on(self) -> None:
        held, self._held = self._held, ""
        command = next((each for each in self.state.bar.actions if each.name == held), None)
        if command is not None:
            self.perform(command)

    def _not_found(self, problem: Problem) -> None:
        self._is_asking, self._held = False, ""
        self._not_read(problem)

    def _moved(self, answer: Toast | Problem | None) -> None:
        if isinstance(answer, Toast):
            self._become(replace(self.state, toast=answer))
        elif answer is not None:
            self._become(replace(self.state, problem=answer))
        self._render()

    def _render(self) -> None:
        if self._everything is None:
            return
        searched = self._searched(self._everything)
        shown = searched
        for each in self._on():
            shown = each.kept(shown)
        self._shown = shown = self._ordered(shown)
        if self._cursor() == -1 and shown:  # a search that finds nothing forgets nobody
            self._current = self._screen.name(shown[0])
        listed = self._listed()
        self._tell_in(
            replace(
                self.state,
                stage=Stage.CONTENT,
                retry=None,
                progress=self._screen.progress(),
                where=self._screen.where(listed),
                rows=Rows(len(shown), len(self._everything), lambda at: self._row(shown[at])),
                order=self._order,
                chips=tuple(self._chips(at, searched) for at in range(len(self._filters))),
                tags=self._tags(listed),
                nothing=self._nothing(listed),
            ),
            listed,
        )

    def _tell(self) -> None:
        """Show what follows from the row under the cursor."""
        if self._everything is not None:
            self._tell_in(self.state, self._listed())

    def _tell_in(self, state: ListState, listed: Listed[T]) -> None:
        """Show a state with what follows from the row under the cursor, all at once: it is laid out once."""
        bar = Bar(self._back, self._screen.commands(listed))
        panels = self._screen.side(listed)
        self._become(replace(state, cursor=self._cursor(), panels=panels, bar=bar))
        self._read_about(listed.current)

    def _cursor(self) -> int:
        return next((at for at, entry in enumerate(self._shown) if self._screen.name(entry) == self._current), -1)

    def _read_about(self, entry: T | None) -> None:
        """Read once what stands beside the row under the cursor; a problem with it stands where those of loading do."""
        read, name = self._screen.about, self._current
        if read is not None and entry is not None and self._about[0] != name:
            self._about = (name, None)
            self._tasks.run(STORE, lambda: (name, read(entry)), self._about_read, self._not_read)

    def _about_read(self, about: tuple[str, object]) -> None:
        if about[0] == self._about[0]:  # else the cursor went on
            self._about = about
            self._tell()

    def _listed(self) -> Listed[T]:
        name = self._screen.name
        current = next((entry for entry in self._shown if name(entry) == self._current), None)
        might = self._shown if self._ticked else ()
        ticked = [entry for entry in might if name(entry) in self._ticked and self._can_tick(entry)]
        about = self._about[1] if self._about[0] == self._current else None
        return Listed(self._everything or (), self._shown, current, ticked, self._filters, about)

    def _on(self) -> list[Filter[T]]:
        groups = zip(self._screen.filters, self._filters, strict=True)
        return [next(each for each in group if each.name == name) for group, name in groups]

    def _searched(self, everything: Sequence[T]) -> list[T]:
        if self._found is not None:
            return [*filter(self._found, everything)]
        words = () if self._screen.find is not None else self._text.casefold().split()
        if not words:
            return [*everything]
        texts = ((entry, self._screen.text(entry).casefold()) for entry in everything)
        return [entry for entry, text in texts if all(word in text for word in words)]

    def _ordered(self, entries: list[T]) -> list[T]:
        order = self._screen.heads[self._order.column].order if self._order.column >= 0 else None
        return sorted(entries, key=order, reverse=self._order.is_descending) if order else entries

    def _chips(self, group: int, searched: list[T]) -> tuple[Chip, ...]:
        """Return the chips of a group with how many rows each would show beside the other groups' choices."""
        others = [each for at, each in enumerate(self._on()) if at != group]
        open_to = searched
        for each in others:
            open_to = each.kept(open_to)
        chips, on = self._screen.filters[group], self._filters[group]
        told = {of: Counter(map(of, open_to)) for of in {each.of for each in chips} if of is not None}

        def count(each: Filter[T]) -> int:
            if each.of is not None:
                return sum(many for value, many in told[each.of].items() if each.takes(value))
            return sum(map(each.takes, open_to))

        return tuple(Chip(each.name, each.words, count(each), each.tone, each.name == on) for each in chips)

    def _tags(self, listed: Listed[T]) -> tuple[Tag, ...]:
        if not listed.ticked:
            return ()
        return (Tag(message("ui.list.ticked", count=len(listed.ticked)), Tone.GOOD, "check"),)

    def _nothing(self, listed: Listed[T]) -> Empty:
        if self._text.strip():
            return Empty(message("common.not_found", text=self._text), message("ui.list.not_found_hint"))
        return self._screen.empty(listed)

    def _row(self, entry: T) -> Row:
        name = self._screen.name(entry)
        is_ticked = name in self._ticked if self._can_tick(entry) else None
        return Row(name, tuple(head.cell(entry) for head in self._screen.heads), is_ticked)

    def _not_read(self, problem: Problem) -> None:
        """Say why a search found nothing; an operation that runs meanwhile goes on, and guards itself."""
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        again: Message = message("act.refresh")
        retry = Command("refresh", again, Action.REFRESH, Weight.PRIMARY, runs=self.refresh)
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem, retry=retry, bar=Bar(self._back)))


# What the lists of the office have in common beside their rows: whose they are, where they lead, who may do what.


class OfficeList:
    """The ground of a class whose `screen` returns a `ListScreen`; without an activity it shows those of all.

    `_needs` is the right to do what its commands do, with the phrase for whom the service would refuse.
    """

    _needs: tuple[Permission, str]

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        self._context, self._office, self._navigator = context, context.office, navigator
        self._of = activity_id

    def _opens(
        self, name: str, words: Message, act: Action | None, refused: Message, screen: str, **params: str
    ) -> Command:
        """Return the command that opens a screen; the one of Enter is the primary one."""
        return opening(self._navigator, name, words, act, refused, screen, **params)

    def _refusal(self, permission: Permission, key: str) -> Message:
        """Return the phrase `key` for whom the service would refuse, "" for who may."""
        return "" if self._context.user.may(permission) else message(key)

    @property
    def _not_yours(self) -> Message:
        return self._refusal(*self._needs)

    def _shown(self, draft: Callable[[], Letter]) -> Operation[Letter]:
        """Return what drafts a letter and shows it."""
        return Operation(work=draft, done=lambda letter: self._navigator.push("letter", letter_id=letter.thing_id))

    def _moment_text(self, at: datetime) -> str:
        """Return a moment in the time of the dinas."""
        return moment_text(self._context.clock.local(at))

    def _day_text(self, at: datetime) -> str:
        """Return the day of a moment in the time of the dinas."""
        return day_text(self._context.clock.local(at).date())
