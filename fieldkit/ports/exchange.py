"""How laptops of one team tell each other what they kept: revisions of things, bundles of them, and their seal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fieldkit.domain.events import Event
from fieldkit.domain.exchange import Revision, Revisions, Watermark
from fieldkit.domain.office_bundles import BundleStanding, OfficeBundle
from fieldkit.domain.people import User
from fieldkit.domain.recording.exceptions import SignedAct
from fieldkit.ports.devices import Cancel
from fieldkit.ports.vault import AuthorityProofs

# What the core asks of the sticks that carry a kit's store and records away from the laptop.


@dataclass(frozen=True, slots=True)
class Drive:
    """A stick that is plugged in. `place` is where it is mounted, `free_bytes` None when it does not say."""

    place: str
    name: str
    free_bytes: int | None
    backup_at: datetime | None = None  # of this kit's newest backup on it


@dataclass(frozen=True, slots=True)
class StickBackup:
    """A backup as its signed statement describes it; `digest` is the hex SHA-256 of that statement."""

    folder: str
    kit: str
    made_at: datetime
    made_by: str  # user_id
    records: int
    size_bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How far a copy is; bytes are counted once as they are written and once as they are read back."""

    done_bytes: int
    total_bytes: int


class CopySink(Protocol):
    """Whoever shows how far a copy is; called on the thread that copies."""

    def offer(self, progress: CopyProgress) -> None:
        """Take the newest progress."""
        ...


class Sticks(Protocol):
    """Copies of this kit's home. Every file is read back from the stick before it counts. All of it blocks."""

    def drives(self) -> Sequence[Drive]:
        """List the sticks that are plugged in."""
        ...

    def back_up(self, place: str, proven: Collection[str], sink: CopySink, cancel: Cancel) -> StickBackup:
        """Copy the store, what opens it and every sealed record but the `proven` ones, as a whole or not at all.

        Raise `InputError` `stick.not_there`, `stick.same_place`; `StoreError` `stick.…`; `RuleError` `backup.stopped`.
        """
        ...

    def carry(self, place: str, record_ids: Collection[str], vouches: Mapping[str, SignedAct]) -> str:
        """Copy some records with their manifests, ready to be sent from another laptop; return the folder.

        `vouches` is what team leads signed and the data center lacks, by record id: it goes along.

        Raise `InputError` `stick.…`, `StoreError` `stick.…`, `store.file_gone`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of events of one kit; a restored kit begins another."""

    chain: str
    kit: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Peer:
    """Another laptop of the team, as its bundles showed it."""

    kit: str
    chain: str
    read: Watermark  # how far this kit knows it
    knows: Watermark  # how far it knows this kit, while this kit's chain is `knows_of`
    knows_of: str
    recipient: str  # `age1pq1…` to which bundles for it are closed
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one kit tells the others: everything between two watermarkes of its store."""

    kit: str
    chain: str
    made_at: datetime
    made_by: str  # user_id
    since: Watermark
    until: Watermark
    recipient: str
    seen: Mapping[str, Watermark] = field(default_factory=dict)  # chain of a kit → how far the sender knows it
    people: Mapping[str, str] = field(default_factory=dict)  # user_id → name
    chains: tuple[Chain, ...] = ()
    events: tuple[Event, ...] = ()
    revisions: Revisions = ()
    files: Mapping[str, bytes] = field(default_factory=dict)  # hex SHA-256 → content


class RevisionRepository(Protocol):
    """The revisions of everything that travels, within one transaction."""

    @property
    def chain(self) -> str:
        """The chain of this kit."""
        ...

    def catch_up(self, at: datetime) -> int:
        """Take down what changed here since the last time; return how many things. `at` dates what has no event."""
        ...

    def watermark(self) -> Watermark:
        """Return how far this store goes."""
        ...

    def since(self, watermark: Watermark) -> Sequence[Revision]:
        """Return the standing revisions taken down after a watermark, parts after what they belong to."""
        ...

    def of(self, kind: str, thing_id: str) -> Revisions:
        """Return the standing revisions of one thing, the one that counts first."""
        ...

    def keys(self) -> Collection[tuple[str, str]]:
        """Return kind and id of every thing that has a revision."""
        ...

    def stand_new(self, came: Sequence[Revision], files: Mapping[str, bytes]) -> None:
        """Take over things that nobody knew here, one revision each. Raise `InputError("exchange.broken")`."""
        ...

    def bump(self) -> tuple[str, int]:
        """Return this kit's chain and the next number of a change."""
        ...

    def stand(self, standing: Revisions, files: Mapping[str, bytes]) -> None:
        """Let these stand for their thing and show the first. Raise `InputError("exchange.broken")`."""
        ...

    def conflicts(self) -> Sequence[Revisions]:
        """Return every thing with more than one standing revision, the newest first."""
        ...

    def count_conflicts(self) -> int:
        """Return how many there are."""
        ...

    def read(self, kind: str, body: str) -> object:
        """Return the value of a body. Raise `InputError("exchange.broken")`."""
        ...

    def write(self, value: object) -> str:
        """Return the body of a value."""
        ...

    def chains(self) -> Sequence[Chain]:
        """Return every chain that the log has."""
        ...

    def events_since(self, watermark: Watermark) -> Sequence[Event]:
        """Return the events that this store took down after a watermark."""
        ...

    def take_events(self, chains: Sequence[Chain], events: Sequence[Event]) -> int:
        """Append what other kits logged; return how many were new.

        Raise `InputError("exchange.broken")` when a chain does not hold, `RuleError("exchange.fork")` when a place of
        a chain is taken by another event.
        """
        ...

    def peers(self) -> Sequence[Peer]:
        """Return the other laptops, each with its newest chain, by kit."""
        ...

    def peer(self, chain: str) -> Peer | None:
        """Return the laptop that writes a chain."""
        ...

    def keep_peer(self, peer: Peer) -> None:
        """Insert or replace."""
        ...


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """The content of a bundle whose signatures hold, and who signed it."""

    content: bytes = field(repr=False)
    kit: str
    signer_id: str
    signer: str
    at: datetime
    authority: AuthorityProofs = field(repr=False)  # what acts of others within it are proven by


