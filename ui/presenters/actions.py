"""Everything a key can do: the one table from which the keyboard, the key caps and the help are made."""

from __future__ import annotations

from enum import StrEnum

from ui.presenters.messages import Message, message


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
    SEND_AGAIN = "send_again", "Ctrl+K"
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
