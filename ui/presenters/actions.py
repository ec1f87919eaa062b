"""Everything a key can do: the one table from which the keyboard, the key caps and the help overlay are made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.recording.positions import Position
from ui.presenters.messages import Message, message


class Action(StrEnum):
    """Something that a person can ask for by key. The value is the catalogue key of its words, behind `act.`."""

    CAPTURE = "capture"
    ACCEPT = "accept"
    REPEAT = "repeat"
    EXCEPTION = "exception"
    POSTPONE = "postpone"
    PRINT = "print"
    TEST = "test"
    USB = "usb"
    HAND_IN = "hand_in"
    PAUSE = "pause"
    SEND_AGAIN = "send_again"
    HAND_OVER = "hand_over"
    SET_ASIDE = "set_aside"
    LETTER = "letter"
    VERIFY = "verify"
    CARD = "card"
    PERSON_NOTES = "person_notes"
    FINGER = "finger"
    LEAD = "lead"
    COMPLETE = "complete"
    CLEAN = "clean"
    NOTE = "note"
    PHOTO = "photo"
    IZIN = "izin"
    KITS = "kits"
    ADD = "add"
    HISTORY = "history"
    REPAIR = "repair"
    UNDO = "undo"
    THROW_AWAY = "throw_away"
    SEARCH = "search"
    REFRESH = "refresh"
    FILTER = "filter"
    GROUP = "group"
    SORT = "sort"
    TICK_ALL = "tick_all"
    CALENDAR = "calendar"
    NEW = "new"
    NEW_PLAN = "new_plan"
    ISSUE = "issue"
    PROPOSE = "propose"
    ROUTE = "route"
    APPROVE = "approve"
    DIRECT = "direct"
    STAFF = "staff"
    REMOVE = "remove"
    EVALUATE = "evaluate"
    TRIP = "trip"
    RECAP = "recap"
    LOCATE = "locate"
    ESCORT = "escort"
    MORE = "more"
    NEXT_STEP = "next_step"
    PREVIOUS_STEP = "previous_step"
    CHOICE_1 = "choice_1"
    CHOICE_2 = "choice_2"
    CHOICE_3 = "choice_3"
    CHOICE_4 = "choice_4"
    CHOICE_5 = "choice_5"
    CHOICE_6 = "choice_6"
    CHOICE_7 = "choice_7"
    CHOICE_8 = "choice_8"
    CHOICE_9 = "choice_9"
    CHOICE_10 = "choice_10"
    BACK = "back"
    HELP = "help"
    LANGUAGE = "language"
    THEME = "theme"
    SIGN_OUT = "sign_out"
    LOCK = "lock"
    BLANK = "blank"


class Scope(StrEnum):
    """Where a key holds; the heads of the help overlay."""

    ANYWHERE = "anywhere"
    RECORDING = "recording"
    LISTS = "lists"
    SARPRAS = "sarpras"
    PLANNING = "planning"
    QUEUE = "queue"
    FIELD = "field"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One line of the table. `key` is in the portable text of QKeySequence, `cap` what the key cap shows."""

    act: Action
    key: str
    cap: Message
    scope: Scope


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut(Action.ACCEPT, "Return", "Enter", Scope.ANYWHERE),
    Shortcut(Action.BACK, "Esc", "Esc", Scope.ANYWHERE),
    Shortcut(Action.HELP, "F1", "F1", Scope.ANYWHERE),
    Shortcut(Action.LANGUAGE, "F2", "F2", Scope.ANYWHERE),
    Shortcut(Action.THEME, "F3", "F3", Scope.ANYWHERE),
    Shortcut(Action.SIGN_OUT, "F10", "F10", Scope.ANYWHERE),
    Shortcut(Action.LOCK, "F11", "F11", Scope.ANYWHERE),
    Shortcut(Action.BLANK, "F12", "F12", Scope.ANYWHERE),
    Shortcut(Action.UNDO, "Ctrl+Z", "Ctrl Z", Scope.ANYWHERE),
    Shortcut(Action.THROW_AWAY, "Shift+Esc", "Shift Esc", Scope.ANYWHERE),
    Shortcut(Action.CAPTURE, "Space", message("act.key_space"), Scope.RECORDING),
    Shortcut(Action.REPEAT, "R", "R", Scope.RECORDING),
    Shortcut(Action.EXCEPTION, "X", "X", Scope.RECORDING),
    Shortcut(Action.POSTPONE, "S", "S", Scope.RECORDING),
    Shortcut(Action.LEAD, "K", "K", Scope.RECORDING),
    Shortcut(Action.NEXT_STEP, "PgDown", "PgDn", Scope.RECORDING),
    Shortcut(Action.PREVIOUS_STEP, "PgUp", "PgUp", Scope.RECORDING),
    Shortcut(Action.SEARCH, "Ctrl+F", "Ctrl F", Scope.LISTS),
    Shortcut(Action.REFRESH, "F5", "F5", Scope.LISTS),
    Shortcut(Action.FILTER, "Ctrl+S", "Ctrl S", Scope.LISTS),
    Shortcut(Action.GROUP, "Ctrl+O", "Ctrl O", Scope.LISTS),
    Shortcut(Action.SORT, "Ctrl+Y", "Ctrl Y", Scope.LISTS),
    Shortcut(Action.TICK_ALL, "Ctrl+A", "Ctrl A", Scope.LISTS),
    Shortcut(Action.CALENDAR, "Ctrl+T", "Ctrl T", Scope.LISTS),
    Shortcut(Action.NEW, "Ctrl+B", "Ctrl B", Scope.LISTS),
    Shortcut(Action.ISSUE, "Ctrl+Return", "Ctrl Enter", Scope.LISTS),
    Shortcut(Action.NEW_PLAN, "Ctrl+J", "Ctrl J", Scope.LISTS),
    Shortcut(Action.CARD, "F4", "F4", Scope.LISTS),
    Shortcut(Action.PERSON_NOTES, "F9", "F9", Scope.LISTS),
    Shortcut(Action.PRINT, "P", "P", Scope.LISTS),
    Shortcut(Action.TEST, "T", "T", Scope.LISTS),
    Shortcut(Action.USB, "U", "U", Scope.QUEUE),
    Shortcut(Action.HAND_IN, "Ins", "Ins", Scope.QUEUE),
    Shortcut(Action.PAUSE, "Ctrl+.", "Ctrl .", Scope.QUEUE),
    Shortcut(Action.SEND_AGAIN, "Ctrl+K", "Ctrl K", Scope.QUEUE),
    Shortcut(Action.HAND_OVER, "Ctrl+U", "Ctrl U", Scope.QUEUE),
    Shortcut(Action.SET_ASIDE, "Ctrl+E", "Ctrl E", Scope.QUEUE),
    Shortcut(Action.FINGER, "J", "J", Scope.LISTS),
    Shortcut(Action.LETTER, "B", "B", Scope.LISTS),
    Shortcut(Action.VERIFY, "V", "V", Scope.LISTS),
    Shortcut(Action.MORE, "M", "M", Scope.LISTS),
    Shortcut(Action.COMPLETE, "L", "L", Scope.SARPRAS),
    Shortcut(Action.CLEAN, "H", "H", Scope.SARPRAS),
    Shortcut(Action.NOTE, "C", "C", Scope.SARPRAS),
    Shortcut(Action.PHOTO, "F", "F", Scope.SARPRAS),
    Shortcut(Action.IZIN, "I", "I", Scope.SARPRAS),
    Shortcut(Action.KITS, "G", "G", Scope.SARPRAS),
    Shortcut(Action.ADD, "F6", "F6", Scope.SARPRAS),
    Shortcut(Action.HISTORY, "F7", "F7", Scope.SARPRAS),
    Shortcut(Action.REPAIR, "F8", "F8", Scope.SARPRAS),
    Shortcut(Action.PROPOSE, "Ctrl+W", "Ctrl W", Scope.PLANNING),
    Shortcut(Action.ROUTE, "Ctrl+R", "Ctrl R", Scope.PLANNING),
    Shortcut(Action.APPROVE, "Ctrl+I", "Ctrl I", Scope.PLANNING),
    Shortcut(Action.DIRECT, "Ctrl+G", "Ctrl G", Scope.PLANNING),
    Shortcut(Action.STAFF, "Ctrl+P", "Ctrl P", Scope.PLANNING),
    Shortcut(Action.REMOVE, "Ctrl+H", "Ctrl H", Scope.PLANNING),
    Shortcut(Action.EVALUATE, "E", "E", Scope.PLANNING),
    Shortcut(Action.TRIP, "Ctrl+L", "Ctrl L", Scope.FIELD),
    Shortcut(Action.RECAP, "Ctrl+D", "Ctrl D", Scope.FIELD),
    Shortcut(Action.LOCATE, "Ctrl+N", "Ctrl N", Scope.FIELD),
    Shortcut(Action.ESCORT, "Ctrl+M", "Ctrl M", Scope.FIELD),
    *(Shortcut(Action(f"choice_{n}"), str(n % 10), str(n % 10), Scope.NUMBERS) for n in range(1, 11)),
)

CHOICES: tuple[Action, ...] = tuple(Action(f"choice_{n}") for n in range(1, 11))
"""The keys 1 … 9, 0: big cards on Beranda, lines of a choice list, fingers while recording."""


def shortcut_of(act: Action) -> Shortcut:
    """Return the line of the table for an act."""
    return next(shortcut for shortcut in SHORTCUTS if shortcut.act is act)


def finger_of(act: Action) -> Position | None:
    """Return the finger behind a number key, by the finger codes 1–10 of ISO/IEC 19794-4."""
    return tuple(Position)[CHOICES.index(act)] if act in CHOICES else None
