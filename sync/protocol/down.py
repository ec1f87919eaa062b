"""What the office sends down to kits, and kits of one team to each other through it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationError

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.domain.office_bundles import BUNDLE_TYP, BundleKind, BundleStanding, OfficeBundle
from fieldkit.ports.vault import SignatureVerifier
from sync.protocol.messages import PAGE_SIZE, Der, KitId, Message, Moment, Sha256Hex, Word

RECIPIENT_TYP = "fieldkit-recipient+jwt"
PART_BYTES = 512 * 1024  # of one answer or request; a slow line loses no more than this
MOST_BUNDLE_BYTES = 16 * 1024 * 1024
_MOST_HEAD_BYTES = 64 * 1024


def _of_one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("not of one line")
    return value


Name = Annotated[str, Field(max_length=120), AfterValidator(_of_one_line)]
Serial = Annotated[str, Field(pattern=r"^[0-9a-f]{1,40}$")]


class BundleHead(Message):
    """Payload of the JWS that heads a bundle, signed with the key of the receipts."""

    gateway: str
    kind: BundleKind
    name: Name
    version: Annotated[int, Field(ge=1, le=2**52)]
    made_at: Moment
    kits: tuple[KitId, ...] = ()
    sha256: Sha256Hex
    size_bytes: Annotated[int, Field(ge=0, le=MOST_BUNDLE_BYTES)]
    is_sealed: bool = False


class Standing(Message):
    """Where the asking kit is with one stream; a kind that the gateway does not know is passed over."""

    kind: Annotated[str, Field(max_length=40)]
    name: Name
    version: Annotated[int, Field(ge=0, le=2**52)] = 0
    refused: Annotated[int, Field(ge=0, le=2**52)] = 0
    code: Annotated[str, Field(max_length=80)] = ""


class RecipientWord(Message):
    """Payload that a kit signs: what bundles for it are closed to (`age1pq1…`)."""

    kit: KitId
    recipient: Annotated[str, Field(pattern=r"^age1pq1[02-9ac-hj-np-z]{100,4000}$")]
    at: Moment


class DownQuestion(Message):
    """Asks what there is for this kit. `recipient` is a `RecipientWord` as JWS."""

    recipient: Annotated[str, Field(max_length=16384)] = ""
    standings: Annotated[tuple[Standing, ...], Field(max_length=2000)] = ()


class DownAnswer(Message):
    """The heads, as JWS, of bundles that this kit does not go by yet."""

    bundles: tuple[str, ...] = ()


class Revoked(Message):
    """A certificate that counts no longer; `serial` in hex."""

    serial: Serial
    since: Moment


class Revocations(Message):
    """Content of a bundle of revocations; `alone` are serial numbers of people who were not revoked with their kit."""

    certificates: tuple[Revoked, ...]
    alone: tuple[Serial, ...] = ()


def pack(head: str, content: bytes) -> bytes:
    """Return a bundle as a file: its head as one line, then the content."""
    return head.encode("ascii") + b"\n" + content


def unpack(file: bytes) -> tuple[str, bytes]:
    """Return head and content of a file. Raise `InputError("office.damaged")`."""
    line, found, _ = file[:_MOST_HEAD_BYTES].partition(b"\n")
    if not found or not line.isascii():
        raise InputError("office.damaged")
    return line.decode("ascii").strip(), file[len(line) + 1 :]


def read_head(head: str, office: SignatureVerifier) -> OfficeBundle:
    """Return what a head says. Raise `InputError("office.untrusted")` unless our office signed it, `office.newer`."""
    try:
        payload = office.verify(head, BUNDLE_TYP)
    except VaultError as error:
        raise InputError("office.untrusted") from error
    if payload.get("kind") not in tuple(BundleKind):
        raise InputError("office.newer")
    try:
        said = BundleHead.model_validate(payload)
    except ValidationError as error:
        raise InputError("office.untrusted") from error
    return OfficeBundle(
        said.kind,
        said.name,
        said.version,
        said.made_at,
        said.gateway,
        said.kits,
        said.sha256,
        said.size_bytes,
        said.is_sealed,
    )


def told(standing: BundleStanding) -> Standing:
    """Return a standing as the gateway hears it."""
    return Standing(
        kind=standing.kind.value,
        name=standing.name,
        version=standing.version,
        refused=standing.refused,
        code=standing.code,
    )


def read_revocations(content: bytes) -> dict[str, str]:
    """Return serial numbers (hex) and since when, in ISO 8601. Raise `InputError("office.content")`."""
    return {each.serial: each.since.isoformat() for each in _revocations(content).certificates}


def read_revoked_alone(content: bytes) -> frozenset[int]:
    """Return the serial numbers of people who were shut out by themselves. Raise `InputError("office.content")`."""
    return frozenset(int(serial, 16) for serial in _revocations(content).alone)


def _revocations(content: bytes) -> Revocations:
    try:
        return Revocations.model_validate_json(content)
    except ValidationError as error:
        raise InputError("office.content") from error


# What kits of one team tell each other through the gateway, which cannot read it.

MOST_POST_BYTES = 32 * 1024 * 1024

ObjectId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
_Size = Annotated[int, Field(gt=0, le=MOST_POST_BYTES)]


class TeamMember(Message):
    """Another kit of the team; `recipient` is a `RecipientWord` as JWS of the key that the certificate names."""

    kit: KitId
    certificate: Der
    recipient: Annotated[str, Field(max_length=16384)]


class Waiting(Message):
    """A sealed bundle that another kit posted for the asking one."""

    object_id: ObjectId
    sender: KitId
    sha256: Sha256Hex
    size_bytes: _Size


class TeamAnswer(Message):
    """The team as it is now, and what waits for the asking kit."""

    members: tuple[TeamMember, ...] = ()
    waiting: tuple[Waiting, ...] = ()


class Posting(Message):
    """A sealed bundle whose bytes follow; it replaces what these kits have not fetched yet of the sender's."""

    object_id: ObjectId
    to: Annotated[tuple[KitId, ...], Field(min_length=1, max_length=200)]
    sha256: Sha256Hex
    size_bytes: _Size


class Fetched(Message):
    """Says that the asking kit has read a bundle, or never will."""

    object_id: ObjectId


class Nothing(Message):
    """Asks or answers without saying anything."""


# How a kit hands in what team leads signed for records of older programs.


class Vouch(Message):
    """A team lead answers for a sealed record: a compact JWS over its id and digest, and the lead's certificate."""

    record_id: UUID
    signature: Word
    certificate: Der


class Vouches(Message):
    """At most `PAGE_SIZE` of them."""

    vouches: tuple[Vouch, ...] = Field(max_length=PAGE_SIZE)


def read_vouch(content: bytes, record_id: str) -> Vouch:
    """Read what lies beside a record on a stick. Raise `ValueError` for what is none, or of another record."""
    vouch = Vouch.model_validate_json(content)
    if str(vouch.record_id) != record_id:
        raise ValueError("another record")
    return vouch


class VouchesAnswer(Message):
    """One word per vouch: "" kept, "vouch.unknown" for a record that is not here."""

    words: tuple[str, ...] = ()
