"""What is good enough: positions, thresholds and attempts, a file per dinas (`assets/policy`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal

from fieldkit.domain.errors import RuleError
from fieldkit.domain.recording.positions import (
    EYES,
    LEFT_FOUR,
    REASONS,
    RIGHT_FOUR,
    THUMBS,
    ExceptionMark,
    Modality,
    Position,
)


class StepKind(StrEnum):
    """The steps of a recording in the order that is proposed; any order is allowed."""

    BIODATA = "biodata"
    PHOTO = "photo"
    SIGNATURE = "signature"
    RIGHT_FOUR = "right_four"
    LEFT_FOUR = "left_four"
    THUMBS = "thumbs"
    IRIS = "iris"
    CONFIRMATION = "confirmation"
    INDEX_VERIFICATION = "index_verification"


CAPTURED_AT: dict[StepKind, tuple[Position, ...]] = {
    StepKind.PHOTO: (Position.PORTRAIT,),
    StepKind.SIGNATURE: (Position.SIGNATURE,),
    StepKind.RIGHT_FOUR: RIGHT_FOUR,
    StepKind.LEFT_FOUR: LEFT_FOUR,
    StepKind.THUMBS: THUMBS,
    StepKind.IRIS: EYES,
    StepKind.CONFIRMATION: (Position.SIGNATURE,),
}


class Verdict(StrEnum):
    """How a score reads; the words and colours of the screen follow from it."""

    GOOD = "good"
    ENOUGH = "enough"
    REPEAT = "repeat"


class ExceptionInk(StrEnum):
    """Whose ink an exception needs before the seal; the others of those it names may give theirs."""

    NOBODY = "nobody"
    WITNESS = "witness"
    BOTH = "both"  # a second attendant too, who then has to be named


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which a sample is good or just enough."""

    good: int
    enough: int

    def verdict(self, score: int) -> Verdict:
        """Return how a score reads."""
        if score >= self.good:
            return Verdict.GOOD
        return Verdict.ENOUGH if score >= self.enough else Verdict.REPEAT


@dataclass(frozen=True, slots=True)
class CapturePolicy:
    """The rules of one dinas."""

    name: str
    fingers: Thresholds = Thresholds(good=60, enough=40)
    irises: Thresholds = Thresholds(good=60, enough=60)
    face: Thresholds = Thresholds(good=60, enough=60)
    signature: Thresholds = Thresholds(good=1, enough=1)
    max_attempts: int = 4
    standard_minutes: int = 30
    exception_photo: bool = False  # nothing is excepted without a photograph of why
    witness_nik: bool = False  # who witnesses an exception is named with the NIK
    exception_ink: ExceptionInk = ExceptionInk.NOBODY  # what is shipped demands more; older recordings kept nothing
    exceptions_alone: int = 13  # most exceptions of a recording that no team lead signed; here all there are

    def thresholds(self, modality: Modality) -> Thresholds:
        """Return the thresholds of a modality."""
        return {
            Modality.FINGER: self.fingers,
            Modality.IRIS: self.irises,
            Modality.FACE: self.face,
            Modality.SIGNATURE: self.signature,
        }[modality]

    def verdict(self, position: Position, score: int) -> Verdict:
        """Return how the score of a sample of this position reads."""
        return self.thresholds(position.modality).verdict(score)


# The hash chain of registration devices: over every record of a person, also those that nobody keeps.
#
# A link is SHA-256(hash before it ‖ SHA-256(record)), both binary; the first goes on from SHA-256 of nothing. There is
# no key in it: it tells what a device signed for a person and in which order, not who wrote it down.

EMPTY_HASH = sha256(b"").hexdigest().upper()

# Why a link has no sample, beside the reasons of devices and of our own checks.
UNASKED, REPEATED, REPLACED = "unasked", "repeated", "replaced"


@dataclass(frozen=True, slots=True)
class DeviceLink:
    """One record that a device signed: digest (hex SHA-256), hash before and after it, and why it was discarded."""

    position: Position
    sha256: str
    previous: str
    chain_hash: str
    signed_at: datetime
    discarded: str = ""


def next_hash(previous: str, digest: str) -> str:
    """Return the hash after a record, in upper case. Raise `ValueError` for what is not hexadecimal."""
    return sha256(bytes.fromhex(previous or EMPTY_HASH) + bytes.fromhex(digest)).hexdigest().upper()


def first_break(links: Iterable[DeviceLink], known: Iterable[str] = ()) -> DeviceLink | None:
    """Return the first link whose hash is not its own, or that goes on from a hash that no link has.

    A capture that was given up and came late goes on from the same link as the next one, so links may share a
    predecessor. `known` are hashes of which no link was kept.
    """
    found = list(links)
    before = {EMPTY_HASH, *known, *(link.chain_hash for link in found)}
    return next((link for link in found if link.previous not in before or not _holds(link)), None)


def _holds(link: DeviceLink) -> bool:
    try:
        return next_hash(link.previous, link.sha256) == link.chain_hash
    except ValueError:
        return False


# A captured sample and what is known about it.


