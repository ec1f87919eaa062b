"""What the core asks of the sticks that carry a kit's store and records away from the laptop."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fieldkit.domain.recording.authority import SignedAct
from fieldkit.ports.devices import Cancel


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
