"""What the core asks of the laptop: its faults, its care, its audit, and the place where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras import LaptopReading
from fieldkit.ports.devices import Cancel

# What the audit asks of the store.


class StateLedger(Protocol):
    """Everything that is kept, as digests by key (`fieldkit.domain.delivery`)."""

    def found(self) -> Mapping[str, str]:
        """Return the digest of everything as it stands in the store now, contents of attachments read whole."""
        ...

    def receipts(self) -> Mapping[str, str]:
        """Return the digest of the receipt of each record that has one."""
        ...


# What the core asks of whoever looks after the laptop: what is wrong with it, and one file for who helps from afar.


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the checklist: `name` is a message key behind `doctor.`, `problem` a fault with its remedy.

    What is not needed only warns. `is_private` marks a detail that tells of a person or a place. Where this system does
    not tell (`is_checked` is false), the line is neither well nor a fault.
    """

    name: str
    problem: Problem | None = None
    detail: str = ""
    is_needed: bool = True
    is_private: bool = False
    is_checked: bool = True

    @property
    def is_ok(self) -> bool:
        """Return whether this was checked and nothing is wrong here."""
        return self.is_checked and self.problem is None

    @property
    def exit_code(self) -> int:
        """Return 3 for what stops work, 0 for what is well or only warns."""
        return 3 if self.problem is not None and self.is_needed else 0


class LaptopCheck(Protocol):
    """The laptop under this kit. Both acts block for seconds."""

    def examine(self) -> Sequence[Finding]:
        """Look, and change nothing."""
        ...

    def diagnose(self, place: str) -> Path:
        """Write the diagnostics file into a folder, or at a path that ends in .zip; return where it is.

        It bears no personal data and no secret. Raise `InputError`, `OSError`.
        """
        ...


# What the core asks of whoever looks after the files of the store; all of it works beside a store that is in use.


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


# What the core asks of the place where the kit stands; a kit without a receiver works as well.


@dataclass(frozen=True, slots=True)
class Fix:
    """A position in degrees (WGS 84; north and east positive) with the satellites' UTC time of it."""

    latitude: float
    longitude: float
    at: datetime
    accuracy_m: float | None = None  # about two of three positions lie within; None when the receiver does not say


class Whereabouts(Protocol):
    """A satellite receiver."""

    def fix(self, cancel: Cancel, timeout_ms: int) -> Fix:
        """Wait for a position. Raise `NotConnectedError` without a receiver, `NothingPresentedError` without a view of
        the sky, another `DeviceError` when the wire breaks.
        """
        ...


class Laptop(Protocol):
    """The machine on which the kit runs."""

    def read(self) -> LaptopReading:
        """Measure power, disk and clock now; what this machine cannot tell is None."""
        ...
