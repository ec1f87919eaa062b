"""Surat: the letters of one activity with what is still missing, or the whole archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from fieldkit.domain.letters.fields import OF_RECORDS
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.archive_letters import file_name
from ui.presenters.actions import Action
from ui.presenters.commands import Command, enter
from ui.presenters.figures import Cell
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone
from ui.presenters.printing import Paper

MISSING = "missing:"
"""Begins the name of a row whose letter does not exist yet; its kind follows."""

_TONES = {
    LetterState.DRAFT: Tone.SOFT,
    LetterState.WAITING: Tone.CAUTION,
    LetterState.UNKNOWN: Tone.BAD,
    LetterState.ISSUED: Tone.GOOD,
    LetterState.VOID: Tone.NEUTRAL,
}
_SHOWN = {
    "draft": (LetterState.DRAFT,),
    "waiting": (LetterState.WAITING, LetterState.UNKNOWN),
    "issued": (LetterState.ISSUED,),
    "void": (LetterState.VOID,),
}


@dataclass(frozen=True, slots=True)
class LetterEntry:
    """A letter, or one that the activity lacks."""

    kind: LetterKind
    letter: Letter | None = None


class Letters(OfficeList):
    """Opens a letter, or begins one; without an activity the whole archive is shown."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(context, navigator, activity_id)
        self._letters = context.office.letters
        self._place = ""  # of the activity, once it was read

    def screen(self) -> ListScreen[LetterEntry]:
        """Return the list."""
        tones = {name: _TONES[states[0]] for name, states in _SHOWN.items()}
        standing = {name: _stands(states) for name, states in _SHOWN.items()}
        states: tuple[Filter[LetterEntry], ...] = Filter.by("surat.state_", standing, tones)
        missing: Filter[LetterEntry] = Filter(
            "missing", message("surat.missing"), lambda e: e.letter is None, Tone.NEUTRAL
        )
        return ListScreen(
            title=message("surat.title" if self._of else "surat.archive"),
            heads=(
                Head(message("common.letter"), _what, order=lambda e: e.kind.value),
                Head(message("common.number"), _number, 280, lambda e: e.letter.number if e.letter else ""),
                Head.tagged(message("common.state"), _state, 276, lambda e: str(e.letter and e.letter.state)),
                Head(message("common.day"), self._day, 150, lambda e: str(e.letter and e.letter.made_at)),
            ),
            load=self._load,
            name=lambda e: e.letter.thing_id if e.letter else f"{MISSING}{e.kind.value}",
            text=lambda e: e.letter.words if e.letter else e.kind.value.replace("_", " "),
            reads=frozenset({Letter.KIND}),
            filters=((ALL, *states, *((missing,) if self._of else ())),),
            empty=nothing_yet("surat.empty"),
            commands=self._commands,
            hint=message("surat.search_hint"),
            where=lambda _: self._place,
        )

    def _load(self) -> Sequence[LetterEntry]:
        if not self._of:
            return [LetterEntry(letter.letter, letter) for letter in self._letters.search()]
        self._place, letters = self._letters.place_of(self._of), self._letters.of(self._of)
        return [
            *(LetterEntry(letter.letter, letter) for letter in letters),
            *map(LetterEntry, self._letters.missing(self._of)),
        ]

    def _day(self, entry: LetterEntry) -> Cell:
        letter = entry.letter
        return Cell(self._day_text(letter.issued_at or letter.made_at) if letter else "")

    def _commands(self, listed: Listed[LetterEntry]) -> tuple[Command, ...]:
        entry = listed.current
        refused: Message = self._refused(entry.kind) if entry else message("common.choose_letter")
        draft = self._shown(partial(self._letters.draft, entry.kind, self._of)) if entry else None
        if entry is not None and entry.letter is None:
            accept = enter(message("surat.write"), draft, refused)
        else:
            at, none = entry.letter.thing_id if entry and entry.letter else "", "" if entry else refused
            accept = self._opens("accept", message("surat.open"), Action.ACCEPT, none, "letter", letter_id=at)
        if not self._of:
            return (self._opens("verify", message("tte.verify_title"), Action.GROUP, "", "verify_letter"), accept)
        archive = self._opens("archive", message("surat.archive"), Action.GROUP, "", "letters").quiet()
        another = Command("draft_another", message("surat.another"), Action.NEW, refused=refused, runs=draft)
        return (archive, another, accept)

    def _refused(self, kind: LetterKind) -> Message:
        """Return why no letter of this kind can be begun."""
        if kind in OF_RECORDS:
            return message("surat.by_itself")
        return "" if self._letters.may_write(kind) else message("surat.not_yours")


def _stands(states: tuple[LetterState, ...]) -> Callable[[LetterEntry], bool]:
    return lambda entry: entry.letter is not None and entry.letter.state in states


def _what(entry: LetterEntry) -> Cell:
    words = kind_words(entry.kind)
    return Cell(words, entry.letter.title, is_strong=True) if entry.letter else Cell(words, is_muted=True)


def _number(entry: LetterEntry) -> Cell:
    letter = entry.letter
    if letter is None:
        return Cell()
    provisional = message("surat.provisional", number=letter.provisional)
    return Cell(letter.number, provisional) if letter.number else Cell(provisional, is_muted=True)


def _state(entry: LetterEntry) -> Tag:
    return state_tag(entry.letter) if entry.letter else Tag(message("surat.missing"), Tone.NEUTRAL)


def paper_of(context: AppContext, letter: Letter) -> Paper:
    """Return an issued letter as it is printed or kept: signed pages with the picture of the signature. Blocks."""
    letters, at = context.office.letters, letter.thing_id
    sheets = context.office.signing.pages(at) if letter.signed_pdf else letters.sheets(at)
    return Paper(file_name(letter).removesuffix(".pdf"), letters.pdf(at), sheets)


def kind_words(kind: LetterKind) -> Message:
    """Return the name of a kind of letter."""
    return message(f"letter.{kind.value}")


def state_tag(letter: Letter) -> Tag:
    """Return how far a letter is."""
    return Tag(message(f"surat.state_{letter.state.value}"), _TONES[letter.state])
