"""What is good enough: positions, thresholds and attempts, a file per dinas (`assets/policy`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.recording.positions import (
    EYES,
    LEFT_FOUR,
    RIGHT_FOUR,
    THUMBS,
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
