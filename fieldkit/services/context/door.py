"""What stands before a person: the door of a locked kit. Behind it lies the context."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

# Only types: the door is shown before anything of the context is loaded.
if TYPE_CHECKING:
    from fieldkit.domain.people.accounts import User
    from fieldkit.domain.trusted_time import ClockVerdict
    from fieldkit.ports.authority import Credential
    from fieldkit.services.context.app_context import AppContext


class DoorSign(NamedTuple):
    """What the locked kit shows: who may sign in, when it last met the data center, and the demo's PINs."""

    dinas: str
    kit_id: str
    people: tuple[User, ...]
    last_sync_at: datetime | None
    demo_pins: dict[str, str]  # user id → PIN; empty on a real kit
    clock: ClockVerdict | None = None  # None when nothing is known of the time
    now: datetime | None = None  # the kit's clock, local


class Door(Protocol):
    """A kit whose store is locked."""

    def sign(self) -> DoorSign:
        """Return what the sign-in screen shows."""
        ...

    def unlock(self, user_id: str, passphrase: str) -> AppContext:
        """Open the store for a user. Raise `VaultError`; of it `factor.wanted` asks for `enter_code`."""
        ...

    def enter_code(self, code: str) -> AppContext:
        """Go on with who was asked for a second factor.

        Raise `VaultError`: `factor.wrong` (left) may be tried again, all else begins with the passphrase.
        """
        ...

    def check_lead(self, user_id: str, passphrase: str) -> Credential:
        """Return the key of the team lead whose passphrase this is, without signing anybody out.

        Raise `RuleError` for another role, `VaultError`.
        """
        ...

    def check_attendant(self, user_id: str, passphrase: str) -> Credential:
        """Return the key of an attendant, as of a team lead."""
        ...

    def verify_passphrase(self, user_id: str, passphrase: str) -> User:
        """Return the user whose passphrase this is, without signing anybody out. Raise `VaultError`."""
        ...

    def check_pin(self, pin: str) -> None:
        """Confirm the signed-in user by PIN. Raise `VaultError` with the tries left."""
        ...

    def lock(self) -> None:
        """Close the store; open recordings stay on disk."""
        ...

    def leads(self) -> Sequence[User]:
        """Return who may let a failed step pass."""
        ...
