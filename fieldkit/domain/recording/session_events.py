"""What can happen to a capture session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fieldkit.domain.recording.authority import SignedAct
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.capture_step import Attempt
from fieldkit.domain.recording.exception_ink import InkGiven
from fieldkit.domain.recording.exception_mark import ExceptionMark
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import IndexComparison, Notice


class EndReason(StrEnum):
    """Why a session ended without a record; typed, so that outcomes can be counted."""

    DECLINED = "declined"
    FLED = "fled"
    TOO_ILL = "too_ill"
    DECEASED = "deceased"
    ALREADY_RECORDED = "already_recorded"
    WRONG_PERSON = "wrong_person"
    DEVICE_BROKEN = "device_broken"
    NIK_PROBLEM = "nik_problem"
    OPENED_BY_MISTAKE = "opened_by_mistake"


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """The subject or companion heard the information notice."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class BiodataConfirmed:
    """The biodata was read out and confirmed. `digest` (hex SHA-256) stands in the log instead of the data.

    `on` is the local calendar day, which decides the age.
    """

    biodata: Biodata
    digest: str
    on: date


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """A device answered. `device_hash` continues the device's chain."""

    step: StepKind
    attempt: Attempt
    device_hash: str


@dataclass(frozen=True, slots=True)
class StepAccepted:
    """A person took the best samples of a step."""

    step: StepKind


@dataclass(frozen=True, slots=True)
class ExceptionMarked:
    """Positions of a step cannot be given."""

    step: StepKind
    marks: tuple[ExceptionMark, ...]
    signed: tuple[SignedAct, ...]  # by each attendant, over the digests of the marks


@dataclass(frozen=True, slots=True)
class ExceptionTakenBack:
    """A mark was wrong."""

    step: StepKind
    position: Position


@dataclass(frozen=True, slots=True)
class InkTaken:
    """A witness or the second attendant signed the exceptions that name them."""

    ink: InkGiven


@dataclass(frozen=True, slots=True)
class FailureAllowed:
    """The team lead lets a step pass whose attempts are spent."""

    step: StepKind
    signed: SignedAct


@dataclass(frozen=True, slots=True)
class IndexesVerified:
    """The index fingers were asked for again."""

    comparison: IndexComparison
    algorithm: str = ""  # with its version; "" when nothing was compared
    scores: tuple[tuple[Position, float], ...] = ()


@dataclass(frozen=True, slots=True)
class MismatchDecided:
    """A petugas is sure: the fingers that were given again, twice, are not those recorded."""


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """Everything is looked at on one page."""


@dataclass(frozen=True, slots=True)
class ReviewLeft:
    """Back to capturing."""


@dataclass(frozen=True, slots=True)
class SealingStarted:
    """The petugas confirmed; from here only the seal or its repetition follows. `context` is `digest_of_context`."""

    record_id: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class RecordSealed:
    """The sealed file rests on disk. `sha256` is its hex digest."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SealFound:
    """A sealed file of this recording was found beside a store that did not know of it."""

    record_id: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """A pause; everything captured stays."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The pause is over."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The subject does not want or cannot."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The team gave up."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class Worked:
    """Somebody worked at it for so many milliseconds more."""

    ms: int


SessionEvent = (
    NoticeGiven
    | BiodataConfirmed
    | AttemptMade
    | StepAccepted
    | ExceptionMarked
    | ExceptionTakenBack
    | InkTaken
    | FailureAllowed
    | IndexesVerified
    | MismatchDecided
    | ReviewOpened
    | ReviewLeft
    | SealingStarted
    | RecordSealed
    | SealFound
    | Suspended
    | Resumed
    | Refused
    | Abandoned
    | Worked
)
