"""The key slots of a home as the accounts of a kit."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence

from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.slot_marks import closing_anew
from fieldkit.domain.people import User
from fieldkit.ports.clock import Clock
from fieldkit.ports.repositories import Account
from fieldkit.ports.store import Store
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import certificates
from fieldkit.vault.certificates import make_csr
from fieldkit.vault.device_trust import JwsSigner
from fieldkit.vault.keyslots import KeySlotFile, OpenSlot, check_secrets
from sync.kit import enrol as connection
from sync.kit.connection import Connection, pinned_context
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import UserRequest


class SlotAccounts:
    """Implements `Accounts` for who opened the kit; certificates come from its gateway."""

    def __init__(self, slots: KeySlotFile, opened: OpenSlot, clock: Clock, settings: KitSettings, store: Store) -> None:
        self._slots, self._opened, self._clock, self._settings, self._store = slots, opened, clock, settings, store

    def everybody(self) -> Sequence[Account]:
        """List all accounts; those who can sign in come first."""
        active = (Account(user, is_disabled=False) for user in self._slots.names())
        return (*active, *(Account(user, is_disabled=True) for user in self._slots.disabled()))

    def change_passphrase(self, user_id: str, old: str, new: str) -> None:
        """Close the user's slot with another passphrase."""
        with closing_anew(self._store, self._slots, user_id):
            self._slots.change_passphrase(user_id, old, new, self._clock.now())

    def set_pin(self, user_id: str, passphrase: str, pin: str) -> None:
        """Set or take away the PIN."""
        with closing_anew(self._store, self._slots, user_id):
            self._slots.set_pin(user_id, passphrase, pin, self._clock.now())

    def start_anew(self, user: User, passphrase: str, pin: str, certified: Callable[[], None]) -> None:
        """Make a key, let the gateway certify it on this admin's word, and close a new slot around it."""
        check_secrets(passphrase, pin, (user.name, user.user_id))
        private = certificates.new_private_key()
        request = UserRequest(user_id=user.user_id, name=user.name, role=user.role, csr=make_csr(private))
        admin = JwsSigner(self._opened.signing_key.private_der, self._opened.user.user_id)
        with self._link() as link:
            certificate = connection.add_user(link, self._slots.kit_id, request, admin, self._clock)
        certified()
        with closing_anew(self._store, self._slots, user.user_id):
            self._slots.start_anew(user, passphrase, self._opened.db_key, SigningKey(certificate, private), pin)

    def new_sheet(self) -> str:
        """Draw 100 bits, in groups that can be read and typed."""
        letters = base64.b32encode(secrets.token_bytes(13)).decode("ascii")[:20]
        return "-".join(letters[at : at + 4] for at in range(0, 20, 4))

    def keep_sheet(self, user_id: str, code: str) -> None:
        """Close a slot of the sheet's own."""
        with closing_anew(self._store, self._slots, user_id):
            self._slots.keep_sheet(user_id, code, self._opened.db_key, self._opened.signing_key)

    def has_sheet(self, user_id: str) -> bool:
        """Return whether there is such a slot."""
        return user_id in self._slots.sheets()

    def disable(self, user_id: str) -> None:
        """Throw away what the user's passphrase opens."""
        with closing_anew(self._store, self._slots, user_id):
            self._slots.disable(user_id)

    def remove(self, user_id: str) -> None:
        """Forget the user."""
        with closing_anew(self._store, self._slots, user_id):
            self._slots.remove(user_id)

    def _link(self) -> DataCenterLink:
        # One of its own: the sending has another thread.
        kept = self._settings
        wired = Connection(kept.gateway_url, pinned_context(kept.ca_certificate))
        return DataCenterLink(wired, kept.kit_id, JwsSigner(kept.kit_private, kept.kit_id), self._clock)
