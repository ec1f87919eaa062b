"""Periksa tanda tangan: is a letter that somebody sent signed, by whom, and what are its signatures worth?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from fieldkit.domain.errors import Problem
from fieldkit.ports.signer import SignatureSeen, Standing, Verdict
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.sign_letters import MOST_BYTES, CheckedFile
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Operation, enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Tag, Tone, ViewState
from ui.presenters.readers import read_file
from ui.presenters.tasks import COMPUTE, Tasks
from ui.presenters.ways_out import leave

_TONES = {
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
    name, tone = verdict.standing.value, _TONES[verdict.standing]
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
