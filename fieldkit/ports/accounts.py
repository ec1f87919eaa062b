"""The accounts of a kit: who may sign in, and what each of them can change. Keys and slots stay behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fieldkit.domain.people.accounts import User


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this kit; a disabled one has nothing left to open, one who is new here has nothing yet."""

    user: User
    is_disabled: bool
    is_new: bool = False


class Accounts(Protocol):
    """The slots of this kit. Each change is on the disk when the call returns."""

    def everybody(self) -> Sequence[Account]:
        """List all accounts in the order they were added."""
        ...

    def change_passphrase(self, user_id: str, old: str, new: str) -> None:
        """Raise `VaultError` for the old one, `InputError` `vault.weak_passphrase…` for the new one."""
        ...

    def set_pin(self, user_id: str, passphrase: str, pin: str) -> None:
        """Set six digits, "" takes them away. Raise `VaultError`, `InputError` `vault.pin_form`."""
        ...

    def start_anew(self, user: User, passphrase: str, pin: str, certified: Callable[[], None]) -> None:
        """Give a user, also one who is new here, another key, certificate, passphrase and PIN.

        `certified` is called between certificate and slot: whoever can sign in is known to the store.
        Raise `InputError`, `TransferError`.
        """
        ...

    def new_sheet(self) -> str:
        """Return a code for a recovery sheet, as it is printed; nothing opens by it before it is kept."""
        ...

    def keep_sheet(self, user_id: str, code: str) -> None:
        """Let the code open this kit for the signed-in user, and the one before no longer. Raise `VaultError`."""
        ...

    def has_sheet(self, user_id: str) -> bool:
        """Return whether a recovery sheet of this user opens the kit."""
        ...

    def disable(self, user_id: str) -> None:
        """Throw away what the user's passphrase opens. Raise `RuleError` `vault.last_admin`."""
        ...

    def remove(self, user_id: str) -> None:
        """Forget the user. Raise `RuleError` `vault.last_admin`."""
        ...
