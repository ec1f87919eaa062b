"""`keyslots.json`: what stands there, strictly read. No key is opened here, and `slot_copies` keeps it on the disk.

Version 1 had the escrow inside and the certificates in the sealed part; it is read and never written.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, TypeVar

from fieldkit.domain.errors import VaultError
from fieldkit.domain.people.accounts import Role, User

VERSION = 2
_OLD_VERSION = 1
_T = TypeVar("_T")
# Bounds of what a file may ask of this laptop; a damaged one must not take all memory at sign-in.
_MAX_MEMORY_KIB, _MAX_ITERATIONS, _MAX_LANES = 1 << 20, 64, 16


class Kdf(NamedTuple):
    """Argon2id: parameters and salt."""

    memory_kib: int
    iterations: int
    lanes: int
    salt: bytes


@dataclass(frozen=True, slots=True)
class Slot:
    """One user. `sealed` (nonce ‖ ciphertext) is what the passphrase opens; a disabled user has none.

    `links` are age files to `recipient`, each with a key of the store and the key before it; `recipient_mac` says by
    the store's key that the recipient is the user's. A slot of version 1 has none of these.
    """

    user: User
    kdf: Kdf | None = None
    sealed: bytes = field(default=b"", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    recipient: str = field(default="", repr=False)
    recipient_mac: str = ""
    links: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def is_disabled(self) -> bool:
        """Whether nothing is left to open."""
        return self.kdf is None

    @property
    def is_old(self) -> bool:
        """Whether only the passphrase can give it another key of the store."""
        return self.kdf is not None and not self.recipient


class Lockout(NamedTuple):
    """Failed tries in a row. The counter is no secret and survives a restart."""

    failures: int
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class SlotFile:
    """The whole file. `escrow` is an age file for the recovery of the dinas, b"" when both of its copies are damaged.

    `key_checks` recognise the store's key: one, and two while the key is being changed, the old one first.
    """

    kit_id: str
    key_checks: tuple[str, ...]
    escrow: bytes = field(repr=False)
    slots: tuple[Slot, ...] = ()
    lockouts: dict[str, Lockout] = field(default_factory=dict)
    generation: int = 0

    def slot(self, user_id: str) -> Slot:
        """Return the slot of a user. Raise `VaultError` `vault.unknown_user`."""
        for slot in self.slots:
            if slot.user.user_id == user_id:
                return slot
        raise VaultError("vault.unknown_user")

    def with_slot(self, changed: Slot) -> SlotFile:
        """Return the file with a slot replaced in its place, or added at the end."""
        kept = [changed if slot.user.user_id == changed.user.user_id else slot for slot in self.slots]
        return replace(self, slots=tuple(kept if changed in kept else [*kept, changed]))

    def without(self, user_id: str) -> SlotFile:
        """Return the file without a user."""
        slots = tuple(slot for slot in self.slots if slot.user.user_id != user_id)
        return replace(self, slots=slots).without_lockout(user_id)

    def with_lockout(self, user_id: str, lockout: Lockout) -> SlotFile:
        """Return the file with a counter set."""
        return replace(self, lockouts={**self.lockouts, user_id: lockout})

    def without_lockout(self, user_id: str) -> SlotFile:
        """Return the file with a counter back at zero."""
        return replace(self, lockouts={key: value for key, value in self.lockouts.items() if key != user_id})


class Parsed(NamedTuple):
    """What one copy says. `escrow_sha256` recognises the escrow beside it, "" in version 1, which has it inside."""

    file: SlotFile
    escrow_sha256: str


def to_bytes(file: SlotFile) -> bytes:
    """Return the file as it is kept, without the escrow."""
    plain = _plain(file)
    return json.dumps({**plain, "digest": _digest(plain)}, ensure_ascii=False, indent=1).encode()


def from_bytes(content: bytes) -> Parsed:
    """Read a copy strictly. Raise `ValueError` or `KeyError` for anything that was not written by `to_bytes`."""
    try:
        top = _a(dict, json.loads(content.decode("utf-8")))
    except RecursionError as error:
        raise ValueError("too deep") from error
    version = top["version"]
    if version not in (_OLD_VERSION, VERSION):
        raise ValueError("another version")
    # Against rot, not against malice: a rotten slot would otherwise look like a wrong passphrase.
    if top.pop("digest") != _digest(top):
        raise ValueError("not what was written")
    read_slot = _slot if version == VERSION else _old_slot
    slots = tuple(read_slot(_a(dict, slot)) for slot in _a(list, top["slots"]))
    if len({slot.user.user_id for slot in slots}) != len(slots):
        raise ValueError("a user stands there twice")
    lockouts = {user_id: _lockout(_a(dict, value)) for user_id, value in _a(dict, top["lockouts"]).items()}
    kit = _a(str, top["kit"])
    if version == _OLD_VERSION:
        return Parsed(SlotFile(kit, (_a(str, top["key_check"]),), _bytes(top["escrow"]), slots, lockouts), "")
    checks = tuple(_a(str, check) for check in _a(list, top["key_checks"]))
    if not 1 <= len(checks) <= 2:
        raise ValueError("no key, or too many")
    generation = _bounded(top["generation"], 1 << 62)
    return Parsed(SlotFile(kit, checks, b"", slots, lockouts, generation), _a(str, top["escrow_sha256"]))


def _plain(file: SlotFile) -> dict[str, object]:
    return {
        "version": VERSION,
        "generation": file.generation,
        "kit": file.kit_id,
        "key_checks": list(file.key_checks),
        "escrow_sha256": hashlib.sha256(file.escrow).hexdigest(),
        "slots": [_plain_slot(slot) for slot in file.slots],
        "lockouts": {
            user_id: {"failures": lockout.failures, "failed_at": lockout.failed_at.isoformat()}
            for user_id, lockout in file.lockouts.items()
        },
    }


def _plain_slot(slot: Slot) -> dict[str, object]:
    plain: dict[str, object] = {"user": slot.user.user_id, "name": slot.user.name, "role": slot.user.role.value}
    if slot.kdf is not None:
        plain["argon2id"] = {
            "memory_kib": slot.kdf.memory_kib,
            "iterations": slot.kdf.iterations,
            "lanes": slot.kdf.lanes,
            "salt": _text(slot.kdf.salt),
        }
        plain["sealed"] = _text(slot.sealed)
        plain["certificate"] = _text(slot.certificate)
        plain["recipient"] = slot.recipient
        plain["recipient_mac"] = slot.recipient_mac
        plain["links"] = [_text(link) for link in slot.links]
    return plain


def _slot(plain: dict[str, object]) -> Slot:
    closed = _old_slot(plain)
    if closed.is_disabled:
        return closed
    links = tuple(_bytes(link) for link in _a(list, plain["links"]))
    return replace(
        closed,
        certificate=_bytes(plain["certificate"]),
        recipient=_a(str, plain["recipient"]),
        recipient_mac=_a(str, plain["recipient_mac"]),
        links=links,
    )


def _old_slot(plain: dict[str, object]) -> Slot:
    user = User(_a(str, plain["user"]), _a(str, plain["name"]), Role(_a(str, plain["role"])))
    if "argon2id" not in plain:
        return Slot(user)
    kdf = _a(dict, plain["argon2id"])
    bounds = (("memory_kib", _MAX_MEMORY_KIB), ("iterations", _MAX_ITERATIONS), ("lanes", _MAX_LANES))
    memory_kib, iterations, lanes = (_bounded(kdf[name], most) for name, most in bounds)
    return Slot(user, Kdf(memory_kib, iterations, lanes, _bytes(kdf["salt"])), _bytes(plain["sealed"]))


def _lockout(plain: dict[str, object]) -> Lockout:
    failed_at = datetime.fromisoformat(_a(str, plain["failed_at"]))
    if failed_at.tzinfo is None:
        raise ValueError("a time without zone")
    return Lockout(_bounded(plain["failures"], 1 << 31), failed_at)


def _digest(plain: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _a(kind: type[_T], value: object) -> _T:
    if not isinstance(value, kind):
        raise ValueError(f"not a {kind.__name__}")
    return value


def _bounded(value: object, most: int) -> int:
    if not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError("out of bounds")
    return value


def _bytes(value: object) -> bytes:
    return base64.b64decode(_a(str, value), validate=True)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
