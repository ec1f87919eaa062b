"""The local encrypted store. Every `write()` is one transaction: all of it is on disk when the block ends, or none.

Values go in and come out as domain dataclasses; nothing of the database leaves the room.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from fieldkit.domain.delivery import CentralStatus, DeliveryState, QueueEntry, SealedRecord
from fieldkit.domain.events import ChainFault, ChainHead, Event, Thing
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import (
    Activity,
    OutreachCount,
    Target,
    TargetCounts,
    TargetFilter,
    TargetKey,
    TargetLine,
    TargetState,
    TargetVerdict,
)
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.record import ChainLink
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.delivery import Anchors
from fieldkit.ports.exchange import RevisionRepository
from fieldkit.ports.laptop import StateLedger
from fieldkit.ports.recording import Drafts, FingerTemplates
from fieldkit.ports.repositories import Attachments, Figures, Repository, Standings

T = TypeVar("T", bound=Thing)


class Activities(Protocol):
    """Outreach days."""

    def save(self, activity: Activity) -> None:
        """Insert or replace."""
        ...

    def get(self, activity_id: str) -> Activity:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def all(self) -> Sequence[Activity]:
        """Return all, newest day first."""
        ...

    def count(self, activity_id: str) -> OutreachCount:
        """Return the numbers of the Beranda card."""
        ...

    def counts(self) -> Mapping[str, OutreachCount]:
        """Return the numbers of every activity that has targets."""
        ...


class Targets(Protocol):
    """Target lists."""

    def save(self, targets: Iterable[Target]) -> None:
        """Insert or replace."""
        ...

    def get(self, target_id: str) -> Target:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def search(self, activity_id: str, text: str = "", limit: int | None = None) -> Sequence[Target]:
        """Return the targets in the order of visits whose name, NIK or address matches (FTS5, prefix)."""
        ...

    def named(self, text: str, limit: int) -> Sequence[Target]:
        """Return the targets of all activities whose name or NIK has every word as a beginning, newest first."""
        ...

    def filtered(self, activity_id: str, wanted: TargetFilter, limit: int | None = None) -> Sequence[Target]:
        """Return the targets that a filter lets through, in the order of visits."""
        ...

    def lines(self, activity_id: str, wanted: TargetFilter = ..., limit: int | None = None) -> Sequence[TargetLine]:
        """Return the targets that a filter lets through, in the order of visits, for a list: all, unless limited."""
        ...

    def matching(self, activity_id: str, text: str) -> frozenset[str]:
        """Return the ids of the targets that have every typed word anywhere in name, NIK, street or village."""
        ...

    def villages(self, activity_id: str) -> Sequence[str]:
        """Return the villages of a list, the most frequent first."""
        ...

    def with_ids(self, target_ids: Iterable[str]) -> Mapping[str, Target]:
        """Return targets by their ids; one that nothing has is not among them."""
        ...

    def tally(self, activity_id: str) -> Mapping[TargetVerdict, int]:
        """Return how many targets of an activity have each verdict; one that nobody has is not named."""
        ...

    def counts(self, activity_id: str) -> TargetCounts:
        """Return how many targets of an activity stand in each state and service category."""
        ...

    def last_house(self, activity_id: str) -> int:
        """Return the highest place in the order of visits, 0 for an empty list."""
        ...

    def with_niks(self, niks: Iterable[str]) -> Sequence[TargetKey]:
        """Return the keys of the targets of any activity that have one of these NIKs."""
        ...

    def judge(self, target_ids: Iterable[str], verdict: TargetVerdict) -> None:
        """Set the verdict of the check."""
        ...

    def mark(self, target_id: str, state: TargetState, reason: str = "") -> None:
        """Set the local status."""
        ...


class Sessions(Protocol):
    """Open recordings and their samples."""

    def save(self, session: CaptureSession) -> None:
        """Insert or replace the state of a session."""
        ...

    def get(self, session_id: str) -> CaptureSession:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def unfinished(self) -> Sequence[CaptureSession]:
        """Return the sessions that are neither sealed, refused nor abandoned, oldest first."""
        ...

    def put_samples(self, session_id: str, samples: Mapping[str, Sample]) -> None:
        """Keep samples by their id."""
        ...

    def sample(self, sample_id: str) -> Sample:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def drop_samples(self, sample_ids: Iterable[str]) -> None:
        """Forget the bytes; unknown ids are no error."""
        ...

    def erase(self, session_id: str) -> None:
        """Erase samples and biodata of an ended session; its phase and reason stay."""
        ...


class SealedRecords(Protocol):
    """The queue of sealed records; its rows are immutable but for the delivery columns.

    Beside it stand the recordings of the official application. What asks for records by id, activity, NIK or words
    finds both; what asks for the queue, its order and its chain finds none of them.
    """

    def add(self, record: SealedRecord) -> None:
        """Append a record as queued. Raise `StoreError("store.record_exists")` for a second one of the same id."""
        ...

    def get(self, record_id: str) -> QueueEntry:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def search(self, text: str = "", limit: int | None = None) -> Sequence[QueueEntry]:
        """Return entries, oldest unacknowledged first, then the newest acknowledged ones."""
        ...

    def found(self, text: str) -> frozenset[str]:
        """Return the ids of all records that a search for a text finds, without reading the records."""
        ...

    def oldest_waiting(self) -> datetime | None:
        """Return when the oldest record was sealed that nobody acknowledged, None when all are."""
        ...

    def with_ids(self, record_ids: Iterable[str]) -> Mapping[str, QueueEntry]:
        """Return entries by their id; unknown ids are left out."""
        ...

    def of_activity(self, activity_id: str) -> Sequence[QueueEntry]:
        """Return the records of one activity that none amends, of whatever activity, oldest first."""
        ...

    def note_status(self, record_id: str, status: CentralStatus, verdict: str = "") -> bool:
        """Append what was said about a record; return whether it is new."""
        ...

    def forget_status(self, record_id: str, status: CentralStatus) -> None:
        """Take back what was noted about a record; what was never noted is no error."""
        ...

    def next_link(self) -> ChainLink:
        """Return the place of the next record in this kit's chain."""
        ...

    def is_taken(self, link: ChainLink) -> bool:
        """Return whether a record stands on this place of a chain."""
        ...

    def states(self, record_ids: Iterable[str]) -> dict[str, DeliveryState]:
        """Return where these records are, without reading them; unknown ids are left out."""
        ...

    def by_nik(self, nik_digest: str, nik: str) -> Sequence[QueueEntry]:
        """Return the records of one NIK on this laptop."""
        ...

    def of_niks(self, niks: Mapping[str, str]) -> Sequence[QueueEntry]:
        """Return the records of many NIKs, which are by their digest, that none amends, oldest first."""
        ...

    def known(self, niks: Mapping[str, str]) -> Collection[str]:
        """Return those of the digests, each with its NIK, that have a record on this laptop."""
        ...


