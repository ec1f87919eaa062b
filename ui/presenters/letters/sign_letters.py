"""Tanda tangan: the letters that wait for the head's electronic signature, each seen before it is signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import SigningWay
from fieldkit.domain.people import Permission
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.sign_letters import MOST_BYTES, OpenLetter, SignedLetter
from ui.presenters.amounts import moment_text
from ui.presenters.figures import NO_ROWS, Column, FigureCell, Row, Rows, rows_of
from ui.presenters.letters.letters import shown
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import NOTHING, Bar, Choice, Empty, Stage, Tag, Toast, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Held, Message, Navigator, Operation, enter, message, opens
from ui.presenters.readers import read_file
from ui.presenters.tasks import COMPUTE, STORE, SYNC, Tasks

COLUMNS = (Column(message("common.letter")), Column(message("common.state"), 190))


class Mode(StrEnum):
    """What the left side asks."""

    BROWSE = "browse"
    ASK = "ask"  # passphrase or code of the chosen letter
    SETTLE = "settle"  # what became of a letter in doubt


class Proof(StrEnum):
    """How the signer proves to be the signer."""

    PASSPHRASE = "passphrase"
    CODE = "code"


PROOFS = Choice.each(Proof, "tte.by_")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignLettersState(ViewState):
    """The list, the page of the letter under the cursor, and what is asked. What is typed is never here."""

    rows: Rows = NO_ROWS
    nothing: Empty = NOTHING
    tags: tuple[Tag, ...] = ()
    mode: Mode = Mode.BROWSE
    chosen: str = ""
    title: Message = ""
    facts: tuple[tuple[Message, Message], ...] = ()
    doubt: Problem | None = None
    proofs: tuple[Choice, ...] = ()
    proof: Proof = Proof.PASSPHRASE
    told: Message = ""  # what the service said about a code
    wrong: Problem | None = None  # below the field
    asked: int = 0  # grows with every question, so that the field is emptied
    pages: tuple[bytes, ...] = ()


class SignLettersPresenter(OperatingPresenter[SignLettersState]):
    """Signs one letter at a time; the passphrase goes through and is not kept."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(SignLettersState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator = context, navigator
        self._signing = context.office.signing
        self._text = ""
        self._letters: dict[str, OpenLetter] = {}
        self._way = SigningWay.BSRE
        self._lacks: Problem | None = None  # why nothing can be signed here

    def start(self) -> None:
        """Read the list anew."""
        signing = self._signing
        self._tasks.run(STORE, lambda: (signing.way(), signing.lacks(), signing.waiting()), self._loaded, self._failed)

    def _loaded(self, found: tuple[SigningWay, Problem | None, Sequence[OpenLetter]]) -> None:
        self._way, self._lacks, letters = found
        self._letters = {each.letter.thing_id: each for each in letters}
        if not self._letters:
            bar = Bar(leave(self.back), (self._verify(),))
            self._become(replace(_blank(self.state), stage=Stage.EMPTY, empty=Empty.of("tte.empty"), bar=bar))
            return
        self._list()

    def search(self, text: str) -> None:
        """Show the letters whose title or number has what was typed."""
        self._text = text
        if self._letters:
            self._list()

    def _list(self) -> None:
        wanted = self._text.casefold().split()
        found = [
            each for each in self._letters.values() if all(word in each.letter.words.casefold() for word in wanted)
        ]
        doubts = sum(bool(each.doubt) for each in found)
        tags = (Tag(message("tte.doubts", count=doubts), Tone.BAD),) if doubts else ()
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                rows=rows_of(tuple(map(_row, found)), len(self._letters)),
                tags=tags,
                nothing=Empty(message("tte.not_found", text=self._text), message("tte.not_found_hint")),
            )
        )
        names = [each.letter.thing_id for each in found]
        if self.state.chosen not in names:
            self.select(names[0] if names else "")
        else:
            self._show_chosen()

    # --- the letter under the cursor

    def select(self, letter_id: str) -> None:
        """Show the page and the facts of a letter."""
        if letter_id != self.state.chosen:
            chosen = self._letters.get(letter_id)
            about = chosen.letter.activity_id if chosen is not None else ""
            self._become(replace(self.state, chosen=letter_id, activity_id=about, pages=(), wrong=None, told=""))
            if letter_id:
                self._tasks.run(
                    COMPUTE,
                    lambda: tuple(self._signing.pages(letter_id)),
                    lambda pages: self._drawn(letter_id, pages),
                    self._banner,
                )
        self._show_chosen()

    def _drawn(self, letter_id: str, pages: tuple[bytes, ...]) -> None:
        if letter_id == self.state.chosen:
            self._become(replace(self.state, pages=pages))

    def _show_chosen(self) -> None:
        open_letter = self._letters.get(self.state.chosen)
        if open_letter is None:
            state = replace(self.state, title="", facts=(), doubt=None, mode=Mode.BROWSE)
            self._become(replace(state, bar=self._bar(state)))
            return
        letter, local, last = open_letter.letter, self._context.clock.local, open_letter.tries[-1:]
        tried = (message(f"tte.try.{each.outcome.value}", at=moment_text(local(each.at))) for each in last)
        facts: tuple[tuple[Message, Message], ...] = (
            (message("common.number"), letter.number or letter.provisional),
            (message("common.made"), moment_text(local(letter.made_at))),
            *((message("tte.last_try"), told) for told in tried),
        )
        proofs = PROOFS if self._way is SigningWay.BSRE else ()
        state = replace(self.state, title=letter.title, facts=facts, doubt=open_letter.doubt, proofs=proofs)
        self._become(replace(state, bar=self._bar(state)))

    # --- asking

    def accept(self) -> None:
        """Ask for the passphrase of a waiting letter, or what became of one in doubt."""
        open_letter = self._letters.get(self.state.chosen)
        if open_letter is not None and not self._refused():
            self._enter(Mode.SETTLE if open_letter.doubt else Mode.ASK)

    def open(self, letter_id: str) -> None:
        """Enter on a row."""
        self.select(letter_id)
        self.accept()

    def choose_proof(self, proof: str) -> None:
        """Sign by passphrase or by one-time code."""
        self._ask(replace(self.state, proof=Proof(proof)))

    def request_code(self) -> None:
        """Ask the service for a one-time code."""
        asking = message("tte.asking_code")
        self._run(Operation(work=self._signing.request_code, done=self._code_sent, executor=SYNC, busy=asking))

    def sign(self, secret: str) -> None:
        """Sign the chosen letter; the secret is handed on and forgotten."""
        if not secret.strip():
            self._stopped(Problem("tte.secret_missing"))
            return
        is_code = self.state.proof is Proof.CODE and bool(self.state.proofs)
        proof = {"totp": secret.strip()} if is_code else {"passphrase": secret}
        work = partial(self._signing.sign, self.state.chosen, **proof)
        self._run(Operation(work=work, done=self._signed, executor=SYNC, busy=message("tte.signing")))

    def settle_signed(self, path: str) -> None:
        """A person typed where the signed file of a letter in doubt is."""
        letter_id = self.state.chosen

        def settle() -> SignedLetter:
            return self._signing.settle_signed(letter_id, read_file(path, "tte.file_unreadable", MOST_BYTES)[1])

        self._run(Operation(work=settle, done=self._signed, busy=message("tte.checking")))

    def settle_unsigned(self) -> None:
        """A person learnt that a letter in doubt is not signed."""
        work = partial(self._signing.settle_unsigned, self.state.chosen)
        waits = Toast(message("tte.waits_again"), Tone.CAUTION)
        self._operate(Operation(work=work, done=lambda _none: self._browse(replace(self.state, toast=waits))))

    def back(self) -> None:
        """Go back from a question to the list, or leave."""
        if self.state.mode is Mode.BROWSE:
            super().back()
        else:
            self._enter(Mode.BROWSE)

    def _enter(self, mode: Mode) -> None:
        self._ask(replace(self.state, mode=mode, told="", problem=None))

    def _ask(self, state: SignLettersState) -> None:
        """Ask in an empty field."""
        self._become(replace(state, wrong=None, asked=state.asked + 1, bar=self._bar(state)))

    def _run(self, operation: Operation[Any]) -> None:
        """Run what was answered; the field is empty from now on."""
        self._become(replace(self.state, asked=self.state.asked + 1, wrong=None))
        self._operate(operation)

    def _code_sent(self, told: str) -> None:
        self._become(replace(self.state, told=told or message("tte.code_sent")))

    def _signed(self, done: SignedLetter) -> None:
        verdict = shown(done.verdict, self._context.clock.local)
        words = message(f"tte.signed_{done.verdict.standing.value}", title=done.letter.title)
        self._browse(replace(_blank(self.state), toast=Toast(words, verdict.tone)))

    def _browse(self, state: SignLettersState) -> None:
        self._become(replace(state, mode=Mode.BROWSE))
        self.start()

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        if problem.code.startswith("tte.unknown"):
            # The card of the doubt says it, and asks a person; nothing is tried again by itself.
            self._browse(replace(self.state, problem=None))
        else:
            self._become(replace(self.state, problem=None, wrong=problem))

    def _refused(self) -> Message:
        if not self.state.chosen:
            return message("common.choose_letter")
        if not self._context.user.may(Permission.SIGN):
            return message("tte.not_your_role")
        open_letter = self._letters.get(self.state.chosen)
        is_settled = open_letter is not None and open_letter.doubt  # a person says what became of it
        return "" if is_settled or self._lacks is None else self._lacks

    def _bar(self, state: SignLettersState) -> Bar:
        cancel = replace(leave(self.back), words=message("common.cancel"))
        match state.mode:
            case Mode.ASK:
                request = Command("request_code", message("tte.request_code"), runs=self.request_code)
                code = (request,) if state.proof is Proof.CODE and state.proofs else ()
                return Bar(cancel, (*code, enter(message("common.sign"), Held(self.sign), name="confirm")))
            case Mode.SETTLE:
                confirm = enter(message("tte.settle_signed"), Held(self.settle_signed), name="confirm")
                unsigned = Command("settle_unsigned", message("tte.settle_unsigned"), runs=self.settle_unsigned)
                return Bar(cancel, (unsigned, confirm))
        words = message("tte.settle") if state.doubt else message("common.sign")
        accept = enter(words, self.accept, self._refused())
        return Bar(leave(self.back), (self._verify(), accept), message("tte.keys"))

    def _verify(self) -> Command:
        check = opens(self._navigator, "verify_letter")
        return Command("show_verify", message("tte.verify"), Action.VERIFY, runs=check)

    def _banner(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem, retry=None))


def _row(waiting: OpenLetter) -> Row:
    letter, doubt = waiting.letter, Tag(message("tte.unknown_tag"), Tone.BAD)
    tag = doubt if waiting.doubt else Tag(message("tte.waits"), Tone.CAUTION)
    name = FigureCell(letter.title, letter.number or letter.provisional, is_strong=True)
    return Row(letter.thing_id, (name, FigureCell(tags=(tag,))))


def _blank(state: SignLettersState) -> SignLettersState:
    """Return a state without a chosen letter."""
    return replace(
        state, chosen="", title="", facts=(), doubt=None, pages=(), wrong=None, told="", progress=None, problem=None
    )
