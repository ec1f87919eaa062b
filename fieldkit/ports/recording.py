"""What a recording asks: formats of samples, inspection, comparison, sealed files, drafts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import RecordDraft
from fieldkit.domain.typed import Draft, DraftName
from fieldkit.ports.devices import CaptureResult, IrisScorer, PreviewSink, Signature

# What the core asks of the formats: bytes of a record, bytes of a signature.


class RecordCodec(Protocol):
    """Writes the record container; the same draft gives the same bytes."""

    def write(self, draft: RecordDraft) -> bytes:
        """Return the container."""
        ...


class SignatureCodec(Protocol):
    """Turns ink into a sample and back."""

    def to_sample(self, signature: Signature) -> Sample:
        """Return the strokes as a sample; a line is accepted."""
        ...

    def from_sample(self, sample: Sample) -> Signature:
        """Return the strokes of a sample. Raise `InputError`."""
        ...

    def to_png(self, signature: Signature) -> bytes:
        """Return black ink on white in the size of the pad, as papers show it."""
        ...


class NikKey(Protocol):
    """Recognises a NIK without keeping it."""

    def digest(self, nik: str) -> str:
        """Return the keyed hex digest of a NIK."""
        ...


class SamplePictures(Protocol):
    """Shows a sample record to people."""

    def jpeg(self, sample: Sample, max_px: int) -> bytes:
        """Return a JPEG of at most `max_px` on its longer side. Raise `InputError` for a record without an image."""
        ...

    def photo(self, image: bytes, max_px: int) -> bytes:
        """Return the picture of an image file (JPEG, JPEG 2000, PNG) likewise. Raise `InputError`."""
        ...


# Where the store keeps what was typed and not accepted yet: one draft for each form and person.


class Drafts(Protocol):
    """Drafts of all people of this kit; they are erasable and no event tells of them."""

    def put(self, draft: Draft) -> None:
        """Insert or replace the draft that this person has of this form."""
        ...

    def find(self, name: DraftName, owner: str) -> Draft | None:
        """Return what this person typed into a form, None when nothing waits."""
        ...

    def of(self, owner: str) -> Sequence[Draft]:
        """Return all drafts of a person, latest first, without their long values: a photographed paper is not read."""
        ...

    def erase(self, name: DraftName, owner: str) -> None:
        """Forget what this person typed into a form; nothing to forget is no error."""
        ...

    def erase_all_of(self, name: DraftName) -> None:
        """Forget what anybody typed into a form."""
        ...


# What the core asks about samples before it believes them.


class SampleInspector(Protocol):
    """Looks at what a device delivered while the person is still there."""

    def prepare(self) -> None:
        """Be ready soon: somebody is about to be captured."""
        ...

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        """Return the result with each image decoded and each print measured by the kit itself.

        What cannot be decoded, is no finger, or is another finger or the other eye of the same person, of whom `known`
        are the samples so far, has become a `SampleFault` that says why.
        """
        ...


class Hand(StrEnum):
    """Whose four fingers lie on the glass, as far as a picture tells."""

    RIGHT = "right"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FingerSeen:
    """A finger in a live frame: its box in thousandths of the picture, and how good the print promises to be, 0–100."""

    left: int
    top: int
    width: int
    height: int
    clarity: int


@dataclass(frozen=True, slots=True)
class SlapSeen:
    """What a live frame of a slap scanner shows. Two that count the same are equal, wherever the fingers lie."""

    count: int
    hand: Hand = Hand.UNKNOWN
    fingers: tuple[FingerSeen, ...] = field(default=(), compare=False)


@runtime_checkable
class MarkSink(PreviewSink, Protocol):
    """A mailbox of frames that also shows what was found in the newest one."""

    def mark(self, fingers: tuple[FingerSeen, ...]) -> None:
        """Put the fingers of the newest frame."""
        ...


class SlapFinder(Protocol):
    """Looks at live frames of a slap scanner."""

    def look(self, jpeg: bytes) -> SlapSeen:
        """Return how many fingers a frame shows, and whose hand. Raise `InputError` when it is no image."""
        ...


@dataclass(frozen=True, slots=True)
class LiveJudges:
    """What looks at live frames; where one is missing nothing is told, and a key begins the capture."""

    slaps: SlapFinder
    eyes: IrisScorer | None = None
    judges_faces: bool = False


# What the core asks of a comparison of samples. None stands behind it on a kit without a matcher.


class MatchVerdict(StrEnum):
    """What a comparison says. It is advice: people decide."""

    SAME = "same"
    DIFFERENT = "different"
    UNCLEAR = "unclear"  # too little to see, or between the thresholds


@dataclass(frozen=True, slots=True)
class Match:
    """A verdict and its score; the higher the score the more alike, scores of two algorithms do not mix."""

    verdict: MatchVerdict
    score: float
    algorithm: str
    version: str


class Matcher(Protocol):
    """Compares two samples of one position (1:1)."""

    def prepare(self, sample: Sample) -> None:
        """Read one of two ahead, while the subject lays the next finger down. Raise `InputError` on no image."""
        ...

    def compare(self, reference: Sample, probe: Sample) -> Match:
        """Return whether both come from the same finger at the matcher's thresholds. Raise `InputError` on no image."""
        ...


