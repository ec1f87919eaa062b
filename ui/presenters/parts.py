"""Values from which view states are built. No Qt here: a presenter makes them, a widget draws them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from typing import NamedTuple, Protocol, TypeVar

from fieldkit.domain.errors import Problem
from ui.presenters.presenter import Action, Command, Message, Weight, message


class Tone(StrEnum):
    """How something stands; a widget shows it by colour, icon and word together."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    SOFT = "soft"  # under way or simply said
    NEUTRAL = "neutral"


class Stage(StrEnum):
    """The states that every screen has."""

    LOADING = "loading"
    CONTENT = "content"
    EMPTY = "empty"
    ERROR = "error"
    BUSY = "busy"  # the content stays visible and cannot be changed


class Tag(NamedTuple):
    """A short word on its tone's ground; `icon` of `assets/icons` takes the place of the tone's own."""

    words: Message
    tone: Tone = Tone.SOFT
    icon: str = ""


class Bar(NamedTuple):
    """The bottom bar: back at the left, then a quiet note, the actions at the right with the primary last."""

    back: Command | None = None
    actions: tuple[Command, ...] = ()
    note: Message = ""


_NO_BAR = Bar()


class Empty(NamedTuple):
    """What stands where nothing is yet, and the next step."""

    title: Message
    hint: Message = ""
    action: Command | None = None

    @classmethod
    def of(cls, key: str, action: Command | None = None) -> Empty:
        """Return what the phrase `key` says, and below it `key` + "_hint"."""
        return cls(message(key), message(f"{key}_hint"), action)


class Progress(NamedTuple):
    """Long work: `done` of `total` in any unit, the words beside it. Total 0 is "not known yet"."""

    title: Message
    done: int = 0
    total: int = 0
    detail: Message = ""  # speed, time left
    cancel: Command | None = None


@dataclass(frozen=True, slots=True)
class Toast:
    """A word at the lower edge that goes by itself; with `undo` it stays ten seconds. Each one is shown."""

    words: Message
    tone: Tone = Tone.GOOD
    undo: Command | None = None
    serial: int = field(default_factory=count(1).__next__, repr=False)


class Sound(StrEnum):
    """What can be told to ears, for people who look at somebody else."""

    CAPTURED = "captured"
    REPEAT = "repeat"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Chime:
    """A sound that is heard once, or what the program says to the resident where its voice is on. Each is heard."""

    sound: Sound | None
    serial: int = field(default_factory=count(1).__next__, repr=False)
    spoken: str = ""  # the name of a sentence among the sound files


@dataclass(frozen=True, slots=True)
class Clip:
    """Text for the clipboard. Each one is copied."""

    text: str
    serial: int = field(default_factory=count(1).__next__, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """What every screen's state holds; a screen adds its own fields in a frozen subclass."""

    stage: Stage = Stage.CONTENT
    where: Message = ""  # the status bar: activity, or the masked person
    activity_id: str = ""  # that it is about, where the way to it does not say so
    part: str = ""  # which of several things the screen shows, where the manual tells of each elsewhere
    bar: Bar = _NO_BAR
    keyed: tuple[Command, ...] = ()  # what can be done besides, by a key or where the view shows it
    empty: Empty | None = None  # of stage EMPTY
    problem: Problem | None = None  # of stage ERROR; with another stage it is a banner above the content
    retry: Command | None = None  # the way out of the problem
    restored: Message = ""  # since when what stands here waits to be accepted: it was left and came back
    progress: Progress | None = None  # of stages LOADING and BUSY; a list shows it above its rows
    toast: Toast | None = None
    chime: Chime | None = None
    clip: Clip | None = None


class Light(StrEnum):
    """The shape of a light in the status bar, so that colour is never the only sign."""

    READY = "ready"  # full disc
    BUSY = "busy"  # half disc
    CAUTION = "caution"  # triangle
    BAD = "bad"  # cross
    OFF = "off"  # empty ring


class Indicator(NamedTuple):
    """One light with its word; `detail` is told on hovering and to screen readers."""

    words: Message
    light: Light
    detail: Message = ""


class UnderWork(NamedTuple):
    """The activity that a screen is about: two letters, which of its colours, name, and what else is told of it."""

    letters: str
    hue: int
    name: str
    detail: Message = ""


class StatusBar(NamedTuple):
    """The status bar. `where` gives way to that of the screen in front. `None` is "not measured".

    Of who works at a desk the activity is named rather than the place, and no device is told.
    """

    devices: tuple[Indicator, ...] = ()
    connection: Indicator | None = None
    queue: Message = ""
    battery_percent: int | None = None
    storage: Message = ""
    user: Message = ""
    where: Message = ""
    activity: UnderWork | None = None
    is_office: bool = False


class Choice(NamedTuple):
    """A line of a choice list; `refused` says why it cannot be chosen."""

    name: str
    words: Message
    detail: Message = ""
    refused: Message = ""

    @classmethod
    def each(cls, names: Iterable[str], key: str) -> tuple[Choice, ...]:
        """Return a line for each name, its words the phrase `key` + name."""
        return tuple(cls(str(name), message(f"{key}{name}")) for name in names)


NOTHING = Empty("")
"""What a list shows before it was read."""


class Place(NamedTuple):
    """Somewhere that the left navigation leads: the screen, its word and icon, how many things wait there."""

    screen: str
    words: Message
    icon: str
    waiting: int = 0


class Rail(NamedTuple):
    """The left navigation: the places of a role, and its settings; without places it takes no room."""

    places: tuple[Place, ...] = ()
    settings: Place | None = None


# What is left on a screen whose content could not be read: trying again and going back.

V = TypeVar("V", bound=ViewState)


class Leavable(Protocol):
    """A presenter that reads its content anew and goes back."""

    def refresh(self) -> None:
        """Read the content anew."""

    def back(self) -> None:
        """Go back."""


def leave(back: Callable[[], None]) -> Command:
    """Return the command at the left end of the bar."""
    return Command("back", message("act.back"), Action.BACK, Weight.PLAIN, runs=back)


def unread(state: V, problem: Problem, screen: Leavable) -> V:
    """Return the state of a screen that says what went wrong instead of its content."""
    again = Command("refresh", message("act.refresh"), Action.REFRESH, Weight.PRIMARY, runs=screen.refresh)
    return replace(state, stage=Stage.ERROR, problem=problem, retry=again, bar=Bar(leave(screen.back)))
