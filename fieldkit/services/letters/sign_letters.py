"""Sign letters electronically (TTE), and say what a signed letter is worth.

Before a letter leaves for the signing service it is `UNKNOWN` in the store: whatever happens then, a crash too, nobody
is told that it waits while it may be signed. Only what the service says, or a person, brings it out of there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import (
    InputError,
    KnownError,
    Problem,
    Recovery,
    RuleError,
    SigningError,
    SigningUnknownError,
)
from fieldkit.domain.letters.letter import (
    Letter,
    LetterKind,
    LetterState,
    SigningOutcome,
    SigningSettings,
    SigningTrail,
    SigningTry,
    SigningWay,
    is_signer,
)
from fieldkit.domain.people import Permission, Staff
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.store import Unit
from fieldkit.ports.vault import Appearance, BoxWords, Credentials, PdfVerifier, SigningBench, Standing, Verdict
from fieldkit.services.letters.keep_signing import settings_in
from fieldkit.services.letters.print_papers import PDF, file_name
from fieldkit.services.letters.write_letters import tell_issued
from fieldkit.services.sop.run_sop import fulfil
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

_OPEN = (LetterState.WAITING, LetterState.UNKNOWN)
MOST_BYTES = 50 * 1024 * 1024
_CAPTION = "Ditandatangani secara elektronik oleh:"
_UNSENT = ("tte.unreachable", "tte.untrusted_service", "tte.address_wrong", "tte.tls_required", "tte.ca_unreadable")


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A letter that waits for its signature; `doubt` says why nobody knows whether it is signed already."""

    letter: Letter
    doubt: Problem | None = None
    tries: tuple[SigningTry, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedLetter:
    """A letter that was just signed, and what its signature is worth."""

    letter: Letter
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A PDF that somebody wants checked: what its signatures are worth, and its first pages as PNG."""

    name: str
    verdict: Verdict
    pages: Sequence[bytes]


class SignLetters:
    """Electronic signatures of the signed-in user."""

    def __init__(self, units: UnitsOfWork, bench: SigningBench) -> None:
        self._units, self._bench = units, bench

    # --- reading

    def waiting(self) -> Sequence[OpenLetter]:
        """Return the letters that wait or whose outcome is unknown: doubts first, then the oldest."""
        with self._units.read() as unit:
            found = [_opened(unit, letter) for letter in unit.repository(Letter).having("state", _OPEN)]
        return sorted(found, key=lambda open_letter: (open_letter.doubt is None, open_letter.letter.made_at))

    def pages(self, letter_id: str) -> Sequence[bytes]:
        """Return the pages of the very file that is or will be signed, as PNG."""
        return self._bench.pages(self.pdf(letter_id))

    def pdf(self, letter_id: str) -> bytes:
        """Return a letter's file, signed when it is. Raise `RuleError("letter.not_issued")`."""
        with self._units.read() as unit:
            letter = unit.repository(Letter).get(letter_id)
            return _pdf(unit, letter)

    def way(self) -> SigningWay:
        """Return who makes the signatures of this kit."""
        with self._units.read() as unit:
            return settings_in(unit).way

    def verify(self, pdf: bytes) -> Verdict:
        """Check every signature of a PDF. Raise `InputError("tte.pdf_…")`."""
        with self._units.read() as unit:
            settings = settings_in(unit)
        return self._bench.verifier(settings).verify(pdf)

    def verify_letter(self, letter_id: str) -> Verdict:
        """Check a letter of the archive."""
        return self.verify(self.pdf(letter_id))

    def check_file(self, name: str, pdf: bytes) -> CheckedFile:
        """Check a PDF that somebody sent. Raise `InputError` `tte.pdf_…`."""
        if len(pdf) > MOST_BYTES:
            raise InputError("tte.pdf_huge", megabytes=MOST_BYTES // 1024**2)
        return CheckedFile(name, self.verify(pdf), self._bench.pages(pdf))

    # --- signing

    def lacks(self) -> Problem | None:
        """Return why nothing can be signed here, before anybody is asked for a passphrase; None when all is set up."""
        with self._units.read() as unit:
            settings = settings_in(unit)
        if not settings.is_set_up:
            return Problem("tte.not_set_up")
        if settings.way is SigningWay.BSRE and self._units.user.user_id not in settings.niks:
            return Problem("tte.nik_missing")
        return None

    def request_code(self) -> str:
        """Ask the service for a one-time code; return its word. Raise `SigningError`, `RuleError("tte.nik_…")`."""
        self._units.demand(Permission.SIGN)
        with self._units.read() as unit:
            settings = settings_in(unit)
        return self._bench.service(settings).request_totp(self._nik(settings))

    def sign(self, letter_id: str, passphrase: str = "", totp: str = "") -> SignedLetter:
        """Sign a waiting letter by passphrase or one-time code, once. Only whom the letter names signs it.

        Raise `SigningError` when it certainly is not signed (it waits on), `SigningUnknownError` when nobody knows,
        `RuleError` `tte.not_waiting`, `tte.not_set_up`, `tte.nik_missing`, `InputError("tte.secret_missing")`.
        `SigningError("tte.other_signer")` when account or certificate is somebody else's.
        """
        if not passphrase and not totp:
            raise InputError("tte.secret_missing")
        self._units.demand(Permission.SIGN)
        with self._units.read() as unit:
            settings, letter = settings_in(unit), _waiting_in(unit, letter_id)
            pdf = _pdf(unit, letter)
            certificate = unit.attachments.get(settings.certificate).content if settings.certificate else b""
        signer, verifier = self._bench.signer(settings, certificate), self._bench.verifier(settings)
        # Everything that can be wrong with our own side is found before the letter leaves.
        expected = len(verifier.verify(pdf).signatures) + 1
        is_away = settings.way is SigningWay.BSRE
        credentials = Credentials(self._nik(settings) if is_away else "", passphrase, totp)
        self._demand_named(letter)
        appearance = self._appearance(letter, pdf)
        if is_away:
            self._note(letter_id, LetterState.UNKNOWN, settings.way, SigningOutcome.SENT)
        try:
            signed = signer.sign_pdf(pdf, credentials, appearance).content
            verdict = _believed(verifier, pdf, signed, expected)
        except KnownError as error:
            self._failed(letter_id, settings.way, error)
            raise
        if verdict is None:
            wrong = SigningUnknownError("tte.unknown_document") if is_away else SigningError("tte.sign_failed")
            self._failed(letter_id, settings.way, wrong)
            raise wrong
        other = _other_signer(letter, verdict)
        if other is not None:
            self._failed(letter_id, settings.way, other)
            raise other
        return SignedLetter(self._issue(letter_id, signed, settings.way, SigningOutcome.SIGNED), verdict)

    def settle_signed(self, letter_id: str, pdf: bytes) -> SignedLetter:
        """A person brings the signed file of a letter in doubt.

        Raise `InputError("tte.not_the_letter")`, `SigningError("tte.other_signer")`.
        """
        self._units.demand(Permission.SIGN)
        if len(pdf) > MOST_BYTES:
            raise InputError("tte.pdf_huge", megabytes=MOST_BYTES // 1024**2)
        with self._units.read() as unit:
            settings, letter = settings_in(unit), _unknown_in(unit, letter_id)
            sent = _pdf(unit, letter)
        verifier = self._bench.verifier(settings)
        verdict = _believed(verifier, sent, pdf, len(verifier.verify(sent).signatures) + 1)
        if verdict is None:
            raise InputError("tte.not_the_letter")
        other = _other_signer(letter, verdict)
        if other is not None:
            raise other
        return SignedLetter(self._issue(letter_id, pdf, settings.way, SigningOutcome.FOUND_SIGNED), verdict)

    def settle_unsigned(self, letter_id: str) -> None:
        """A person learnt that a letter whose outcome was unknown is not signed: it waits again."""
        with self._units.write(Permission.SIGN) as work:
            letter = _unknown_in(work.unit, letter_id)
            way = settings_in(work.unit).way
            _keep(work, letter, LetterState.WAITING, _line(work, way, SigningOutcome.FOUND_UNSIGNED))

    # --- parts

    def _nik(self, settings: SigningSettings) -> str:
        nik = settings.niks.get(self._units.user.user_id, "")
        if not nik:
            raise RuleError("tte.nik_missing", recovery=Recovery.ASK_OFFICE)
        return nik

    def _demand_named(self, letter: Letter) -> None:
        """Raise `SigningError("tte.other_signer")` before anything leaves when the account is not the named one's."""
        user_id = self._units.user.user_id
        with self._units.read() as unit:
            mine = next((each for each in unit.repository(Staff).search() if each.user_id == user_id), None)
        if mine is not None and not _is_named(letter, mine.name, mine.nip):
            raise _somebody_else(letter, mine.name)

    def _appearance(self, letter: Letter, pdf: bytes) -> Appearance:
        place = self._bench.place_in(pdf)
        if place is None:
            return Appearance(reason=letter.title)
        told = _named(letter)
        words = BoxWords(
            _CAPTION,
            str(told.get("name") or self._units.user.name),
            str(told.get("jabatan") or ""),
            str(told.get("nip") or ""),
            f"FKL1:{letter.thing_id}:{letter.digest}".upper(),
        )
        return Appearance(place, self._bench.draw(words), letter.title)

    def _failed(self, letter_id: str, way: SigningWay, error: KnownError) -> None:
        if isinstance(error, SigningUnknownError):
            self._note(letter_id, LetterState.UNKNOWN, way, SigningOutcome.UNKNOWN, error)
            return
        outcome = SigningOutcome.NOT_SENT if error.code in _UNSENT else SigningOutcome.REFUSED
        self._note(letter_id, LetterState.WAITING, way, outcome, error)

    def _note(
        self,
        letter_id: str,
        state: LetterState,
        way: SigningWay,
        outcome: SigningOutcome,
        error: KnownError | None = None,
    ) -> None:
        with self._units.write(Permission.SIGN) as work:
            repository = work.unit.repository(Letter)
            # Asked for twice at once, the second finds the letter on its way and stays at home.
            letter = _waiting_in(work.unit, letter_id) if outcome is SigningOutcome.SENT else repository.get(letter_id)
            _keep(work, letter, state, _line(work, way, outcome, error))

    def _issue(self, letter_id: str, signed: bytes, way: SigningWay, outcome: SigningOutcome) -> Letter:
        with self._units.write(Permission.SIGN) as work:
            letter = work.unit.repository(Letter).get(letter_id)
            if letter.state not in _OPEN:
                raise RuleError("tte.not_waiting")
            kept = work.attach(letter_id, file_name(letter).replace(".pdf", "-tte.pdf"), PDF, signed)
            issued = replace(letter, signed_pdf=kept, signer=work.user.user_id, issued_at=work.at)
            issued = _keep(work, issued, LetterState.ISSUED, _line(work, way, outcome))
            tell_issued(work, issued)
            if issued.letter is LetterKind.SURAT_BALASAN:
                fulfil(work, issued.activity_id, Fulfilment.REPLY_SIGNED, issued.thing_id)
            return issued


def _named(letter: Letter) -> dict[str, str]:
    """Return the official below whose name the signature stands, nothing when the letter names nobody."""
    named = letter.fields.get("signer")
    return named if isinstance(named, dict) else {}


def _is_named(letter: Letter, name: str, number: str) -> bool:
    told = _named(letter)
    return not told or is_signer(told["name"], told["nip"], name, number)


def _other_signer(letter: Letter, verdict: Verdict) -> SigningError | None:
    """Return the error when the newest signature is not that of whom the letter names: it must not be issued then."""
    seen = verdict.signatures[-1]
    return None if _is_named(letter, seen.signer, seen.serial) else _somebody_else(letter, seen.signer)


def _somebody_else(letter: Letter, found: str) -> SigningError:
    named = _named(letter).get("name", "")
    return SigningError("tte.other_signer", recovery=Recovery.ASK_OFFICE, named=named, found=found)


def _believed(verifier: PdfVerifier, sent: bytes, signed: bytes, expected: int) -> Verdict | None:
    """Return the verdict over a file that came back, None unless it is the letter with one more signature that holds.

    A signer whom this kit does not trust yet is believed to have signed; the verdict says so.
    """
    if not signed.startswith(sent) or len(signed) == len(sent):
        return None
    try:
        verdict = verifier.verify(signed)
    except InputError:
        return None
    holds = verdict.standing in (Standing.VALID, Standing.UNTRUSTED)
    return verdict if holds and len(verdict.signatures) == expected else None


def _line(work: UnitOfWork, way: SigningWay, outcome: SigningOutcome, error: KnownError | None = None) -> SigningTry:
    message = str(error.problem.params.get("message", "")) if error else ""
    return SigningTry(work.at, work.user.user_id, way, outcome, error.code if error else "", message)


def _keep(work: UnitOfWork, letter: Letter, state: LetterState, line: SigningTry) -> Letter:
    """Keep the letter in its new state and the line of its history; the event names what happened and no secret."""
    repository = work.unit.repository(SigningTrail)
    trail = repository.find(letter.thing_id) or SigningTrail(letter.thing_id, letter.activity_id)
    repository.save(replace(trail, tries=(*trail.tries, line)))
    kept = replace(letter, state=state)
    work.keep(
        kept,
        "letter_signing",
        letter=letter.letter.value,
        outcome=line.outcome.value,
        way=line.way.value,
        code=line.code,
        paper=work.unit.attachments.get(kept.signed_pdf).sha256 if kept.signed_pdf else "",
    )
    return kept


def _opened(unit: Unit, letter: Letter) -> OpenLetter:
    trail = unit.repository(SigningTrail).find(letter.thing_id)
    tries = trail.tries if trail else ()
    if letter.state is not LetterState.UNKNOWN:
        return OpenLetter(letter, None, tries)
    code = tries[-1].code if tries else ""
    # A status is not kept: the sentence without one says the same.
    return OpenLetter(letter, Problem(code if code and code != "tte.unknown_failure" else "tte.unknown"), tries)


def _pdf(unit: Unit, letter: Letter) -> bytes:
    kept = letter.signed_pdf or letter.pdf
    if not kept:
        raise RuleError("letter.not_issued", title=letter.title)
    return unit.attachments.get(kept).content


def _waiting_in(unit: Unit, letter_id: str) -> Letter:
    letter = unit.repository(Letter).get(letter_id)
    if letter.state is not LetterState.WAITING:
        raise RuleError("tte.not_waiting")
    return letter


def _unknown_in(unit: Unit, letter_id: str) -> Letter:
    letter = unit.repository(Letter).get(letter_id)
    if letter.state is not LetterState.UNKNOWN:
        raise RuleError("tte.not_unknown")
    return letter