# What the core asks about a person among those recorded here (1:N), and where it keeps what they are compared by.


@dataclass(frozen=True, slots=True)
class SamePerson:
    """A record whose fingers are taken for this person's: which, and the highest score."""

    record_id: str
    fingers: tuple[Position, ...]
    score: float


class PersonFinder(Protocol):
    """Compares the fingers of one person with those of many. What it says is advice."""

    @property
    def method(self) -> str:
        """Return algorithm and version."""
        ...

    def describe(self, samples: Sequence[Sample]) -> bytes:
        """Return what the fingers among the samples are compared by later, no images; b"" when none can be read."""
        ...

    def find(
        self, samples: Sequence[Sample], held: Collection[str], load: Callable[[str], bytes]
    ) -> Sequence[SamePerson]:
        """Return the records among `held` that seem to be of this person, the most alike first.

        `load` returns what `describe` made of a record; the likeliest are loaded once more.
        """
        ...

    def find_owners(
        self, samples: Sequence[Sample], held: Collection[str], load: Callable[[str], bytes]
    ) -> Sequence[SamePerson]:
        """Return whose fingers among `held` are laid under any of the positions; `record_id` is theirs in `held`."""
        ...


class FingerTemplates(Protocol):
    """What `describe` made of sealed records that no receipt proves yet, and of the kit's operators."""

    def keep(self, record_id: str, content: bytes) -> None:
        """Insert what is kept of a record."""
        ...

    def get(self, record_id: str) -> bytes:
        """Return what is kept of a record. Raise `StoreError("store.not_found")`."""
        ...

    def held(self) -> frozenset[str]:
        """Return the ids of the records of which something is kept."""
        ...

    def erase(self, record_id: str) -> None:
        """Erase what is kept of a record; an unknown one is no error."""
        ...


# What the core asks of the folder of sealed files beside the database.


@dataclass(frozen=True, slots=True)
class FilesFound:
    """The ids that have a sealed file, and those that have a manifest in a file of its own."""

    sealed: frozenset[str]
    manifests: frozenset[str]


@dataclass(frozen=True, slots=True)
class ArchivedManifests:
    """Manifests of purged records by their id, and how far the archive goes."""

    texts: Mapping[str, str]
    end_bytes: int


class SealedFiles(Protocol):
    """The folder of sealed files beside the database. A manifest is there before its file, a file before its row."""

    def put(self, record_id: str, content: bytes, manifest: str) -> Path:
        """Write the manifest, then the file, durably; again replaces. Raise `StoreError("store.disk_full")`."""
        ...

    def put_manifest(self, record_id: str, manifest: str) -> None:
        """Write the manifest of a file that has none yet, as durably. Raise `StoreError("store.disk_full")`."""
        ...

    def path(self, record_id: str) -> Path:
        """Return where the file of a record is."""
        ...

    def found(self) -> FilesFound:
        """Return what lies in the folder."""
        ...

    def manifest(self, record_id: str) -> str:
        """Return the text beside a file, "" when there is none that can be read."""
        ...

    def measure(self, record_id: str) -> tuple[int, str]:
        """Return size in bytes and hex SHA-256 of a sealed file; (0, "") when it cannot be read."""
        ...

    def sweep(self) -> Sequence[str]:
        """Remove unfinished temporary files and nothing else; return their names."""
        ...

    def forget_manifest(self, record_id: str) -> None:
        """Remove the manifest of a seal that ended before its file was there."""
        ...

    def set_aside(self, record_id: str) -> None:
        """Move a file that fits nothing, with its manifest, to a folder of their own; nothing is erased."""
        ...

    def erase(self, record_id: str) -> None:
        """Remove the file of a purged record; its manifest is archived, and where the disk is full it stays."""
        ...

    def archive(self, record_ids: Iterable[str]) -> None:
        """Move the manifests of purged records into the archive, durably. Raise `StoreError("store.disk_full")`."""
        ...

    def archived(self, since_bytes: int = 0) -> ArchivedManifests:
        """Return what was archived from a place on. Raise `StoreError`."""
        ...
