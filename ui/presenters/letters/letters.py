"""Surat: the letters of one activity with what is still missing, or the whole archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.fields import OF_RECORDS
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Permission
from fieldkit.domain.typed import chosen
from fieldkit.ports.vault import SignatureSeen, Standing, Verdict
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.print_papers import file_name
from fieldkit.services.letters.sign_letters import MOST_BYTES, CheckedFile
from ui.presenters.amounts import moment_text
from ui.presenters.figures import FigureCell
from ui.presenters.form import Form, FormField, closed_form
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, OfficeList, nothing_yet
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Tag, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, enter, message, opens
from ui.presenters.printing import Paper
from ui.presenters.readers import answer, read_file
from ui.presenters.tasks import COMPUTE, Tasks

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

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "", kinds: str = "") -> None:
        """`kinds`, with spaces between, are those that a step asks for: the cursor begins on the first of them."""
        super().__init__(context, navigator, activity_id)
        self._letters, self._kinds = context.office.letters, frozenset(kinds.split())
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
            begins_at=lambda e: e.kind in self._kinds,
        )

    def _load(self) -> Sequence[LetterEntry]:
        if not self._of:
            return [LetterEntry(letter.letter, letter) for letter in self._letters.search()]
        self._place, letters = self._letters.place_of(self._of), self._letters.of(self._of)
        return [
            *(LetterEntry(letter.letter, letter) for letter in letters),
            *map(LetterEntry, self._letters.missing(self._of)),
        ]

    def _day(self, entry: LetterEntry) -> FigureCell:
        letter = entry.letter
        return FigureCell(self._day_text(letter.issued_at or letter.made_at) if letter else "")

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


def _what(entry: LetterEntry) -> FigureCell:
    words = kind_words(entry.kind)
    return FigureCell(words, entry.letter.title, is_strong=True) if entry.letter else FigureCell(words, is_muted=True)


def _number(entry: LetterEntry) -> FigureCell:
    letter = entry.letter
    if letter is None:
        return FigureCell()
    provisional = message("surat.provisional", number=letter.provisional)
    return FigureCell(letter.number, provisional) if letter.number else FigureCell(provisional, is_muted=True)


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


# Formulir resmi: which official form of a person or an application to fill; it opens as a letter to print or keep.


def form_choice(context: AppContext, target_id: str = "", application_id: str = "") -> Form:
    """Return the choice of a form for somebody on the list, or for an application."""
    forms, title = context.office.forms, message("common.official_forms")
    if not forms.offered():
        return closed_form(context, title, Permission.SERVE_KK, message("surat.not_yours"))

    def load() -> tuple[FormField, ...]:
        choices = tuple(Choice(kind.value, kind_words(kind)) for kind in forms.offered())
        return (FormField("form", message("common.form"), choices=choices),)

    def keep(values: Mapping[str, str]) -> Letter:
        kind = answer(values, "form", chosen(LetterKind))
        return forms.of_application(kind, application_id) if application_id else forms.of_target(kind, target_id)

    return Form(
        title,
        load,
        keep,
        message("surat.official_forms_hint"),
        message("surat.fill_form"),
        lambda navigator, letter: navigator.replace("letter", letter_id=letter.thing_id),
        wide={"form": 4},
    )


def forms_command(
    context: AppContext, navigator: Navigator, target_id: str, weight: Weight = Weight.PLAIN, none: Message = ""
) -> Command:
    """Return the command that opens the forms of a person; `none` says why there is nobody."""
    refused = none or ("" if context.office.forms.offered() else message("surat.not_yours"))
    runs = opens(navigator, "official_form", target_id=target_id)
    return Command("official_form", message("common.official_forms"), Action.FORMS, weight, refused, runs)


# Periksa tanda tangan: is a letter that somebody sent signed, by whom, and what are its signatures worth?

_PROOF_TONES = {
    Standing.VALID: Tone.GOOD,
    Standing.CHANGED: Tone.BAD,
    Standing.UNTRUSTED: Tone.CAUTION,
    Standing.UNSIGNED: Tone.NEUTRAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyLetterState(ViewState):
    """The file that was named, and what its signatures are worth."""

    path: str = ""
    wrong: Problem | None = None  # below the field
    name: Message = ""
    verdict: VerdictShown | None = None
    pages: tuple[bytes, ...] = ()


class VerifyLetterPresenter(OperatingPresenter[VerifyLetterState]):
    """Checks a file, or a letter of the archive when it is opened with one."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, letter_id: str = "") -> None:
        super().__init__(VerifyLetterState(bar=self._bar()), tasks)
        self._context, self._navigator, self._letter_id = context, navigator, letter_id

    def start(self) -> None:
        """Check the letter that the screen was opened with."""
        if self._letter_id:
            self._run(self._checked_letter)

    def _checked_letter(self) -> CheckedFile:
        signing, letter = self._context.office.signing, self._context.office.letters.get(self._letter_id)
        return CheckedFile(letter.title, signing.verify_letter(letter.thing_id), signing.pages(letter.thing_id))

    def type_path(self, path: str) -> None:
        """Note what was typed so far."""
        self._become(replace(self.state, path=path, wrong=None))

    def accept(self) -> None:
        """Check the named file."""
        path = self.state.path
        if not path.strip():
            self._stopped(Problem("tte.path_missing"))
            return
        check = self._context.office.signing.check_file
        self._run(lambda: check(*read_file(path, "tte.file_unreadable", MOST_BYTES)))

    def _run(self, check: Callable[[], CheckedFile]) -> None:
        checking = message("tte.checking")
        self._operate(Operation(work=check, done=self._checked, executor=COMPUTE, busy=checking))

    def _checked(self, checked: CheckedFile) -> None:
        verdict = shown(checked.verdict, self._context.clock.local)
        self._become(replace(self.state, wrong=None, name=checked.name, verdict=verdict, pages=tuple(checked.pages)))

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        self._become(replace(self.state, problem=None, wrong=problem, verdict=None, name="", pages=()))

    def _bar(self) -> Bar:
        check = enter(message("tte.check"), self.accept)
        return Bar(leave(self.back), (check,), message("tte.check_note"))