class BundleCodec(Protocol):
    """Bundles as files."""

    def pack(self, bundle: Bundle) -> bytes:
        """Return the bytes of a bundle."""
        ...

    def unpack(self, content: bytes) -> Bundle:
        """Read one. Raise `InputError`: `exchange.broken`, `exchange.too_big_inside`, `exchange.newer`."""
        ...


class BundleSeal(Protocol):
    """Closes bundles so that a lost stick tells nothing, and opens those of other kits of the dinas."""

    @property
    def recipient(self) -> str:
        """What other kits close bundles for this one to, `age1pq1…`."""
        ...

    def new_code(self) -> str:
        """Return a code of 80 random bits, to be told by mouth."""
        ...

    def wants_code(self, sealed: bytes) -> bool:
        """Return whether a file opens by a code. Raise `InputError("exchange.not_a_parcel")`."""
        ...

    def close(self, content: bytes, at: datetime, recipients: Sequence[str] = (), code: str = "") -> bytes:
        """Sign, and encrypt to the recipients or, when there is one, to the code."""
        ...

    def open(self, sealed: bytes, code: str = "") -> OpenedBundle:
        """Decrypt and verify.

        Raise `InputError`: `exchange.not_a_parcel`, `exchange.wrong_code`, `exchange.for_others`, `exchange.damaged`,
        `exchange.untrusted`.
        """
        ...


# What a kit does with the bundles of its office.


class OfficeBundles(Protocol):
    """The bundles that this kit goes by."""

    def standings(self) -> Sequence[BundleStanding]:
        """Return where this kit is with each stream."""
        ...

    def finish(self) -> BundleStanding | None:
        """End what a stop of the program left half done; None when nothing was left."""
        ...

    def take(self, bundle: OfficeBundle, content: bytes) -> BundleStanding | None:
        """Check a bundle whose signature holds and go by it, or keep the former and say why in the standing.

        None when this kit goes by that very version already. Raise `InputError` `office.older`, `office.for_others`,
        `office.damaged` for what is never taken, `StoreError`.
        """
        ...


# What the core asks of a laptop on which nobody can sign in: the ways that bring its kit back.


class Way(StrEnum):
    """A way back."""

    RESTORE = "restore"  # a backup is put back
    SHEET = "sheet"  # an admin gets a new passphrase by the code on the recovery sheet
    RECOVER = "recover"  # an admin gets a new passphrase by the recovery key of the dinas
    READMIT = "readmit"  # a laptop that was revoked and found is let in again


@dataclass(frozen=True, slots=True)
class FoundBackup:
    """A backup on a stick; `made_at` is local, `people` are those whose passphrase opens it, or a recovery sheet."""

    folder: str
    kit: str
    made_at: datetime
    records: int
    people: tuple[User, ...]
    has_sheet: bool = False


@dataclass(frozen=True, slots=True)
class SlipTyped:
    """The slip of the office: a file with it, else its three lines as they were typed."""

    file: str = ""
    url: str = ""
    code: str = ""
    ca_fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class NewSecrets:
    """Who gets a passphrase and a PIN, and by which recovery key. `name` is for slots that know nobody any more."""

    user_id: str
    name: str
    passphrase: str
    pin: str
    identity_file: str


class WaysBack(Protocol):
    """Each way goes on with the home of this laptop while nobody is signed in. All of it blocks."""

    def offered(self) -> Sequence[Way]:
        """Return the ways that make sense here, the likeliest first."""
        ...

    def drives(self) -> Sequence[Drive]:
        """List the sticks that are plugged in."""
        ...

    def admins(self) -> Sequence[User]:
        """Return the admins that the key slots know, none when they are lost."""
        ...

    def backups(self, place: str) -> Sequence[FoundBackup]:
        """List the backups on a stick, or the one that a folder is, the newest first.

        Raise `InputError("backup.none_here")`.
        """
        ...

    def restore(self, folder: str, user_id: str, passphrase: str) -> FoundBackup:
        """Verify a backup, open it with a passphrase, put it back. Raise `KnownError` as `fieldkit restore`."""
        ...

    def restore_by_sheet(self, folder: str, code: str) -> FoundBackup:
        """Do the same with the code on a recovery sheet. Raise also `VaultError` `vault.wrong_sheet`."""
        ...

    def recover_by_sheet(self, code: str, passphrase: str, pin: str) -> User:
        """Give the admin whose sheet it is a new passphrase. Raise `VaultError` `vault.wrong_sheet`."""
        ...

    def recover(self, secrets: NewSecrets, slip: SlipTyped) -> User:
        """Give an admin a new passphrase. Raise `KnownError` as `fieldkit recover`."""
        ...

    def readmit(self, slip: SlipTyped, user_id: str, passphrase: str) -> str:
        """Let this kit in again and return its id. Raise `KnownError` as `fieldkit readmit`."""
        ...
