"""What kit and gateway say to each other, as JSON bodies and JWS payloads. Strangers' extra members are ignored."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from fieldkit.domain.delivery import ANCHOR_TYP as ANCHOR_TYP
from fieldkit.domain.delivery import MANIFEST_TYP as MANIFEST_TYP
from fieldkit.domain.people import Role

PROTOCOL_VERSION = 3  # since acts of authority are signed: an older data center cannot read such records
OLDEST_PROTOCOL = 1
PAGE_SIZE = 200

# The `typ` of each JWS: a signature made for one purpose must never serve another (RFC 8725 §3.11).
RECEIPT_TYP = "fieldkit-receipt+jwt"
ASSERTION_TYP = "client-authentication+jwt"
USER_REQUEST_TYP = "fieldkit-user+jwt"
RENEWAL_TYP = "fieldkit-renewal+jwt"

# What no count of ours reaches; a bigger number is nonsense and must not get into any arithmetic.
_MOST = 2**53


def _in_calendar(value: datetime) -> datetime:
    """Return the time in UTC. Raise `ValueError` where a change of zone would leave the calendar."""
    if not 1970 <= value.year < 9999:
        raise ValueError("a time out of all reach")
    return value.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_calendar)]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Word = Annotated[str, Field(max_length=4096)]
Sha256Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
KitId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
UserId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


def _from_base64(value: object) -> object:
    # binascii.Error is a ValueError: pydantic turns it into a validation error.
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


def _to_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


Der = Annotated[
    bytes, BeforeValidator(_from_base64), PlainSerializer(_to_base64, when_used="json"), Field(max_length=8192)
]


class Message(BaseModel):
    """Base of all messages: frozen, tolerant of members that a newer side adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Manifest(Message):
    """Payload of the manifest that the kit signs at sealing. `sha256` and `previous` are of sealed files.

    `session_id` lets an older store that is put back end the recording that the file came from; the head names the
    last event of the kit's log when the record was sealed.
    """

    record_id: UUID
    kit: KitId
    size_bytes: int = Field(gt=0)
    sha256: Sha256Hex
    sealed_at: Moment
    activity_id: str = ""
    chain: str = ""
    sequence: int = Field(ge=0)
    previous: str = ""
    session_id: str = ""
    head_sequence: int = Field(default=0, ge=0)
    head_digest: str = ""


class Receipt(Message):
    """Payload of the receipt that the gateway signs once the whole sealed file is stored."""

    record_id: UUID
    sha256: Sha256Hex
    size_bytes: Count
    received_at: Moment
    gateway: str
    receipt_id: UUID
    manifest_sha256: Sha256Hex


class Trouble(Message):
    """Body of every refusal: a code for programs, a sentence for logs."""

    code: str
    message: str = ""


class Hello(Message):
    """First word of a run."""

    protocol: int
    kit: KitId
    kit_time: Moment
    program: str = ""


class HelloAnswer(Message):
    """What the kit must know before it sends."""

    protocol: int
    oldest_protocol: int
    gateway: str
    server_time: Moment
    free_bytes: int
    max_record_bytes: int = Field(gt=0, le=_MOST)
    max_chunk_bytes: int = Field(gt=0, le=_MOST)
    # As `Tus-Extension` names them; "" of a data center that is older than this member.
    tus_extensions: Word = ""


class Token(Message):
    """RFC 6749 §5.1."""

    access_token: str = Field(pattern=r"^[\x21-\x7e]{1,8192}$")
    token_type: str
    expires_in: Count


class Digest(Message):
    """A record as the kit holds it."""

    record_id: UUID
    sha256: Sha256Hex


class ReconcileQuestion(Message):
    """At most `PAGE_SIZE` digests."""

    records: tuple[Digest, ...] = Field(max_length=PAGE_SIZE)


class Holding(StrEnum):
    """What the gateway holds of a record."""

    UNKNOWN = "unknown"
    ANNOUNCED = "announced"
    PARTIAL = "partial"
    RECEIVED = "received"  # the bytes are here and were verified
    CONFLICT = "conflict"  # the same id with another digest
    LOST = "lost"  # a receipt was given, and the bytes are gone or damaged: send them again


class Held(Message):
    """The gateway's word on one record; `offset` in bytes of an upload under way."""

    record_id: UUID
    holding: Holding
    offset: Count = 0


class ReconcileAnswer(Message):
    """One word per question."""

    records: tuple[Held, ...]


class Announcement(Message):
    """Manifests of records that will be sent, as compact JWS."""

    manifests: tuple[str, ...] = Field(max_length=PAGE_SIZE)


class Announced(Message):
    """The gateway's word on the manifest at the same place; `code` says why it was refused, "" when accepted.

    `note` names what was accepted and is odd all the same: "manifest.fork" for a place of the chain that another
    record has, so that the kit begins a new chain.
    """

    code: str = ""
    note: str = ""


