"""Ctrl K: persons, letters, activities, documents, screens and commands in one list, by the words that people type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from fieldkit.domain.applications import Application
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Target
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning import ActivityLine
from fieldkit.services.search import SearchResult
from ui.presenters.activity_mark import under_work
from ui.presenters.applications.applications import document_words
from ui.presenters.cards.distribution import document as document_name
from ui.presenters.cards.distribution import place_tag
from ui.presenters.home.office import ways_of
from ui.presenters.letters.letters import state_tag
from ui.presenters.parts import Rail, UnderWork
from ui.presenters.presenter import ANYWHERE, Action, Command, Message, Navigator, Presenter, message, opens
from ui.presenters.tasks import STORE, Tasks

_A_GROUP, _ONE_KIND = 3, 12  # lines: of each kind beside the others, of one kind alone
_NOT_ALONE = frozenset({Action.ACCEPT, Action.BACK, Action.THROW_AWAY, Action.UNDO})  # each means what its screen says


class FoundKind(StrEnum):
    """What a line is, in the order of the list."""

    PERSON = "person"
    LETTER = "letter"
    ACTIVITY = "activity"
    DOCUMENT = "document"
    SCREEN = "screen"
    COMMAND = "command"


_ICONS = {
    FoundKind.PERSON: "person",
    FoundKind.LETTER: "mail",
    FoundKind.ACTIVITY: "calendar",
    FoundKind.DOCUMENT: "id_card",
    FoundKind.SCREEN: "arrow",
    FoundKind.COMMAND: "check",
}


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line of the list, in the language in force; `command` opens it, or does it."""

    kind: FoundKind
    words: str
    command: Command
    detail: str = ""
    icon: str = ""
    activity: UnderWork | None = None

    @property
    def is_of_screen(self) -> bool:
        """Return whether it is a command of the screen in front, which presses it."""
        return self.kind is FoundKind.COMMAND and not isinstance(self.command.runs, Action)


@dataclass(frozen=True, slots=True)
class FinderState:
    """What is found so far. `only` is the kind that the list was narrowed to, `count` how many lines there are."""

    text: str = ""
    lines: tuple[FoundLine, ...] = ()
    at: int = 0
    only: FoundKind | None = None
    is_asking: bool = False
    problem: Problem | None = None

    @property
    def line(self) -> FoundLine | None:
        """Return the line under the cursor."""
        return self.lines[self.at] if self.at < len(self.lines) else None