@dataclass(frozen=True, slots=True)
class QualityScore:
    """Utility of a sample, 0–100 (ISO/IEC 29794-1), and who said so: scores of two algorithms do not mix."""

    value: int
    algorithm: str
    version: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 100:
            raise ValueError(f"quality {self.value} is outside 0–100")


class SampleFormat(StrEnum):
    """How the bytes of a sample are laid out."""

    ISO_19794_4 = "iso19794-4"  # finger image record "FIR\0"
    ISO_19794_5 = "iso19794-5"  # face image record "FAC\0"
    ISO_19794_6 = "iso19794-6"  # iris image record "IIR\0"
    SIGNATURE_STROKES = "signature-strokes"  # our JSON of strokes in µm and ms
    PHOTO = "jpeg"  # what an exception shows; no biometric sample


@dataclass(frozen=True, slots=True)
class DeviceEvidence:
    """What the device signed: kept beside the sample so that the data center can verify it again.

    `jws` is the compact JWS as received; `chain_hash` the device's hash after this item, 64 upper-case hex digits.
    """

    jws: str
    chain_hash: str
    device_code: str
    signed_at: datetime
    certificate_der: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """One position as a driver delivered it. `data` is the complete record in `format`, never a bare image."""

    position: Position
    format: SampleFormat
    data: bytes
    quality: QualityScore
    evidence: DeviceEvidence | None = None
    hints: tuple[str, ...] = ()  # what would make it better: "finger.dry", "face.too_far", … (message keys)
    # The device's own score beside one that the kit measured; the attempt keeps it, not the store of samples.
    device_quality: QualityScore | None = None


# One step of a recording: a closed set of states per position, and every attempt.
#
# Pending → Attempting(n) → Accepted(best) | Excepted(mark) | FailedToAcquire. The best sample of n attempts is kept per
# position; of the others the metadata and the digest.


@dataclass(frozen=True, slots=True)
class SampleRef:
    """A sample by its id and digest (hex SHA-256 of the record bytes); the bytes rest in the store."""

    sample_id: str
    position: Position
    format: SampleFormat
    quality: QualityScore
    sha256: str
    size_bytes: int
    attempt: int
    hints: tuple[str, ...] = ()
    chain_hash: str = ""
    device_quality: QualityScore | None = None  # the device's own, where `quality` was measured by the kit


@dataclass(frozen=True, slots=True)
class Fault:
    """A position that an attempt asked for and did not get.

    `sha256` (hex) and `chain_hash` are those of a record that came and was refused: the device's chain runs over it.
    """

    position: Position
    code: str
    sha256: str = ""
    chain_hash: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a step, kept for good: number from 1, device, samples and faults."""

    number: int
    at: datetime
    device: str
    samples: tuple[SampleRef, ...]
    faults: tuple[Fault, ...] = ()
    firmware: str = ""
    operator: str = ""  # id of who was signed in
    links: tuple[DeviceLink, ...] | None = None  # of the device's hash chain; None in attempts of older programs


@dataclass(frozen=True, slots=True)
class Pending:
    """Nothing was tried yet."""

    state: Literal["pending"] = "pending"


@dataclass(frozen=True, slots=True)
class Attempting:
    """Tried `count` times; `best` is the best sample so far, if any came."""

    count: int
    best: SampleRef | None = None
    state: Literal["attempting"] = "attempting"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A person took this sample."""

    best: SampleRef
    state: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True)
class Excepted:
    """The subject cannot give it."""

    mark: ExceptionMark
    state: Literal["excepted"] = "excepted"


@dataclass(frozen=True, slots=True)
class FailedToAcquire:
    """All attempts were spent and the team lead let it pass; the best sample, if any, still goes along."""

    best: SampleRef | None
    allowed_by: str
    state: Literal["failed"] = "failed"


Outcome = Pending | Attempting | Accepted | Excepted | FailedToAcquire


def _fresh(kind: StepKind) -> dict[Position, Outcome]:
    return {position: Pending() for position in CAPTURED_AT[kind]}


