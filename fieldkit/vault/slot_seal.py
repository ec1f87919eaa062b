"""What a slot closes and how it opens: the passphrase opens an identity, and the identity the store's key.

So the store's key can be changed while only one user is there: each slot names its recipient outside. A link is an
age file to that recipient with a key of the store and the one before it: who makes one must know the key that the user
already trusts, and nobody can slip a foreign key under a slot. The recipient stands under a MAC by the store's key:
who swaps it gets no link.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fieldkit.domain.errors import Recovery, VaultError
from fieldkit.domain.people import User
from fieldkit.vault.passphrases import Pin
from fieldkit.vault.slot_file import Kdf, Slot

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    from fieldkit.ports.vault import SigningKey

DB_KEY_BYTES = 32
_NONCE_BYTES = 12
_OLD, _NEW = 1, 2  # versions of a slot


@dataclass(frozen=True, slots=True)
class Inside:
    """What a slot keeps closed. `db_keys` are the keys of the store that it leads to, the oldest first."""

    db_keys: tuple[bytes, ...] = field(repr=False)
    signing_key: SigningKey
    pin: Pin | None = None
    seed: bytes = field(default=b"", repr=False)  # of the slot's age identity; b"" in version 1


def closed(kit_id: str, user: User, kdf: Kdf, cipher: ChaCha20Poly1305, inside: Inside) -> Slot:
    """Return a slot of version 2 around the newest of the keys; the identity is made when there is none."""
    from fieldkit.vault import age

    identity = age.Identity(inside.seed or os.urandom(32))
    db_key = inside.db_keys[-1]
    plain = {
        "seed": _text(identity.seed),
        "trusts": _seal_digest(db_key),
        "private": _text(inside.signing_key.private_der),
        "pin": _pin_as_json(inside.pin),
    }
    nonce = os.urandom(_NONCE_BYTES)
    sealed = cipher.encrypt(nonce, json.dumps(plain).encode(), _bound(_NEW, kit_id, user))
    recipient = str(identity.recipient)
    return Slot(
        user,
        kdf,
        nonce + sealed,
        inside.signing_key.certificate_der,
        recipient,
        recipient_mac(db_key, kit_id, user, recipient),
        (link(kit_id, user, recipient, db_key, db_key),),
    )


def opened(kit_id: str, slot: Slot, cipher: ChaCha20Poly1305) -> Inside:
    """Open a slot of any version.

    Raise `cryptography.exceptions.InvalidTag` for a wrong passphrase, `ValueError` or `VaultError`
    `vault.slots_damaged` for what cannot be one.
    """
    from fieldkit.ports.vault import SigningKey

    version = _OLD if slot.is_old else _NEW
    bound = _bound(version, kit_id, slot.user)
    # Authenticated by the passphrase: its form is ours.
    parts = json.loads(cipher.decrypt(slot.sealed[:_NONCE_BYTES], slot.sealed[_NONCE_BYTES:], bound))
    private, pin = base64.b64decode(parts["private"]), _pin_from_json(parts["pin"])
    if version == _OLD:
        certificate = base64.b64decode(parts["certificate"])
        return Inside((base64.b64decode(parts["db_key"]),), SigningKey(certificate, private), pin)
    seed = base64.b64decode(parts["seed"])
    keys = _followed(kit_id, slot, seed, parts["trusts"])
    return Inside(keys, SigningKey(slot.certificate, private), pin, seed)


def link(kit_id: str, user: User, recipient: str, before: bytes, db_key: bytes) -> bytes:
    """Return an age file that leads a user from the key that is trusted to the next one."""
    from fieldkit.vault import age

    return age.encrypt(_link_prefix(kit_id, user) + before + db_key, [age.Recipient.parse(recipient)])


def recipient_mac(db_key: bytes, kit_id: str, user: User, recipient: str) -> str:
    """Say by the store's key that this recipient is this user's."""
    stated = ["fieldkit recipient", kit_id, user.user_id, user.name, user.role.value, recipient]
    return hmac.digest(db_key, json.dumps(stated).encode(), hashlib.sha256).hex()


def has_true_recipient(db_keys: Sequence[bytes], kit_id: str, slot: Slot) -> bool:
    """Return whether the recipient outside a slot was put there by somebody who had a key of the store."""
    macs = (recipient_mac(key, kit_id, slot.user, slot.recipient) for key in db_keys)
    return any(hmac.compare_digest(mac, slot.recipient_mac) for mac in macs)


def _followed(kit_id: str, slot: Slot, seed: bytes, trusted: str) -> tuple[bytes, ...]:
    from fieldkit.vault import age

    keys: list[bytes] = []
    prefix = _link_prefix(kit_id, slot.user)
    for sealed in slot.links:
        plain = age.decrypt(sealed, [age.Identity(seed)])
        if not plain.startswith(prefix) or len(plain) != len(prefix) + 2 * DB_KEY_BYTES:
            raise _damaged()
        before, key = plain[len(prefix) : -DB_KEY_BYTES], plain[-DB_KEY_BYTES:]
        if not hmac.compare_digest(_seal_digest(before), trusted):
            raise _damaged()
        keys.append(key)
        trusted = _seal_digest(key)
    if not keys:
        raise _damaged()
    return tuple(keys)


def _damaged() -> VaultError:
    return VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)


def _bound(version: int, kit_id: str, user: User) -> bytes:
    """Return what a slot cannot be moved away from: kit, user, name and role."""
    return json.dumps(["fieldkit keyslot", version, kit_id, user.user_id, user.name, user.role.value]).encode()


def _link_prefix(kit_id: str, user: User) -> bytes:
    return f"fieldkit store key {kit_id} {user.user_id}\n".encode()


def _seal_digest(key: bytes) -> str:
    return hmac.digest(key, b"fieldkit trusted key", hashlib.sha256).hex()


def _pin_as_json(pin: Pin | None) -> dict[str, object] | None:
    if pin is None:
        return None
    return {
        "memory_kib": pin.kdf.memory_kib,
        "iterations": pin.kdf.iterations,
        "lanes": pin.kdf.lanes,
        "salt": _text(pin.kdf.salt),
        "hash": _text(pin.hash),
    }


def _pin_from_json(plain: dict[str, object] | None) -> Pin | None:
    if not plain:
        return None
    memory_kib, iterations, lanes = (int(str(plain[name])) for name in ("memory_kib", "iterations", "lanes"))
    salt, hashed = (base64.b64decode(str(plain[name])) for name in ("salt", "hash"))
    return Pin(Kdf(memory_kib, iterations, lanes, salt), hashed)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
