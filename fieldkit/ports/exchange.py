"""How laptops of one team tell each other what they kept: revisions of things, bundles of them, and their seal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from fieldkit.domain.events import Event
from fieldkit.domain.exchange.revisions import Revision, Revisions, Watermark
from fieldkit.ports.vault import AuthorityProofs


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