@dataclass(frozen=True, slots=True)
class SignatureShown:
    """One signature: who, when and by whose word, and what holds."""

    signer: Message
    line: Message
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class VerdictShown:
    """The verdict as a card: the word, what it means, what to do, and each signature."""

    tag: Tag
    tone: Tone
    title: Message
    meaning: Message
    signatures: tuple[SignatureShown, ...] = ()


def shown(verdict: Verdict, local: Callable[[datetime], datetime]) -> VerdictShown:
    """Return the card; `local` puts times on the wall clock of the dinas."""
    name, tone = verdict.standing.value, _PROOF_TONES[verdict.standing]
    return VerdictShown(
        Tag(message(f"tte.standing.{name}"), tone),
        tone,
        message(f"tte.verdict.{name}"),
        message(f"tte.meaning.{name}"),
        tuple(_signature(seen, local) for seen in verdict.signatures),
    )


def _signature(seen: SignatureSeen, local: Callable[[datetime], datetime]) -> SignatureShown:
    at = moment_text(local(seen.signed_at)) if seen.signed_at else "–"
    clock = "certified" if seen.is_time_certified else "own"
    return SignatureShown(
        seen.signer or message("tte.signer_unknown"),
        message(f"tte.line_{clock}", at=at, issuer=seen.issuer or "–"),
        (
            _tag("intact", holds=seen.is_intact),
            _tag("whole", holds=seen.covers_all),
            _tag("trusted", holds=seen.is_trusted, otherwise=Tone.CAUTION),
        ),
    )


def _tag(name: str, *, holds: bool, otherwise: Tone = Tone.BAD) -> Tag:
    return Tag(message(f"tte.{name}"), Tone.GOOD) if holds else Tag(message(f"tte.not_{name}"), otherwise)
