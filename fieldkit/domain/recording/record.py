"""A record: everything of one finished session that leaves the laptop, before it is sealed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fieldkit.domain.events import canonical_json, digest_of
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.capture import Attempt, CapturePolicy, Sample, StepKind
from fieldkit.domain.recording.exceptions import InkGiven
from fieldkit.domain.recording.positions import ExceptionMark, Position
from fieldkit.domain.trusted_time import TimeEvidence

# A device's JWS without the sample that its payload repeats (RFC 7515, appendix F), where it comes back exactly.


class Base64(StrEnum):
    """The alphabet of a value (RFC 4648 §§4 and 5); its padding is left in the claims."""

    URL = "base64url"
    STANDARD = "base64"

    def text(self, content: bytes) -> bytes:
        """Return the text without padding."""
        encoded = base64.urlsafe_b64encode(content) if self is Base64.URL else base64.b64encode(content)
        return encoded.rstrip(b"=")


@dataclass(frozen=True, slots=True)
class DetachedJws:
    """Header and signature as they came; `claims` is the decoded payload, in which the sample belongs to byte `at`."""

    header: bytes
    claims: bytes
    signature: bytes
    at: int
    alphabet: Base64

    def attach(self, sample: bytes) -> bytes:
        """Return the compact JWS."""
        payload = self.claims[: self.at] + self.alphabet.text(sample) + self.claims[self.at :]
        return b".".join((self.header, Base64.URL.text(payload), self.signature))


def detach(jws: bytes, sample: bytes) -> DetachedJws | None:
    """Leave the sample out of a compact JWS; None when that does not give the same bytes again."""
    try:
        header, payload, signature = jws.split(b".")
        claims = base64.urlsafe_b64decode(payload + b"==")
    except ValueError:
        return None
    if Base64.URL.text(claims) != payload:
        return None
    for alphabet in Base64:
        value = alphabet.text(sample)
        if (at := claims.find(value)) >= 0:
            return DetachedJws(header, claims[:at] + claims[at + len(value) :], signature, at, alphabet)
    return None


# What binds a recording together. 2: its events name the one before, devices sign its id. 3: they hold a digest of each
# exception too, and every link of the devices' chain is kept. 4: those who saw an exception may sign it. 5: who answers
# for an act of authority signs it with a key of his own.
FORM, LINKS_KEPT, INKS_KEPT, ACTS_SIGNED = 5, 3, 4, 5


def digest_of_context(activity_id: str, activity_name: str, place: str, surat_tugas: str, program: str) -> str:
    """Return what stands in the log for where, under which letter and by which version a person was recorded."""
    facts = {"activity": activity_id, "name": activity_name, "place": place, "letter": surat_tugas, "program": program}
    return digest_of(canonical_json(facts))


class IndexComparison(StrEnum):
    """What the verification of the two index fingers said."""

    MATCHED = "cocok"
    DOUBTED = "diragukan"  # a touch seemed to be of another finger; nobody has looked again
    DOUBTED_TWICE = "diragukan dua kali"  # and so did the next one; nobody has decided
    NOT_MATCHED = "tidak cocok"  # after two such touches a petugas decided so
    NOT_COMPARABLE = "tidak dapat dibandingkan"  # too little to see to say either
    NOT_COMPARED = "tidak dibandingkan"  # nobody wanted it, or no matcher stands behind the port


@dataclass(frozen=True, slots=True)
class Notice:
    """The information notice (UU 27/2022): when it was given, in which language, and to whom besides the subject."""

    at: datetime
    language: str
    companion: str = ""  # guardian or companion who listened along


@dataclass(frozen=True, slots=True)
class RecordSample:
    """A sample that goes along. `step` tells the signature from the confirming signature."""

    step: StepKind
    sample: Sample
    attempt: int
    is_below_threshold: bool = False
    exception: ExceptionMark | None = None  # of a position that was excepted: the best of what was tried


@dataclass(frozen=True, slots=True)
class StepAttempts:
    """All attempts at one step, for the context of the record."""

    step: StepKind
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class SpotSeen:
    """Where satellites said that the team was last, in degrees (WGS 84), and when."""

    latitude: float
    longitude: float
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordContext:
    """Where, when, by whom and on whose order it was recorded."""

    kit_id: str
    activity_id: str
    activity_name: str
    place: str
    surat_tugas: str
    mode_perekaman: str  # daring | luring
    attendants: tuple[str, ...]  # ids; the first signs
    opened_at: datetime
    finished_at: datetime  # with the wall clock of the dinas: its day and zone stand in the record
    worked_ms: int = 0  # between the two, without pauses; 0 where nothing was measured
    time: TimeEvidence | None = None  # what vouches for these times besides the laptop's clock
    spot: SpotSeen | None = None
    program: str = ""  # version of the software that sealed it
    policy: CapturePolicy | None = None  # the thresholds by which it was judged
    has_lost_events: bool = False  # a damaged store or an older copy took some of the recording's events


@dataclass(frozen=True, slots=True)
class ChainLink:
    """The place of a record in the kit's chain: a dropped record leaves a gap that the data center sees.

    `previous` is the hex SHA-256 of the chain's previous sealed record, "" for the first.
    """

    chain: str
    sequence: int
    previous: str


@dataclass(frozen=True, slots=True)
class ExceptionPhoto:
    """What somebody photographed when an exception was noted; its marks name it by `photo_id`."""

    photo_id: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class RecordInk:
    """The ink of somebody who saw exceptions, with its strokes."""

    ink: InkGiven
    strokes: bytes


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """The complete content of a record container."""

    record_id: str  # UUIDv7
    link: ChainLink
    context: RecordContext
    notice: Notice
    biodata: Biodata
    samples: tuple[RecordSample, ...]
    exceptions: tuple[ExceptionMark, ...]
    failed: tuple[Position, ...]
    attempts: tuple[StepAttempts, ...]
    index_comparison: IndexComparison
    events: tuple[str, ...]  # the session's events as canonical JSON lines
    amends: str = ""  # record id that this one corrects
    photos: tuple[ExceptionPhoto, ...] = ()
    inks: tuple[RecordInk, ...] = ()
    papers: Mapping[str, bytes] = field(default_factory=dict)  # PDF by kind
