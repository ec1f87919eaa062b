"""`keyslots.json`: what stands there, strictly read and durably written. No key is opened here."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from fieldkit.domain.errors import Recovery, VaultError
from fieldkit.domain.people import Role, User
from fieldkit.vault.durable import sync_folder

VERSION = 1
_T = TypeVar("_T")
# Bounds of what a file may ask of this laptop; a damaged one must not take all memory at sign-in.
_MAX_MEMORY_KIB, _MAX_ITERATIONS, _MAX_LANES = 1 << 20, 20, 16


@dataclass(frozen=True, slots=True)
class Kdf:
    """Argon2id: parameters and salt."""

    memory_kib: int
    iterations: int
    lanes: int
    salt: bytes


@dataclass(frozen=True, slots=True)
class Slot:
    """One user. `sealed` (nonce ‖ ciphertext) is what the passphrase opens; a disabled user has none."""

    user: User
    kdf: Kdf | None = None
    sealed: bytes = field(default=b"", repr=False)

    @property
    def is_disabled(self) -> bool:
        """Whether nothing is left to open."""
        return self.kdf is None


@dataclass(frozen=True, slots=True)
class Lockout:
    """Failed tries in a row. The counter is no secret and survives a restart."""

    failures: int
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class SlotFile:
    """The whole file. `escrow` is an age file for the recovery of the dinas; `key_check` recognises the store's key."""

    kit_id: str
    key_check: str
    escrow: bytes = field(repr=False)
    slots: tuple[Slot, ...] = ()
    lockouts: dict[str, Lockout] = field(default_factory=dict)

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


def read(path: Path) -> SlotFile:
    """Read the file. Raise `VaultError` `vault.slots_missing` or `vault.slots_damaged`."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise VaultError("vault.slots_missing", recovery=Recovery.ASK_OFFICE) from error
    except (OSError, UnicodeDecodeError) as error:
        raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE) from error
    try:
        return _file(json.loads(text))
    except (ValueError, KeyError, RecursionError) as error:
        raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE) from error


def write(path: Path, file: SlotFile) -> None:
    """Replace the file: after this returns it survives a power cut; before, the old one does.

    Raise `VaultError` `vault.slots_unwritable`.
    """
    temporary = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor, for its mode
            plain = _plain(file)
            json.dump({**plain, "digest": _digest(plain)}, stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise VaultError("vault.slots_unwritable", recovery=Recovery.FREE_DISK) from error


def _plain(file: SlotFile) -> dict[str, object]:
    return {
        "version": VERSION,
        "kit": file.kit_id,
        "key_check": file.key_check,
        "slots": [_plain_slot(slot) for slot in file.slots],
        "escrow": _text(file.escrow),
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
    return plain


def _file(plain: object) -> SlotFile:
    top = _a(dict, plain)
    if top["version"] != VERSION:
        raise ValueError("another version")
    # Against rot, not against malice: a rotten slot would otherwise look like a wrong passphrase.
    if top.pop("digest") != _digest(top):
        raise ValueError("not what was written")
    slots = tuple(_slot(_a(dict, slot)) for slot in _a(list, top["slots"]))
    if len({slot.user.user_id for slot in slots}) != len(slots):
        raise ValueError("a user stands there twice")
    lockouts = {user_id: _lockout(_a(dict, value)) for user_id, value in _a(dict, top["lockouts"]).items()}
    return SlotFile(_a(str, top["kit"]), _a(str, top["key_check"]), _bytes(top["escrow"]), slots, lockouts)


def _slot(plain: dict[str, object]) -> Slot:
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