class EventLog(Protocol):
    """The append-only log."""

    def append(self, kind: str, aggregate: str, payload: Mapping[str, Any], actor: str, at: datetime) -> Event:
        """Append to this kit's chain and return the row."""
        ...

    def of(self, aggregate: str) -> Sequence[Event]:
        """Return the rows of one aggregate in order."""
        ...

    def last_of(self, aggregate: str) -> Event | None:
        """Return the newest row of one aggregate."""
        ...

    def head(self) -> ChainHead | None:
        """Return the last event of this kit's chain, None for an empty one."""
        ...

    def holds(self, head: ChainHead) -> bool:
        """Return whether the log has this very event, or the chain of a head before its first."""
        ...

    @property
    def kit(self) -> str:
        """The kit that writes on this log; other chains came from other laptops."""

    def all(self) -> Iterable[Event]:
        """Return every row of every chain, oldest chain first, each in its order."""
        ...

    def newest_at(self, after: ChainHead | None, until: datetime | None) -> datetime | None:
        """Return the latest time of this kit's own rows after a row and not later than `until`, None without any."""
        ...

    def newest_id(self) -> str:
        """Return the greatest id of this kit's own rows, "" when there is none."""
        ...

    def verify(self) -> tuple[int, ChainFault | None]:
        """Return how many rows were checked and the first fault of any chain."""
        ...


class Settings(Protocol):
    """Small JSON values of this kit: enrolment, profile, choices."""

    def get(self, name: str) -> Any | None:
        """Return the value or None."""
        ...

    def put(self, name: str, value: Any) -> None:
        """Insert or replace."""
        ...


class Unit(Protocol):
    """All repositories within one transaction."""

    activities: Activities
    targets: Targets
    sessions: Sessions
    records: SealedRecords
    events: EventLog
    settings: Settings
    attachments: Attachments
    revisions: RevisionRepository
    figures: Figures
    standings: Standings
    anchors: Anchors
    state: StateLedger
    drafts: Drafts
    finger_templates: FingerTemplates

    def repository(self, kind: type[T]) -> Repository[T]:
        """Return the repository of one kind of thing."""
        ...

    def search(self, kinds: Sequence[type[Thing]], text: str, limit: int) -> Sequence[Thing]:
        """Return up to `limit` things of each kind whose words have every typed word as a beginning, newest first.

        Where a short word finds thousands, only the newest 2,000 of them are looked through.
        """
        ...

    def users(self) -> Sequence[User]:
        """Return the accounts of this kit."""
        ...

    def save_user(self, user: User) -> None:
        """Insert or replace an account."""
        ...


class Store(Protocol):
    """One file, one writer, one reader."""

    def write(self) -> AbstractContextManager[Unit]:
        """Open the one writing transaction (`BEGIN IMMEDIATE`); others wait. Commits at the end of the block."""
        ...

    def write_lazily(self) -> AbstractContextManager[Unit]:
        """Open a write that a kill leaves and a power cut takes unless another write followed; it appends no event."""
        ...

    def read(self) -> AbstractContextManager[Unit]:
        """Open a reading transaction; a write through it raises."""
        ...

    def listen(self, told: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Tell the kinds of what each write wrote, on the thread that wrote; return what ends it.

        A kind is the `KIND` of a thing, or one of: record, session, targets, activity, setting, user, attachment.
        """
        ...

    def begin_chain(self) -> str:
        """Start a new chain of events and records, as a kit must whose place in the old one is taken; return its id."""
        ...

    def is_behind_mark(self) -> bool:
        """Return whether the store lacks the event that the mark beside it names: it is an older copy."""
        ...

    def mark(self) -> ChainHead | None:
        """Return the end of the log as the mark beside the store names it, None without one."""
        ...

    def keep_mark(self) -> None:
        """Write down beside the store how far the log came. An older copy never moves the mark back."""
        ...

    def close(self) -> None:
        """Checkpoint and let go of the file."""
        ...
