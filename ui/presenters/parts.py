"""Values from which view states are built. No Qt here: a presenter makes them, a widget draws them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.errors import Problem
from ui.presenters.acts import Act
from ui.presenters.words import Words


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


@dataclass(frozen=True, slots=True)
class Tag:
    """A short word on its tone's ground; `icon` of `assets/icons` takes the place of the tone's own."""

    words: Words
    tone: Tone = Tone.SOFT
    icon: str = ""


class Weight(StrEnum):
    """How strongly a button asks to be pressed; one primary per screen."""

    PRIMARY = "primary"
    SECOND = "second"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Action:
    """A button of the bottom bar or of a panel. `intent` names a signal of the view without arguments.

    An action with `refused` is shown greyed with this reason, and says it when pressed.
    """

    intent: str
    words: Words
    act: Act | None = None
    weight: Weight = Weight.SECOND
    refused: Words = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """The bottom bar: back at the left, then a quiet note, the actions at the right with the primary last."""

    back: Action | None = None
    actions: tuple[Action, ...] = ()
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What stands where nothing is yet, and the next step."""

    title: Words
    hint: Words = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Long work: `done` of `total` in any unit, the words beside it. Total 0 is "not known yet"."""

    title: Words
    done: int = 0
    total: int = 0
    detail: Words = ""  # speed, time left
    cancel: Action | None = None


@dataclass(frozen=True, slots=True)
class Toast:
    """A word at the lower edge that goes by itself; with `undo` it stays ten seconds. A new `serial` shows it again."""

    words: Words
    tone: Tone = Tone.GOOD
    undo: Action | None = None
    serial: int = 0


class Sound(StrEnum):
    """What can be told to ears, for people who look at somebody else."""

    CAPTURED = "captured"
    REPEAT = "repeat"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Chime:
    """A sound that is heard once; a new `serial` is heard again."""

    sound: Sound
    serial: int = 0


def chime_after(last: Chime | None, sound: Sound) -> Chime:
    """Return the next chime of a screen."""
    return Chime(sound, last.serial + 1 if last else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """What every screen's state holds; a screen adds its own fields in a frozen subclass."""

    stage: Stage = Stage.CONTENT
    where: Words = ""  # the top strip: activity, or the masked person
    bar: Bar = Bar()
    empty: Empty | None = None  # of stage EMPTY
    problem: Problem | None = None  # of stage ERROR; with another stage it is a banner above the content
    retry: Action | None = None  # the way out of the problem
    restored: Words = ""  # since when what stands here waits to be accepted: it was left and came back
    progress: Progress | None = None  # of stages LOADING and BUSY
    toast: Toast | None = None
    chime: Chime | None = None


class Light(StrEnum):
    """The shape of a light in the top strip, so that colour is never the only sign."""

    READY = "ready"  # full disc
    BUSY = "busy"  # half disc
    CAUTION = "caution"  # triangle
    BAD = "bad"  # cross
    OFF = "off"  # empty ring


@dataclass(frozen=True, slots=True)
class Lamp:
    """One light with its word; `detail` is told on hovering and to screen readers."""

    words: Words
    light: Light
    detail: Words = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """The top strip. `where` gives way to that of the screen in front. `None` is "not measured"."""

    devices: tuple[Lamp, ...] = ()
    connection: Lamp | None = None
    queue: Words = ""
    battery_percent: int | None = None
    storage: Words = ""
    user: Words = ""
    where: Words = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a choice list; `refused` says why it cannot be chosen."""

    name: str
    words: Words
    detail: Words = ""
    refused: Words = ""


NOTHING = Empty("")
"""What a list shows before it was read."""
