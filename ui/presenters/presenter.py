"""What every presenter has in common: one immutable state, shown whenever it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import ProblemText
from ui.presenters.tasks import STORE

# Words that a presenter hands to a view: a key of the catalogue, or text that is nobody's to translate.


@dataclass(frozen=True, slots=True)
class CatalogMessage:
    """A sentence of the catalogue and what fills it; built with `message()`."""

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)


Message: TypeAlias = CatalogMessage | Problem | str
"""A sentence to translate, a problem (its first sentence), or literal text: a name, a number. "" is nothing."""


def message(key: str, **params: str | int) -> CatalogMessage:
    """Return the message `key` with its parameters."""
    return CatalogMessage(key, params)


class Spoken:
    """Implements `Messages` by what a window says."""

    def __init__(self, say: Callable[[Message], str], explain: Callable[[Problem], ProblemText]) -> None:
        self._say, self._explain = say, explain

    def text(self, key: str, /, **params: str | int) -> str:
        """Return the sentence of a key."""
        return self._say(CatalogMessage(key, params))

    def problem(self, problem: Problem) -> ProblemText:
        """Return the sentences of a problem."""
        return self._explain(problem)


# Everything a key can do: the one table from which the keyboard, the key caps and the help are made.


class Action(StrEnum):
    """Something that a person can ask for by key: the catalogue key of its words, behind `act.`, and its key.

    `key` is in the portable text of QKeySequence, `cap` what the key cap shows where that is something else.
    """

    key: str
    cap: Message

    def __new__(cls, value: str, key: str, cap: Message = "") -> Action:
        """Return a line of the table."""
        act = str.__new__(cls, value)
        act._value_, act.key, act.cap = value, key, cap or key.replace("+", " ")
        return act

    CAPTURE = "capture", "Space", message("act.key_space")
    ACCEPT = "accept", "Return", "Enter"
    REPEAT = "repeat", "R"
    EXCEPTION = "exception", "X"
    POSTPONE = "postpone", "S"
    PRINT = "print", "P"
    PRINT_RECEIPT = "print_receipt", "Shift+P"
    TEST = "test", "T"
    USB = "usb", "U"
    HAND_IN = "hand_in", "Ins"
    PAUSE = "pause", "Ctrl+."
    SEND_AGAIN = "send_again", "Shift+F5"
    HAND_OVER = "hand_over", "Ctrl+U"
    SET_ASIDE = "set_aside", "Ctrl+E"
    LETTER = "letter", "B"
    VERIFY = "verify", "V"
    CARD = "card", "F4"
    PERSON_NOTES = "person_notes", "F9"
    FORMS = "forms", "Shift+F9"
    FINGER = "finger", "J"
    LEAD = "lead", "K"
    COMPLETE = "complete", "L"
    CLEAN = "clean", "H"
    NOTE = "note", "C"
    PHOTO = "photo", "F"
    IZIN = "izin", "I"
    KITS = "kits", "G"
    ADD = "add", "F6"
    HISTORY = "history", "F7"
    REPAIR = "repair", "F8"
    UNDO = "undo", "Ctrl+Z"
    THROW_AWAY = "throw_away", "Shift+Esc"
    SEARCH = "search", "Ctrl+F"
    FIND = "find", "Ctrl+K"
    REFRESH = "refresh", "F5"
    FILTER = "filter", "Ctrl+S"
    GROUP = "group", "Ctrl+O"
    SORT = "sort", "Ctrl+Y"
    TICK_ALL = "tick_all", "Ctrl+A"
    CALENDAR = "calendar", "Ctrl+T"
    NEW = "new", "Ctrl+B"
    NEW_PLAN = "new_plan", "Ctrl+J"
    TODAY = "today", "Shift+F6"
    ISSUE = "issue", "Ctrl+Return", "Ctrl Enter"
    PROPOSE = "propose", "Ctrl+W"
    ROUTE = "route", "Ctrl+R"
    APPROVE = "approve", "Ctrl+I"
    DIRECT = "direct", "Ctrl+G"
    STAFF = "staff", "Ctrl+P"
    REMOVE = "remove", "Ctrl+H"
    EVALUATE = "evaluate", "E"
    TRIP = "trip", "Ctrl+L"
    RECAP = "recap", "Ctrl+D"
    LOCATE = "locate", "Ctrl+N"
    ESCORT = "escort", "Ctrl+M"
    MORE = "more", "M"
    NEXT_STEP = "next_step", "PgDown", "PgDn"
    PREVIOUS_STEP = "previous_step", "PgUp"
    READ = "read", "Ctrl+Space", message("act.key_ctrl_space")
    CHOICE_1 = "choice_1", "1"
    CHOICE_2 = "choice_2", "2"
    CHOICE_3 = "choice_3", "3"
    CHOICE_4 = "choice_4", "4"
    CHOICE_5 = "choice_5", "5"
    CHOICE_6 = "choice_6", "6"
    CHOICE_7 = "choice_7", "7"
    CHOICE_8 = "choice_8", "8"
    CHOICE_9 = "choice_9", "9"
    CHOICE_10 = "choice_10", "0"
    PLACE_1 = "place_1", "Alt+1"
    PLACE_2 = "place_2", "Alt+2"
    PLACE_3 = "place_3", "Alt+3"
    PLACE_4 = "place_4", "Alt+4"
    PLACE_5 = "place_5", "Alt+5"
    PLACE_6 = "place_6", "Alt+6"
    PLACE_7 = "place_7", "Alt+7"
    BACK = "back", "Esc"
    HELP = "help", "F1"
    WAYS_BACK = "ways_back", "Shift+F1"
    LANGUAGE = "language", "F2"
    THEME = "theme", "F3"
    SIZE = "size", "Ctrl++", "Ctrl +"
    VOICE = "voice", "Shift+F3"
    SIGN_OUT = "sign_out", "F10"
    LOCK = "lock", "F11"
    BLANK = "blank", "F12"


ANYWHERE: tuple[Action, ...] = (
    *(Action.ACCEPT, Action.BACK, Action.HELP, Action.LANGUAGE, Action.THEME, Action.SIZE, Action.VOICE),
    *(Action.SIGN_OUT, Action.LOCK, Action.BLANK, Action.UNDO, Action.THROW_AWAY),
)
"""The keys of every screen, in the order of the help."""

CHOICES = tuple(act for act in Action if act.value.startswith("choice_"))
"""The keys 1 … 9, 0: big cards on Beranda, lines of a choice list, fingers while recording."""

PLACES = tuple(act for act in Action if act.value.startswith("place_"))
"""The keys of the left navigation, from above."""


# What a person can ask for on a screen: one value from key, click or touch to what it does.

T = TypeVar("T")


def _nothing(_result: Any) -> None:
    """Follow a work that leads nowhere else."""


def _unsaid(_result: Any) -> Message:
    return ""


class Weight(StrEnum):
    """How strongly a button asks to be pressed; one primary per screen."""

    PRIMARY = "primary"
    SECOND = "second"
    PLAIN = "plain"
    DANGER = "danger"  # takes something away


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[T]):
    """Work away from the window. While it is under way its screen begins no other.

    What it changes the store tells by itself, so nothing need be read anew in `done`. With `undo` the toast offers
    the way back. With `then` another operation follows by itself, on its own executor, and tells for both.
    """

    work: Callable[[], T]
    told: Callable[[T], Message] = _unsaid  # the toast; "" is none
    done: Callable[[T], None] = _nothing
    then: Callable[[T], Operation[Any]] | None = None
    undo: Callable[[T], Operation[Any]] | None = None
    copies: str = ""  # what is on the clipboard afterwards
    executor: str = STORE
    busy: Message = ""  # what lies over the screen while it runs; "" lets the screen be used


class Held(NamedTuple):
    """What runs with the text that only the view holds: a passphrase, which stands in no state, or its language."""

    takes: Callable[[str], None]


Runs: TypeAlias = Callable[[], None] | Operation[Any] | Held | Action | None


@dataclass(frozen=True, slots=True)
class Command:
    """A button of the bottom bar or of a panel, with its key. `name` is unique on its screen.

    A command with `refused` is shown greyed with this reason, and says it when pressed. An act as `runs` is one of the
    window: lock, help, language, theme. Two that look the same and run
    something else are two: a button must never keep what it ran before.
    """

    name: str
    words: Message
    act: Action | None = None
    weight: Weight = Weight.SECOND
    refused: Message = ""
    runs: Runs = field(default=None, repr=False)

    def quiet(self) -> Command:
        """Return the same as a button that gives way first where the bar has no room."""
        return replace(self, weight=Weight.PLAIN)


def enter(words: Message, runs: Runs, refused: Message = "", name: str = "accept") -> Command:
    """Return the command of Enter: what its screen is there for."""
    return Command(name, words, Action.ACCEPT, Weight.PRIMARY, refused, runs)


# How a presenter goes to another screen.


class Navigator(Protocol):
    """The way through the screens, by the names that the bootstrap registered; `params` go to the factory."""

    def push(self, name: str, **params: str) -> None:
        """Open a screen on top; `back` returns here."""
        ...

    def back(self) -> None:
        """Close the screen on top; the lowest one stays."""
        ...

    def replace(self, name: str, **params: str) -> None:
        """Open a screen in the place of the one on top."""
        ...

    def restart(self, name: str, **params: str) -> None:
        """Close all screens and open this one."""
        ...


@dataclass(frozen=True, slots=True)
class Opens:
    """Opens a screen when it is called. Two that open the same are the same: a screen that reads nothing new stays."""

    navigator: Navigator
    screen: str
    params: Mapping[str, str] = field(hash=False)

    def __call__(self) -> None:
        """Open it."""
        self.navigator.push(self.screen, **self.params)


def opens(navigator: Navigator, screen: str, **params: str) -> Opens:
    """Return what opens a screen."""
    return Opens(navigator, screen, params)


def opening(
    navigator: Navigator, name: str, words: Message, act: Action | None, refused: Message, screen: str, **params: str
) -> Command:
    """Return the command that opens a screen; the one of Enter is the primary one."""
    weight = Weight.PRIMARY if act is Action.ACCEPT else Weight.SECOND
    return Command(name, words, act, weight, refused, Opens(navigator, screen, params))


S = TypeVar("S")


class Presenter(Generic[S]):
    """Hold the state of one screen. `show` is called with each new state on the thread of the window."""

    def __init__(self, state: S) -> None:
        self._state = state
        self._show: Callable[[S], None] | None = None

    @property
    def state(self) -> S:
        """Return what the screen shows now."""
        return self._state

    def listen(self, show: Callable[[S], None]) -> None:
        """Show the state now and whenever it changes."""
        self._show = show
        show(self._state)

    def deafen(self) -> None:
        """Forget the view; late results change the state and nothing else."""
        self._show = None

    def perform(self, command: Command) -> None:
        """Do what a command of the screen means. Only an `OperatingPresenter` has operations."""
        if command.refused:
            return
        if not callable(command.runs):
            raise TypeError(f"{type(self).__name__} has no way to do {command.name!r}")
        command.runs()

    @property
    def reads(self) -> frozenset[str]:
        """Return the kinds of things that the screen shows: when one of them is written it is told to `refresh`."""
        return frozenset()

    def refresh(self) -> None:
        """Read anew what the screen shows; the screen stays as it is meanwhile."""

    def start(self) -> None:
        """Act when the screen comes to the front, for the first time or again."""

    def stop(self) -> None:
        """Act when the screen leaves the front: let go of previews and clocks."""

    def touch(self) -> None:
        """Act when somebody pressed a key or the mouse anywhere."""

    def rest(self) -> None:
        """Act when the screen is locked."""

    def go_on(self) -> None:
        """Act when the screen is unlocked."""

    def settle(self) -> None:
        """Act when a field is left, the screen locked or the program closed: keep what was typed."""

    def _become(self, state: S) -> None:
        if state == self._state:
            return
        self._state = state
        if self._show is not None:
            self._show(state)
