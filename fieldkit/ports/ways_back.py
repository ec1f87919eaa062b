"""What the core asks of a laptop on which nobody can sign in: the ways that bring its kit back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fieldkit.domain.people.accounts import User
from fieldkit.ports.backups import Drive


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
