"""What the enrollment of an opened record states, as far as it is checked against the rest of the record."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import ExceptionInk, StepKind
from fieldkit.domain.recording.exceptions import InkRole, digest_of_ink
from fieldkit.domain.recording.positions import ExceptionReason, Position, digest_of_mark
from fieldkit.domain.recording.record import digest_of_context

_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Score = Annotated[int, Field(ge=0, le=100)]


class _Stated(BaseModel):
    # Open objects of OSIA: what a newer program adds is left alone.
    model_config = ConfigDict(extra="ignore", frozen=True)


class StatedMark(_Stated):
    """An exception."""

    position: Position
    reason: ExceptionReason
    petugas: tuple[str, ...]
    witness: str
    at: AwareDatetime
    attempts: int = 0
    photo: str = ""
    witness_nik: str = Field("", alias="witnessNik")

    @property
    def digest(self) -> str:
        """Return what must stand in the log for it."""
        return digest_of_mark({**self.model_dump(exclude={"photo"}), "photo": bool(self.photo)})


class StatedInk(_Stated):
    """The ink of somebody who saw exceptions."""

    role: InkRole
    who: str
    name: str
    picture: str
    strokes: str
    sha256: _Hex
    at: AwareDatetime
    device: str
    operator: str

    def digest(self, marks: tuple[str, ...]) -> str:
        """Return what must stand in the log for it when these exceptions were signed, by their digests in order."""
        return digest_of_ink({**self.model_dump(exclude={"picture", "strokes"}), "marks": marks})


class StatedThresholds(_Stated):
    """From which score on a sample is enough."""

    enough: int


class StatedPolicy(_Stated):
    """The rules of the dinas by which the kit judged."""

    exception_photo: bool = Field(False, alias="exceptionPhoto")
    witness_nik: bool = Field(False, alias="witnessNik")
    exception_ink: ExceptionInk = Field(ExceptionInk.NOBODY, alias="exceptionInk")
    finger: StatedThresholds
    iris: StatedThresholds
    face: StatedThresholds
    signature: StatedThresholds

    def enough(self, position: Position) -> int:
        """Return the score that a sample of a position needs."""
        thresholds: StatedThresholds = getattr(self, position.modality.value)
        return thresholds.enough


class StatedCapture(_Stated):
    """A sample that an attempt brought, kept or not."""

    position: Position
    quality: _Score
    algorithm: str
    sha256: _Hex
    chain_hash: str = Field(alias="chainHash")


class StatedFault(_Stated):
    """A position that an attempt asked for in vain; of a record that came and was refused its digest and hash."""

    position: Position
    code: str
    sha256: str = ""
    chain_hash: str = Field("", alias="chainHash")


class StatedLink(_Stated):
    """A link of the devices' hash chain."""

    position: Position
    sha256: _Hex
    previous: str
    chain_hash: str = Field(alias="chainHash")
    signed_at: AwareDatetime = Field(alias="signedAt")
    discarded: str = ""


class StatedAttempt(_Stated):
    """One attempt at a step."""

    number: int = Field(ge=1)
    at: AwareDatetime
    device: str
    operator: str = ""
    samples: tuple[StatedCapture, ...]
    faults: tuple[StatedFault, ...]
    links: tuple[StatedLink, ...] | None = None  # records of programs that kept none have none

    @property
    def signed(self) -> tuple[StatedCapture | StatedFault, ...]:
        """Return what a device chained."""
        told: tuple[StatedCapture | StatedFault, ...] = (*self.samples, *self.faults)
        return tuple(each for each in told if each.chain_hash)


class StatedChain(_Stated):
    """The record's place in the kit's chain."""

    chain: str
    sequence: int
    previous: str


class StatedTime(_Stated):
    """What vouched for the clock."""

    correction_s: float = Field(0, alias="correctionS")


class StatedNotice(_Stated):
    """The information notice."""

    language: str
    companion: str


