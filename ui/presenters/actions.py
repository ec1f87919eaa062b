"""Everything a key can do: the one table from which the keyboard, the key caps and the help are made."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ui.presenters.messages import Message, message


class Action(StrEnum):
    """Something that a person can ask for by key. The value is the catalogue key of its words, behind `act.`."""

    CAPTURE = "capture"
    ACCEPT = "accept"
    REPEAT = "repeat"
    EXCEPTION = "exception"
    POSTPONE = "postpone"
    PRINT = "print"
    PRINT_RECEIPT = "print_receipt"
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
    FORMS = "forms"
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
    TODAY = "today"
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
    READ = "read"
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
    WAYS_BACK = "ways_back"
    LANGUAGE = "language"
    THEME = "theme"
    SIZE = "size"
    VOICE = "voice"
    SIGN_OUT = "sign_out"
    LOCK = "lock"
    BLANK = "blank"


class Shortcut(NamedTuple):
    """One line of the table. `key` is in the portable text of QKeySequence, `cap` what the key cap shows."""

    act: Action
    key: str
    cap: Message


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut(Action.ACCEPT, "Return", "Enter"),
    Shortcut(Action.BACK, "Esc", "Esc"),
    Shortcut(Action.HELP, "F1", "F1"),
    Shortcut(Action.WAYS_BACK, "Shift+F1", "Shift F1"),
    Shortcut(Action.LANGUAGE, "F2", "F2"),
    Shortcut(Action.THEME, "F3", "F3"),
    Shortcut(Action.SIZE, "Ctrl++", "Ctrl +"),
    Shortcut(Action.VOICE, "Shift+F3", "Shift F3"),
    Shortcut(Action.SIGN_OUT, "F10", "F10"),
    Shortcut(Action.LOCK, "F11", "F11"),
    Shortcut(Action.BLANK, "F12", "F12"),
    Shortcut(Action.UNDO, "Ctrl+Z", "Ctrl Z"),
    Shortcut(Action.THROW_AWAY, "Shift+Esc", "Shift Esc"),
    Shortcut(Action.CAPTURE, "Space", message("act.key_space")),
    Shortcut(Action.REPEAT, "R", "R"),
    Shortcut(Action.EXCEPTION, "X", "X"),
    Shortcut(Action.POSTPONE, "S", "S"),
    Shortcut(Action.LEAD, "K", "K"),
    Shortcut(Action.NEXT_STEP, "PgDown", "PgDn"),
    Shortcut(Action.PREVIOUS_STEP, "PgUp", "PgUp"),
    Shortcut(Action.READ, "Ctrl+Space", message("act.key_ctrl_space")),
    Shortcut(Action.SEARCH, "Ctrl+F", "Ctrl F"),
    Shortcut(Action.REFRESH, "F5", "F5"),
    Shortcut(Action.FILTER, "Ctrl+S", "Ctrl S"),
    Shortcut(Action.GROUP, "Ctrl+O", "Ctrl O"),
    Shortcut(Action.SORT, "Ctrl+Y", "Ctrl Y"),
    Shortcut(Action.TICK_ALL, "Ctrl+A", "Ctrl A"),
    Shortcut(Action.CALENDAR, "Ctrl+T", "Ctrl T"),
    Shortcut(Action.NEW, "Ctrl+B", "Ctrl B"),
    Shortcut(Action.ISSUE, "Ctrl+Return", "Ctrl Enter"),
    Shortcut(Action.NEW_PLAN, "Ctrl+J", "Ctrl J"),
    Shortcut(Action.TODAY, "Shift+F6", "Shift F6"),
    Shortcut(Action.CARD, "F4", "F4"),
    Shortcut(Action.PERSON_NOTES, "F9", "F9"),
    Shortcut(Action.FORMS, "Shift+F9", "Shift F9"),
    Shortcut(Action.PRINT, "P", "P"),
    Shortcut(Action.PRINT_RECEIPT, "Shift+P", "Shift P"),
    Shortcut(Action.TEST, "T", "T"),
    Shortcut(Action.USB, "U", "U"),
    Shortcut(Action.HAND_IN, "Ins", "Ins"),
    Shortcut(Action.PAUSE, "Ctrl+.", "Ctrl ."),
    Shortcut(Action.SEND_AGAIN, "Ctrl+K", "Ctrl K"),
    Shortcut(Action.HAND_OVER, "Ctrl+U", "Ctrl U"),
    Shortcut(Action.SET_ASIDE, "Ctrl+E", "Ctrl E"),
    Shortcut(Action.FINGER, "J", "J"),
    Shortcut(Action.LETTER, "B", "B"),
    Shortcut(Action.VERIFY, "V", "V"),
    Shortcut(Action.MORE, "M", "M"),
    Shortcut(Action.COMPLETE, "L", "L"),
    Shortcut(Action.CLEAN, "H", "H"),
    Shortcut(Action.NOTE, "C", "C"),
    Shortcut(Action.PHOTO, "F", "F"),
    Shortcut(Action.IZIN, "I", "I"),
    Shortcut(Action.KITS, "G", "G"),
    Shortcut(Action.ADD, "F6", "F6"),
    Shortcut(Action.HISTORY, "F7", "F7"),
    Shortcut(Action.REPAIR, "F8", "F8"),
    Shortcut(Action.PROPOSE, "Ctrl+W", "Ctrl W"),
    Shortcut(Action.ROUTE, "Ctrl+R", "Ctrl R"),
    Shortcut(Action.APPROVE, "Ctrl+I", "Ctrl I"),
    Shortcut(Action.DIRECT, "Ctrl+G", "Ctrl G"),
    Shortcut(Action.STAFF, "Ctrl+P", "Ctrl P"),
    Shortcut(Action.REMOVE, "Ctrl+H", "Ctrl H"),
    Shortcut(Action.EVALUATE, "E", "E"),
    Shortcut(Action.TRIP, "Ctrl+L", "Ctrl L"),
    Shortcut(Action.RECAP, "Ctrl+D", "Ctrl D"),
    Shortcut(Action.LOCATE, "Ctrl+N", "Ctrl N"),
    Shortcut(Action.ESCORT, "Ctrl+M", "Ctrl M"),
    *(Shortcut(Action(f"choice_{n}"), str(n % 10), str(n % 10)) for n in range(1, 11)),
)

ANYWHERE: tuple[Action, ...] = (
    Action.ACCEPT,
    Action.BACK,
    Action.HELP,
    Action.LANGUAGE,
    Action.THEME,
    Action.SIZE,
    Action.VOICE,
    Action.SIGN_OUT,
    Action.LOCK,
    Action.BLANK,
    Action.UNDO,
    Action.THROW_AWAY,
)
"""The keys of every screen, in the order of the help."""

CHOICES: tuple[Action, ...] = tuple(Action(f"choice_{n}") for n in range(1, 11))
"""The keys 1 … 9, 0: big cards on Beranda, lines of a choice list, fingers while recording."""


def shortcut_of(act: Action) -> Shortcut:
    """Return the line of the table for an act."""
    return next(shortcut for shortcut in SHORTCUTS if shortcut.act is act)