@dataclass(frozen=True, slots=True)
class CaptureStep:
    """The state of one step. All changes return a new step."""

    kind: StepKind
    outcomes: dict[Position, Outcome]
    attempts: tuple[Attempt, ...] = field(default=())

    @classmethod
    def fresh(cls, kind: StepKind) -> CaptureStep:
        """Return the step with nothing tried."""
        return cls(kind, _fresh(kind))

    @property
    def is_closed(self) -> bool:
        """Return whether nothing is missing here."""
        return all(isinstance(o, Accepted | Excepted | FailedToAcquire) for o in self.outcomes.values())

    @property
    def wanted(self) -> tuple[Position, ...]:
        """Return the positions that a capture should still ask for."""
        return tuple(p for p, o in self.outcomes.items() if not isinstance(o, Excepted))

    @property
    def excepted(self) -> tuple[Position, ...]:
        """Return the positions marked as exceptions."""
        return tuple(p for p, o in self.outcomes.items() if isinstance(o, Excepted))

    def best(self, position: Position) -> SampleRef | None:
        """Return the best sample so far of a position."""
        outcome = self.outcomes[position]
        return outcome.best if isinstance(outcome, Attempting | Accepted | FailedToAcquire) else None

    def with_attempt(self, attempt: Attempt) -> CaptureStep:
        """Take an attempt in: a better sample replaces the best, a worse one leaves it (ties keep the earlier)."""
        outcomes = dict(self.outcomes)
        for position in self.wanted:
            new = next((s for s in attempt.samples if s.position is position), None)
            old = self.best(position)
            best = old if new is None or (old is not None and old.quality.value >= new.quality.value) else new
            outcomes[position] = Attempting(self.attempts_at(position) + 1, best)
        return replace(self, outcomes=outcomes, attempts=(*self.attempts, attempt))

    def attempts_at(self, position: Position) -> int:
        """Return how many attempts asked for a position, whatever came."""
        return sum(
            1
            for attempt in self.attempts
            if any(s.position is position for s in attempt.samples)
            or any(f.position is position for f in attempt.faults)
        )

    def verdicts(self, policy: CapturePolicy) -> dict[Position, Verdict | None]:
        """Return how the best of each position reads; None where nothing came."""
        found: dict[Position, Verdict | None] = {}
        for position in self.outcomes:
            best = self.best(position)
            found[position] = None if best is None else policy.verdict(position, best.quality.value)
        return found

    def captured(self, policy: CapturePolicy) -> frozenset[Position]:
        """Return the positions of which some attempt brought a sample that is at least enough."""
        best = {position: self.best_tried(position) for position in self.outcomes}
        return frozenset(
            position
            for position, ref in best.items()
            if ref is not None and policy.verdict(position, ref.quality.value) is not Verdict.REPEAT
        )

    def may_accept(self, policy: CapturePolicy) -> bool:
        """Return whether every position that is still open has a sample which is at least enough."""
        open_ones = [p for p, o in self.outcomes.items() if isinstance(o, Pending | Attempting)]
        verdicts = self.verdicts(policy)
        return bool(open_ones) and all(verdicts[p] in (Verdict.GOOD, Verdict.ENOUGH) for p in open_ones)

    def accepted(self, policy: CapturePolicy) -> CaptureStep:
        """Accept what was captured. Raise `RuleError` when a position is missing or below the threshold."""
        if not self.may_accept(policy):
            raise RuleError("session.not_enough", step=self.kind.value)
        outcomes = dict(self.outcomes)
        for position, outcome in self.outcomes.items():
            if isinstance(outcome, Attempting) and outcome.best is not None:
                outcomes[position] = Accepted(outcome.best)
        return replace(self, outcomes=outcomes)

    def reopened(self) -> CaptureStep:
        """Return the step open again for another attempt; samples and marks stay until something better comes."""
        outcomes = dict(self.outcomes)
        for position, outcome in self.outcomes.items():
            if isinstance(outcome, Accepted | FailedToAcquire):
                outcomes[position] = Attempting(self.attempts_at(position), outcome.best)
        return replace(self, outcomes=outcomes)

    def with_exception(self, mark: ExceptionMark) -> CaptureStep:
        """Mark a position. Raise `RuleError` when the reason does not fit or nobody witnessed it."""
        if mark.position not in self.outcomes:
            raise RuleError("session.not_in_step", position=mark.position.value)
        if mark.reason not in REASONS[mark.position.modality]:
            raise RuleError("session.reason_does_not_fit", reason=mark.reason.value, position=mark.position.value)
        if not mark.witness.strip():
            raise RuleError("session.no_witness")
        return replace(self, outcomes={**self.outcomes, mark.position: Excepted(mark)})

    def without_exception(self, position: Position) -> CaptureStep:
        """Take a mark back; what was captured before counts again as an attempt."""
        if not isinstance(self.outcomes.get(position), Excepted):
            raise RuleError("session.no_exception", position=position.value)
        best = self.best_tried(position)
        tries = self.attempts_at(position)
        back: Outcome = Attempting(tries, best) if tries else Pending()
        return replace(self, outcomes={**self.outcomes, position: back})

    def best_tried(self, position: Position) -> SampleRef | None:
        """Return the best sample that any attempt brought, also of a position that was excepted since."""
        seen = [s for a in self.attempts for s in a.samples if s.position is position]
        return max(seen, key=lambda s: (s.quality.value, -s.attempt), default=None)

    def failed(self, policy: CapturePolicy, allowed_by: str) -> CaptureStep:
        """Close what four attempts could not get, on the team lead's word. Raise `RuleError` before they are spent."""
        outcomes = dict(self.outcomes)
        verdicts = self.verdicts(policy)
        for position, outcome in self.outcomes.items():
            if isinstance(outcome, Accepted | Excepted | FailedToAcquire):
                continue
            if verdicts[position] in (Verdict.GOOD, Verdict.ENOUGH) and isinstance(outcome, Attempting):
                assert outcome.best is not None
                outcomes[position] = Accepted(outcome.best)
                continue
            if self.attempts_at(position) < policy.max_attempts:
                raise RuleError("session.attempts_left", left=policy.max_attempts - self.attempts_at(position))
            outcomes[position] = FailedToAcquire(self.best(position), allowed_by)
        return replace(self, outcomes=outcomes)