class StatedActivity(_Stated):
    """The activity that somebody was recorded at."""

    id: str
    name: str


class StatedProgram(_Stated):
    """The software that recorded."""

    version: str


class StatedContext(_Stated):
    """Who recorded when, and how it went."""

    notice: StatedNotice
    comparison: str = Field(alias="indexComparison")
    kit: str
    chain: StatedChain
    petugas: tuple[str, ...]
    day: str = Field("", alias="enrollmentDate")
    opened_at: AwareDatetime = Field(alias="openedAt")
    finished_at: AwareDatetime = Field(alias="finishedAt")
    exceptions: tuple[StatedMark, ...]
    inks: tuple[StatedInk, ...] = Field((), alias="exceptionInks")
    failed: tuple[Position, ...] = Field(alias="failedToAcquire")
    attempts: dict[StepKind, tuple[StatedAttempt, ...]]
    policy: StatedPolicy | None = None
    activity: StatedActivity = Field(alias="kegiatan")
    place: str = Field(alias="lokasi")
    letter: str = Field(alias="suratTugas")
    program: StatedProgram | None = None
    time: StatedTime | None = None
    events_lost: bool = Field(False, alias="eventsLost")  # the store was damaged or an older copy: the log has gaps

    @property
    def digest(self) -> str:
        """Return what must stand in the log for activity, place, letter and program."""
        version = self.program.version if self.program else ""
        return digest_of_context(self.activity.id, self.activity.name, self.place, self.letter, version)


class StatedItem(_Stated):
    """One item of `biometricData`: an image, or what is missing. What it says of the image stands in `model_extra`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str = Field(alias="biometricType")
    sub_kind: str = Field("", alias="biometricSubType")
    instance: str = ""
    image: str = Field("", alias="imageRef")
    quality: _Score = 0
    algorithm: str = ""
    captured_at: AwareDatetime | None = Field(None, alias="captureDate")
    device: str = Field("", alias="captureDevice")
    metadata: str = ""
    missing: tuple[dict[str, Any], ...] = ()


class StatedMetadata(_Stated):
    """The files beside a sample, and what its device signed."""

    strokes: str = ""
    jws: str = ""
    certificate: str = ""
    chain_hash: str = Field("", alias="chainHash")
    signed_at: AwareDatetime | None = Field(None, alias="signedAt")
    device_quality: _Score | None = Field(None, alias="deviceQuality")


class StatedPart(_Stated):
    """A file of a document."""

    ref: str = Field("", alias="dataRef")


class StatedDocument(_Stated):
    """A document that goes along."""

    parts: tuple[StatedPart, ...]


class Stated(_Stated):
    """The enrollment."""

    record_id: str = Field(alias="enrollmentId")
    status: str = ""
    request: str = Field("", alias="enrollmentType")
    asked: dict[str, Any] = Field({}, alias="requestData")
    biodata: dict[str, Any] = Field(alias="biographicData")
    context: StatedContext = Field(alias="contextualData")
    items: tuple[StatedItem, ...] = Field(alias="biometricData")
    documents: tuple[StatedDocument, ...] = Field((), alias="documentData")

    def attempt(self, step: StepKind, number: int) -> StatedAttempt | None:
        """Return an attempt by its number."""
        return next((a for a in self.context.attempts.get(step, ()) if a.number == number), None)


def stated_by(enrollment: bytes) -> Stated:
    """Read an `enrollment.json`. Raise `InputError` `record.enrollment_unreadable`."""
    try:
        return Stated.model_validate_json(enrollment)
    except ValidationError as damage:
        raise InputError("record.enrollment_unreadable") from damage


def metadata_of(item: StatedItem) -> StatedMetadata:
    """Read what stands beside an image. Raise `InputError` `record.enrollment_unreadable`."""
    try:
        return StatedMetadata.model_validate_json(item.metadata or "{}")
    except ValidationError as damage:
        raise InputError("record.enrollment_unreadable") from damage
