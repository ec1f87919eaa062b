"""Surat: the letters of one activity, what is still missing, and the whole archive by searching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.fields import OF_RECORDS
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows, rows_of
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("surat.letter")),
    Column(phrase("surat.number"), 280),
    Column(phrase("surat.state"), 276),
    Column(phrase("surat.day"), 150),
)
MISSING = "missing:"
"""Begins the name of a row whose letter does not exist yet; its kind follows."""

_TONES = {
    LetterState.DRAFT: Tone.SOFT,
    LetterState.WAITING: Tone.CAUTION,
    LetterState.UNKNOWN: Tone.BAD,
    LetterState.ISSUED: Tone.GOOD,
    LetterState.VOID: Tone.NEUTRAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersState(ViewState):
    """The letters as searched."""

    title: Words = ""
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING


@dataclass(frozen=True, slots=True)
class _Found:
    letters: Sequence[Letter]
    where: str
    is_archive: bool


class LettersPresenter(Presenter[LettersState]):
    """Finds a letter, or begins one; without an activity only the archive is shown."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(LettersState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._activity_id = desk, tasks, navigator, activity_id
        self._text = self._selected = ""
        self._kinds: dict[str, LetterKind] = {}
        self._is_drafting = False

    def start(self) -> None:
        """Read the list anew."""
        self._is_drafting = False
        self.search(self._text)

    refresh = start

    def search(self, text: str) -> None:
        """Search the whole archive; nothing typed shows the letters of the activity."""
        self._text = text
        self._tasks.run(STORE, lambda: self._find(text), self._found, self._failed)

    def _find(self, text: str) -> _Found:
        office = self._desk.office
        if text.strip() or not self._activity_id:
            return _Found(office.letters.search(text), "", is_archive=True)
        return _Found(
            office.letters.of(self._activity_id), office.letters.place_of(self._activity_id), is_archive=False
        )

    def _found(self, found: _Found) -> None:
        rows = [self._row(letter) for letter in found.letters]
        kinds = {letter.thing_id: letter.letter for letter in found.letters}
        missing: list[LetterKind] = []
        if not found.is_archive:
            there = {letter.letter for letter in found.letters if letter.state is not LetterState.VOID}
            missing = [kind for kind in LetterKind if kind not in there and kind not in OF_RECORDS]
            rows.extend(self._missing_row(kind) for kind in missing)
            kinds |= {f"{MISSING}{kind.value}": kind for kind in missing}
        self._kinds = kinds
        drafts = sum(letter.state is LetterState.DRAFT for letter in found.letters)
        waiting = sum(letter.state in (LetterState.WAITING, LetterState.UNKNOWN) for letter in found.letters)
        tags = []
        if drafts:
            tags.append(Tag(phrase("surat.drafts", count=drafts)))
        if waiting:
            tags.append(Tag(phrase("surat.waiting", count=waiting), Tone.CAUTION))
        if missing:
            tags.append(Tag(phrase("surat.missing_count", count=len(missing)), Tone.NEUTRAL))
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=found.where or self.state.where,
                title=phrase("surat.archive" if found.is_archive else "surat.title"),
                rows=rows_of(tuple(rows)),
                tags=tuple(tags),
                nothing=self._nothing(),
                problem=None,
                retry=None,
            )
        )
        if self._selected not in kinds:
            self._selected = next(iter(kinds), "")
        self._become(replace(self.state, bar=self._bar()))

    def _nothing(self) -> Empty:
        if self._text.strip():
            return Empty(phrase("surat.not_found", text=self._text), phrase("surat.not_found_hint"))
        return Empty(phrase("surat.empty"), phrase("surat.empty_hint"))

    def select(self, name: str) -> None:
        """Let the bar speak of the row under the cursor."""
        self._selected = name
        self._become(replace(self.state, bar=self._bar()))

    def accept(self) -> None:
        """Open the letter under the cursor, or begin it."""
        self.open(self._selected)

    def open(self, name: str) -> None:
        """Open a letter; one that is missing is drafted first."""
        kind = self._kinds.get(name)
        if kind is None:
            return
        if not name.startswith(MISSING):
            self._navigator.push("letter", letter_id=name)
        elif self._desk.office.letters.may_write(kind):
            self._draft(kind)

    def draft_another(self) -> None:
        """Begin one more letter of the kind under the cursor."""
        kind = self._kinds.get(self._selected)
        if kind is not None and not self._refused_another(kind):
            self._draft(kind)

    def _draft(self, kind: LetterKind) -> None:
        if self._is_drafting:
            return
        self._is_drafting = True
        letters, activity_id = self._desk.office.letters, self._activity_id
        self._tasks.run(STORE, lambda: letters.draft(kind, activity_id), self._drafted, self._refused)

    def _drafted(self, letter: Letter) -> None:
        self._navigator.push("letter", letter_id=letter.thing_id)

    def _refused(self, problem: Problem) -> None:
        self._is_drafting = False
        self._become(replace(self.state, problem=problem, retry=None))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    def _bar(self) -> Bar:
        kind = self._kinds.get(self._selected)
        is_missing = self._selected.startswith(MISSING)
        refused: Words = ""
        if kind is None:
            refused = phrase("surat.choose_first")
        elif is_missing and not self._desk.office.letters.may_write(kind):
            refused = phrase("surat.not_yours")
        words = phrase("surat.write" if is_missing else "surat.open")
        accept = Command("accept", words, Act.ACCEPT, Weight.PRIMARY, refused)
        another = Command("draft_another", phrase("surat.another"), Act.NEW, refused=self._refused_another(kind))
        return Bar(BACK, (another, accept) if self._activity_id else (accept,), phrase("surat.keys"))

    def _refused_another(self, kind: LetterKind | None) -> Words:
        if kind is None:
            return phrase("surat.choose_first")
        if kind in OF_RECORDS:
            return phrase("surat.by_itself")
        return "" if self._desk.office.letters.may_write(kind) else phrase("surat.not_yours")

    def _row(self, letter: Letter) -> Row:
        at = self._desk.clock.local(letter.issued_at or letter.made_at).date()
        provisional: Words = phrase("surat.provisional", number=letter.provisional)
        number = Cell(letter.number, provisional) if letter.number else Cell(provisional, is_muted=True)
        return Row(
            letter.thing_id,
            (
                Cell(kind_words(letter.letter), letter.title, is_strong=True),
                number,
                Cell(tags=(state_tag(letter),)),
                Cell(day_text(at)),
            ),
        )

    def _missing_row(self, kind: LetterKind) -> Row:
        tag = Tag(phrase("surat.missing"), Tone.NEUTRAL)
        return Row(
            f"{MISSING}{kind.value}",
            (Cell(kind_words(kind), is_muted=True), Cell(), Cell(tags=(tag,)), Cell()),
        )


def kind_words(kind: LetterKind) -> Words:
    """Return the name of a kind of letter."""
    return phrase(f"letter.{kind.value}")


def state_tag(letter: Letter) -> Tag:
    """Return how far a letter is."""
    return Tag(phrase(f"surat.state_{letter.state.value}"), _TONES[letter.state])
