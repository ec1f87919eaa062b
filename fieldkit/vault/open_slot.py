"""A key slot that a passphrase opened, for one session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fieldkit.domain.errors import Recovery, VaultError
from fieldkit.domain.people.accounts import User
from fieldkit.vault.passphrases import Pin

if TYPE_CHECKING:  # as in keyslots: the sign-in screen must not wait for ciphers
    from fieldkit.ports.vault import SigningKey

_PIN_TRIES = 5


@dataclass(slots=True)
class OpenSlot:
    """What a passphrase opened, for one session.

    `newer_key` is there only while the store's key is being changed: the store has the one or the other. `slot_id` is
    that of the user or of the user's sheet, `mark` as `KeySlotFile.marks` tells it.
    """

    user: User
    db_key: bytes = field(repr=False)
    signing_key: SigningKey
    newer_key: bytes | None = field(default=None, repr=False)
    _pin: Pin | None = field(default=None, repr=False)
    _seed: bytes = field(default=b"", repr=False)
    _pin_tries: int = _PIN_TRIES
    slot_id: str = ""
    mark: str = ""

    @property
    def has_pin(self) -> bool:
        """Whether the screen of this session can be unlocked by a PIN."""
        return self._pin is not None

    def check_pin(self, pin: str) -> None:
        """Raise `VaultError` `vault.wrong_pin` (left), or `vault.pin_exhausted` when only the passphrase helps."""
        if self._pin is None or self._pin_tries == 0:
            raise VaultError("vault.pin_exhausted")
        if self._pin.is_right(pin):
            self._pin_tries = _PIN_TRIES
            return
        self._pin_tries -= 1
        if self._pin_tries == 0:
            raise VaultError("vault.pin_exhausted")
        raise VaultError("vault.wrong_pin", recovery=Recovery.RETRY, left=self._pin_tries)