class AnnouncementAnswer(Message):
    """One word per manifest, in order."""

    manifests: tuple[Announced, ...]


class ReceiptAnswer(Message):
    """The stored receipt; the same one however often it is asked for."""

    receipt: str


class CarriedRecords(Message):
    """Manifests of records that another laptop sealed and this one carries, as compact JWS of their own kits."""

    manifests: tuple[str, ...] = Field(max_length=PAGE_SIZE)


class ProofQuestion(Message):
    """Asks for proof that the bytes of a record are there now. `nonce` is 32 random bytes in hex."""

    record_id: UUID
    nonce: Sha256Hex


class ProofAnswer(Message):
    """SHA-256 (hex) over the nonce's 32 bytes followed by the whole object, read for this answer."""

    digest: Sha256Hex
    size_bytes: Count


class AnchorWord(Message):
    """Payload of an anchor: the newest event of one of the kit's chains, signed by the kit."""

    kit: KitId
    chain: str
    sequence: int = Field(ge=1)
    digest: Sha256Hex
    at: Moment


class Anchors(Message):
    """Anchors as compact JWS."""

    anchors: tuple[str, ...] = Field(max_length=PAGE_SIZE)


class AnchorsAnswer(Message):
    """One word per anchor: "" kept, "anchor.behind" below a kept one, "anchor.forked", "anchor.invalid".

    `kept` are the newest anchors of this kit's chains that the gateway holds, as the kit signed them.
    """

    words: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class StatusItem(Message):
    """One observation of the data center; `verdict` is the opener's ("valid", "invalid" or "")."""

    record_id: UUID
    code: Word
    source: Word
    observed_at: Moment
    reason: Word = ""
    verdict: Word = ""


class StatusPage(Message):
    """A page of the feed; ask again with `cursor` while `has_more`."""

    items: tuple[StatusItem, ...]
    cursor: str = Field(max_length=1024)
    has_more: bool = False


class CountsAnswer(Message):
    """How many records of this kit the gateway knows; `received` counts those whose bytes are there."""

    announced: Count
    received: Count
    lost: Count = 0


class UserRequest(Message):
    """A person who wants a certificate. `csr` is PKCS #10 for a P-256 key."""

    user_id: UserId
    name: Annotated[str, Field(min_length=1, max_length=120)]
    role: Role
    csr: Der


class UserAuthorisation(Message):
    """Payload that an admin signs to let a user in."""

    user_id: UserId
    role: Role
    kit: KitId
    csr_sha256: Sha256Hex
    at: Moment


class UserEnrolment(Message):
    """A further user's request with the admin's word, a JWS whose `kid` is the admin's user id."""

    user: UserRequest
    authorisation: str


class UserCertificate(Message):
    """The certificate issued for a user."""

    certificate: Der


class RenewalWord(Message):
    """Payload that a user signs with the key of the certificate that ends."""

    user_id: UserId
    kit: KitId
    csr_sha256: Sha256Hex
    at: Moment


class RenewalRequest(Message):
    """Asks for a new certificate before the old one ends: the kit's own, or with `word` (JWS) that of a user."""

    csr: Der
    word: str = ""


class Renewed(Message):
    """The new certificate."""

    certificate: Der


class Enrolment(Message):
    """A kit and its first admin ask to be let in with the one-time code."""

    code: str = Field(max_length=64)
    kit_csr: Der
    admin: UserRequest


class Configuration(Message):
    """What every kit of the dinas must know. `receipt_public_key` is SubjectPublicKeyInfo; serials are hex."""

    gateway: str
    ca_certificate: Der
    receipt_public_key: Der
    age_recipients: tuple[str, ...]  # data center first, then the dinas recovery key
    profile: dict[str, object]
    revoked_serials: tuple[str, ...] = ()


class KnownUser(Message):
    """A person whom the gateway knows on a kit, with the newest certificate."""

    user_id: UserId
    certificate: Der


class EnrolmentAnswer(Message):
    """All that a kit keeps of its enrolment; `others` are the people of a kit that was let in again."""

    kit: KitId
    kit_certificate: Der
    admin_certificate: Der
    configuration: Configuration
    others: tuple[KnownUser, ...] = ()


class CaAnswer(Message):
    """The dinas CA; to be believed only when its fingerprint is the one on the enrolment slip."""

    ca_certificate: Der


class Health(Message):
    """Says that the gateway lives."""

    status: str
    gateway: str
    protocol: int
    time: Moment


class Readiness(Message):
    """Says whether the gateway does its whole work, and what keeps it from that."""

    is_ready: bool
    problems: tuple[str, ...] = ()  # codes: "opener.stopped", "records.set_aside", "opener.behind", "chain.gap" …
    waiting: int = 0  # received records without a verdict
    set_aside: int = 0  # records whose opening failed for a reason of ours
    lost: int = 0  # objects that are missing or damaged
    gaps: int = 0  # stretches of a kit's chain that nobody announced though later records came
    free_bytes: int = -1
