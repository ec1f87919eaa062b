"""Who can sign in on this kit. A stolen laptop shows names and roles; keys only to whom knows a passphrase.

Each slot wraps the key of the store, the user's signing key and the hash of the user's PIN: six digits beside the
database would fall to a quick search, so the PIN stands only inside what the passphrase opens.
Resetting the lock-out counters by editing the file is possible for a thief; what then stops him is Argon2id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.domain.errors import InputError, Recovery, RuleError, VaultError
from fieldkit.domain.people import Role, User
from fieldkit.vault import slot_file
from fieldkit.vault.slot_file import Kdf, Lockout, Slot, SlotFile

# Ciphers are imported where they are used: the sign-in screen shows names and must not wait for them.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    from fieldkit.ports.vault import SigningKey
    from fieldkit.vault import age

DB_KEY_BYTES = 32
_SALT_BYTES, _NONCE_BYTES = 16, 12
_MIN_PASSPHRASE, _PIN_DIGITS = 8, 6
_FREE_TRIES = 5
# After the free tries each further one costs more patience; minutes.
_DELAYS_MINUTES = (1, 5, 15, 60)
_PIN_TRIES = 5


@dataclass(frozen=True, slots=True)
class Hardness:
    """How hard a passphrase is to guess: Argon2id memory in KiB, passes, lanes."""

    memory_kib: int = 128 * 1024
    iterations: int = 3
    lanes: int = 4


# A PIN's hash lies inside the closed slot: who reads it holds the key of the store already. It is asked for at every
# seal, while a person waits.
_PIN_HARDNESS = Hardness(memory_kib=19 * 1024, iterations=2, lanes=1)


@dataclass(slots=True)
class OpenSlot:
    """What a passphrase opened, for one session."""

    user: User
    db_key: bytes = field(repr=False)
    signing_key: SigningKey
    _pin: _Pin | None = field(default=None, repr=False)
    _pin_tries: int = _PIN_TRIES

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


class KeySlotFile:
    """The key slots of one kit, in `keyslots.json`. One process at a time holds a kit's home."""

    def __init__(self, path: Path, file: SlotFile, hardness: Hardness) -> None:
        self._path, self._file, self._hardness = path, file, hardness

    @classmethod
    def create(
        cls, path: Path, kit_id: str, db_key: bytes, recovery: str, hardness: Hardness = Hardness()
    ) -> KeySlotFile:
        """Begin a file without users; `recovery` is the age recipient of the dinas.

        Raise `VaultError` `vault.slots_exist`: an old file may be the last way to a store.
        """
        if path.exists():
            raise VaultError("vault.slots_exist", recovery=Recovery.ASK_OFFICE)
        if len(db_key) != DB_KEY_BYTES:
            raise ValueError(f"the key of the store has {DB_KEY_BYTES} bytes")
        from fieldkit.vault import age

        escrow = age.encrypt(_escrow_prefix(kit_id) + db_key, [age.Recipient.parse(recovery)])
        slots = cls(path, SlotFile(kit_id, _key_check(db_key), escrow), hardness)
        slot_file.write(path, slots._file)
        return slots

    @classmethod
    def open(cls, path: Path, hardness: Hardness = Hardness()) -> KeySlotFile:
        """Read the file. Raise `VaultError` `vault.slots_missing` or `vault.slots_damaged`.

        `hardness` is for slots that are closed anew; an existing slot carries its own.
        """
        return cls(path, slot_file.read(path), hardness)

    @property
    def kit_id(self) -> str:
        """Whose slots these are."""
        return self._file.kit_id

    def names(self) -> Sequence[User]:
        """List the users to pick from at sign-in, in the order they were added."""
        return [slot.user for slot in self._file.slots if not slot.is_disabled]

    def disabled(self) -> Sequence[User]:
        """List the users who can no longer sign in."""
        return [slot.user for slot in self._file.slots if slot.is_disabled]

    def add(self, user: User, passphrase: str, db_key: bytes, signing_key: SigningKey, pin: str = "") -> None:
        """Add a user, or give a disabled one a new start.

        Raise `RuleError` `vault.user_exists`, `InputError` `vault.weak_passphrase` (least) or `vault.pin_form`.
        """
        if any(known.user_id == user.user_id for known in self.names()):
            raise RuleError("vault.user_exists", name=user.name)
        if not hmac.compare_digest(_key_check(db_key), self._file.key_check):
            raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)
        opened = OpenSlot(user, db_key, signing_key, self._new_pin(pin))
        self._close(opened, passphrase)

    def unlock(self, user_id: str, passphrase: str, now: datetime) -> OpenSlot:
        """Open a slot; takes about half a second by design.

        Raise `VaultError`: `vault.wrong_passphrase` (left), `vault.locked_out` (minutes), `vault.unknown_user` or
        `vault.slots_damaged`.
        """
        from cryptography.exceptions import InvalidTag

        slot = self._file.slot(user_id)
        if slot.kdf is None:
            raise VaultError("vault.unknown_user")
        failures = self._count_try(user_id, now)
        try:
            plain = _cipher(passphrase, slot.kdf).decrypt(
                slot.sealed[:_NONCE_BYTES], slot.sealed[_NONCE_BYTES:], _bound(self.kit_id, slot.user)
            )
        except InvalidTag as error:
            raise _refusal(failures) from error
        except ValueError as error:  # a salt, nonce or cost that the primitives refuse
            raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE) from error
        opened = _opened(slot.user, plain)
        if not hmac.compare_digest(_key_check(opened.db_key), self._file.key_check):
            raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)
        self._save(self._file.without_lockout(user_id))
        return opened

    def change_passphrase(self, user_id: str, old: str, new: str, now: datetime) -> None:
        """Close the user's slot with a new passphrase."""
        self._close(self.unlock(user_id, old, now), new)

    def set_pin(self, user_id: str, passphrase: str, pin: str, now: datetime) -> None:
        """Set the PIN (six digits) that unlocks the screen of a running session; "" takes it away."""
        opened = self.unlock(user_id, passphrase, now)
        opened._pin = self._new_pin(pin)
        self._close(opened, passphrase)

    def renew(self, user_id: str, passphrase: str, signing_key: SigningKey, now: datetime) -> None:
        """Put a new signing key and certificate into the user's slot."""
        opened = self.unlock(user_id, passphrase, now)
        opened.signing_key = signing_key
        self._close(opened, passphrase)

    def disable(self, user_id: str) -> None:
        """Throw away what the user's passphrase opens; name and role stay. Raise `RuleError` `vault.last_admin`."""
        self._keep_an_admin(user_id)
        slot = self._file.slot(user_id)
        self._save(self._file.with_slot(Slot(slot.user)).without_lockout(user_id))

    def remove(self, user_id: str) -> None:
        """Forget the user. Raise `RuleError` `vault.last_admin`."""
        self._keep_an_admin(user_id)
        self._file.slot(user_id)
        self._save(self._file.without(user_id))

    def recover(self, identities: Sequence[age.Identity]) -> bytes:
        """Return the key of the store by the recovery identity of the dinas.

        Raise `VaultError` `vault.age_…` or `vault.slots_damaged`.
        """
        from fieldkit.vault import age

        plain = age.decrypt(self._file.escrow, identities)
        prefix, db_key = plain[:-DB_KEY_BYTES], plain[-DB_KEY_BYTES:]
        if prefix != _escrow_prefix(self.kit_id) or _key_check(db_key) != self._file.key_check:
            raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)
        return db_key

    def _count_try(self, user_id: str, now: datetime) -> int:
        """Count a try before it is made, so that pulling the plug does not make it free; return the failures then."""
        lockout = self._file.lockouts.get(user_id)
        failures = lockout.failures if lockout else 0
        if lockout and failures >= _FREE_TRIES:
            if now < lockout.failed_at:  # the clock was set back: wait the same delay by the new clock
                lockout = Lockout(failures, now)
                self._save(self._file.with_lockout(user_id, lockout))
            left = lockout.failed_at + _delay(failures) - now
            if left > timedelta():
                raise VaultError("vault.locked_out", minutes=-(-left // timedelta(minutes=1)))
        self._save(self._file.with_lockout(user_id, Lockout(failures + 1, now)))
        return failures + 1

    def _close(self, opened: OpenSlot, passphrase: str) -> None:
        _check_passphrase(passphrase)
        kdf = _new_kdf(self._hardness)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = _cipher(passphrase, kdf).encrypt(nonce, _plain(opened), _bound(self.kit_id, opened.user))
        self._save(self._file.with_slot(Slot(opened.user, kdf, nonce + sealed)))

    def _keep_an_admin(self, user_id: str) -> None:
        admins = [user.user_id for user in self.names() if user.role is Role.ADMIN_DINAS]
        if admins == [user_id]:
            raise RuleError("vault.last_admin")

    def _new_pin(self, pin: str) -> _Pin | None:
        _check_pin(pin)
        if not pin:
            return None
        kdf = _new_kdf(_PIN_HARDNESS)
        return _Pin(kdf, _derived(pin, kdf))

    def _save(self, file: SlotFile) -> None:
        slot_file.write(self._path, file)
        self._file = file


def check_secrets(passphrase: str, pin: str = "") -> None:
    """Raise `InputError` `vault.weak_passphrase` (least) or `vault.pin_form` for what no slot would be closed with."""
    _check_passphrase(passphrase)
    _check_pin(pin)


def _check_passphrase(passphrase: str) -> None:
    if len(passphrase) < _MIN_PASSPHRASE:
        raise InputError("vault.weak_passphrase", least=_MIN_PASSPHRASE)


def _check_pin(pin: str) -> None:
    if pin and (len(pin) != _PIN_DIGITS or not (pin.isascii() and pin.isdigit())):
        raise InputError("vault.pin_form", digits=_PIN_DIGITS)


@dataclass(frozen=True, slots=True)
class _Pin:
    kdf: Kdf
    hash: bytes

    def is_right(self, pin: str) -> bool:
        return hmac.compare_digest(_derived(pin, self.kdf), self.hash)


def _refusal(failures: int) -> VaultError:
    if failures < _FREE_TRIES:
        return VaultError("vault.wrong_passphrase", left=_FREE_TRIES - failures)
    return VaultError("vault.locked_out", minutes=_delay(failures) // timedelta(minutes=1))


def _delay(failures: int) -> timedelta:
    return timedelta(minutes=_DELAYS_MINUTES[min(failures - _FREE_TRIES, len(_DELAYS_MINUTES) - 1)])


def _new_kdf(hardness: Hardness) -> Kdf:
    return Kdf(hardness.memory_kib, hardness.iterations, hardness.lanes, os.urandom(_SALT_BYTES))


def _derived(secret: str, kdf: Kdf) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    argon2id = Argon2id(
        salt=kdf.salt, length=32, iterations=kdf.iterations, lanes=kdf.lanes, memory_cost=kdf.memory_kib
    )
    # Keyboards compose é in two ways; people type one passphrase.
    return argon2id.derive(unicodedata.normalize("NFC", secret).encode())


def _cipher(passphrase: str, kdf: Kdf) -> ChaCha20Poly1305:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(_derived(passphrase, kdf))


def _bound(kit_id: str, user: User) -> bytes:
    """Return what a slot cannot be moved away from: kit, user, name and role."""
    return json.dumps(
        ["fieldkit keyslot", slot_file.VERSION, kit_id, user.user_id, user.name, user.role.value]
    ).encode()


def _escrow_prefix(kit_id: str) -> bytes:
    return f"fieldkit escrow {kit_id}\n".encode()


def _key_check(db_key: bytes) -> str:
    return hmac.digest(db_key, b"fieldkit keyslots", hashlib.sha256).hex()[:16]


def _plain(opened: OpenSlot) -> bytes:
    pin = opened._pin
    plain = {
        "db_key": _text(opened.db_key),
        "certificate": _text(opened.signing_key.certificate_der),
        "private": _text(opened.signing_key.private_der),
        "pin": pin
        and {
            "memory_kib": pin.kdf.memory_kib,
            "iterations": pin.kdf.iterations,
            "lanes": pin.kdf.lanes,
            "salt": _text(pin.kdf.salt),
            "hash": _text(pin.hash),
        },
    }
    return json.dumps(plain).encode()


def _opened(user: User, plain: bytes) -> OpenSlot:
    from fieldkit.ports.vault import SigningKey

    # Authenticated by the passphrase: its form is ours.
    parts = json.loads(plain)
    pin = parts["pin"]
    return OpenSlot(
        user,
        base64.b64decode(parts["db_key"]),
        SigningKey(base64.b64decode(parts["certificate"]), base64.b64decode(parts["private"])),
        pin
        and _Pin(
            Kdf(pin["memory_kib"], pin["iterations"], pin["lanes"], base64.b64decode(pin["salt"])),
            base64.b64decode(pin["hash"]),
        ),
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
