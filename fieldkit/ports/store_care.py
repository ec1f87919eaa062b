"""What the core asks of whoever looks after the files of the store; all of it works beside a store that is in use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class StoreCare(Protocol):
    """Copies and checks of the store. Every call may take seconds and none keeps a writer waiting."""

    def damage(self) -> Sequence[str]:
        """Return what the checksums of all pages and a quick check of the structure find wrong; empty is good."""
        ...

    def deep_damage(self) -> Sequence[str]:
        """Return what a check of every index and of every attachment's digest finds wrong."""
        ...

    def bad_files(self) -> Sequence[str]:
        """Return the ids of records whose sealed file is missing or not the one that was sealed."""
        ...

    def checked_whole_at(self) -> datetime | None:
        """Return when everything was last checked, None when it never was."""
        ...

    def note_whole_check(self, at: datetime) -> None:
        """Keep when everything was checked."""
        ...

    def note_damage(self) -> None:
        """Let the next sign-in set this store aside and go on with a sound one."""
        ...

    def is_copy_due(self, now: datetime) -> bool:
        """Return whether no copy is younger than a day, or the newest was made before the key was changed."""
        ...

    def copy(self, now: datetime) -> None:
        """Copy the store when that is due. Raise `StoreError`."""
        ...

    def tidy(self) -> None:
        """Erase ended recordings from the copies, archive what still lies about of purged records. Raise `StoreError`.

        An older program left it, or a disk that was full.
        """
        ...