class FinderPresenter(Presenter[FinderState]):
    """Follows the typing. What lies in the store is read away from the window, only for the latest text."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        say: Callable[[Message], str],
        go_to: Callable[[str], None],
    ) -> None:
        super().__init__(FinderState())
        self._context, self._tasks, self._navigator, self._say, self._go_to = context, tasks, navigator, say, go_to
        self._here: tuple[FoundLine, ...] = ()  # found by words, without the store
        self._activities: Mapping[str, ActivityLine] = {}
        self._marks: Mapping[str, UnderWork] = {}
        self._found, self._found_text = SearchResult(), ""
        self._is_reading = False

    def open(self, rail: Rail, commands: Iterable[Command]) -> None:
        """Begin anew: with the places and the commands of the screen in front. Activities are read meanwhile."""
        self._here = (*self._screens(rail), *self._commands(commands))
        self._found, self._found_text = SearchResult(), ""
        self._become(FinderState())
        self._render()
        self._tasks.run(STORE, self._context.office.activities.next_first, self._read_activities, self._unread)

    def type(self, text: str) -> None:
        """Find what has these words."""
        self._become(replace(self.state, text=text, at=0, problem=None))
        self._ask()
        self._render()

    def move(self, by: int) -> None:
        """Go up or down in the list, round its ends."""
        if self.state.lines:
            self._become(replace(self.state, at=(self.state.at + by) % len(self.state.lines)))

    def narrow(self, by: int = 1) -> None:
        """Show the next kind alone that has something, after the last one all of them."""
        kinds = [None, *dict.fromkeys(line.kind for line in self._all(_A_GROUP))]
        at = kinds.index(self.state.only) if self.state.only in kinds else 0
        self._become(replace(self.state, only=kinds[(at + by) % len(kinds)], at=0))
        self._render()

    def point(self, at: int) -> None:
        """Put the cursor on a line."""
        self._become(replace(self.state, at=at))

    def _ask(self) -> None:
        text = self.state.text.strip()
        if self._is_reading or text == self._found_text:
            return
        self._is_reading = True
        find = self._context.office.search.find
        self._tasks.run(STORE, lambda: (text, find(text, _ONE_KIND)), self._read, self._unread)

    def _read(self, found: tuple[str, SearchResult]) -> None:
        self._is_reading = False
        self._found_text, self._found = found
        self._ask()  # more was typed meanwhile
        self._render()

    def _read_activities(self, lines: Sequence[ActivityLine]) -> None:
        today = self._context.clock.today()
        self._activities = {line.activity.activity_id: line for line in lines}
        self._marks = {of: under_work(line, today) for of, line in self._activities.items()}
        self._render()

    def _unread(self, problem: Problem) -> None:
        self._is_reading = False
        self._become(replace(self.state, problem=problem))

    def _render(self) -> None:
        only = self.state.only
        lines = [line for line in self._all(_ONE_KIND if only else _A_GROUP) if only in (None, line.kind)]
        is_asking = self.state.text.strip() != self._found_text
        at = min(self.state.at, max(len(lines) - 1, 0))
        self._become(replace(self.state, lines=tuple(lines), at=at, is_asking=is_asking))

    def _all(self, most: int) -> list[FoundLine]:
        """Return the lines of every kind in their order, so many of each at most."""
        words = self.state.text.casefold().split()
        mine = [line for line in self._here if _has(line.words, words)]
        if not words:
            return [line for _, group in groupby(mine, lambda line: line.kind) for line in [*group][:_ONE_KIND]]
        groups = (
            map(self._person, self._found.people),
            map(self._letter, self._found.letters),
            map(self._activity, self._activities_with(words)),
            map(self._document, self._found.documents),
            (line for line in mine if line.kind is FoundKind.SCREEN),
            (line for line in mine if line.kind is FoundKind.COMMAND),
        )
        return [line for group in groups for line in [*group][:most]]

    def _activities_with(self, words: Sequence[str]) -> list[ActivityLine]:
        return [each for each in self._activities.values() if _has(_named(each), words)]

    def _person(self, target: Target) -> FoundLine:
        of = {"activity_id": target.activity_id, "target_id": target.target_id}
        line, house = self._activities.get(target.activity_id), message("cari.house", no=target.house)
        place = line.activity.place if line is not None else ""
        detail = (place, house, message(f"target.{target.state.value}"))
        go = opens(self._navigator, "targets", **of)
        return self._line(FoundKind.PERSON, target.biodata.name, go, detail, target.activity_id, target.target_id)

    def _letter(self, letter: Letter) -> FoundLine:
        go = opens(self._navigator, "letter", letter_id=letter.thing_id)
        detail = (state_tag(letter).words, letter.number or letter.provisional)
        return self._line(FoundKind.LETTER, letter.title, go, detail, letter.activity_id, letter.thing_id)

    def _activity(self, line: ActivityLine) -> FoundLine:
        of, mark = line.activity.activity_id, self._marks.get(line.activity.activity_id)
        go = opens(self._navigator, "activity", activity_id=of)
        return self._line(FoundKind.ACTIVITY, line.activity.name, go, (mark.detail if mark else "",), of, of)

    def _document(self, document: CardCase | Application) -> FoundLine:
        state: Message
        if isinstance(document, CardCase):
            about = {"activity_id": document.activity_id} if document.activity_id else {}
            go = opens(self._navigator, "distribution", card_id=document.thing_id, **about)
            name, kind, state = document.name, document_name(document), place_tag(document).words
        else:
            go = opens(self._navigator, "application", application_id=document.thing_id)
            name, kind = document.applicant.name, document_words(document)
            state = message(f"counter.state_{document.state.value}")
        detail = (kind, document.registration, state)
        return self._line(FoundKind.DOCUMENT, name, go, detail, document.activity_id, document.thing_id)

    def _line(
        self,
        kind: FoundKind,
        words: str,
        go: Callable[[], None],
        detail: Iterable[Message],
        activity_id: str,
        thing_id: str,
    ) -> FoundLine:
        told = " · ".join(filter(None, map(self._say, detail)))
        command, mark = Command(thing_id, words, runs=go), self._marks.get(activity_id)
        return FoundLine(kind, words, command, told, _ICONS[kind], mark)

    def _screens(self, rail: Rail) -> Iterable[FoundLine]:
        """Yield the places of the role, then what else it has, each once."""
        places = (*rail.places, *((rail.settings,) if rail.settings is not None else ()))
        for place in places:
            go = self._going_to(place.screen)
            yield self._screen(Command(place.screen, place.words, runs=go), place.icon)
        known, may = {place.screen for place in places}, self._context.user.may
        if may(Permission.SIGN):
            go = opens(self._navigator, "sign_letters")
            yield self._screen(Command("sign", message("tte.title"), runs=go), "pen")
        for screen in ways_of(self._context.user):
            if screen not in known:
                yield self._screen(Command(screen, message(f"semua.{screen}"), runs=opens(self._navigator, screen)))

    def _going_to(self, screen: str) -> Callable[[], None]:
        return lambda: self._go_to(screen)

    def _screen(self, command: Command, icon: str = "") -> FoundLine:
        return FoundLine(FoundKind.SCREEN, self._say(command.words), command, icon=icon or _ICONS[FoundKind.SCREEN])

    def _commands(self, commands: Iterable[Command]) -> Iterable[FoundLine]:
        """Yield what the screen in front can do, then what every screen can; a refused one says why."""
        acts = (act for act in ANYWHERE if act not in _NOT_ALONE)
        everywhere = (Command(act.value, message(f"act.{act.value}"), act, runs=act) for act in acts)
        for command in (*commands, *everywhere):
            detail = command.refused or (command.act.cap if command.act is not None else "")
            words, icon = self._say(command.words), _ICONS[FoundKind.COMMAND]
            yield FoundLine(FoundKind.COMMAND, words, command, self._say(detail), icon)


def _named(line: ActivityLine) -> str:
    return f"{line.activity.name} {line.activity.place}"


def _has(told: str, words: Sequence[str]) -> bool:
    folded = told.casefold()
    return all(word in folded for word in words)
