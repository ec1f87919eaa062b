"""`keyslots.json`: what stands there, strictly read. No key is opened here, and `slot_copies` keeps it on the disk.

The first line is the head, each further one a slot; the head has a digest of itself and one of each slot, so that
damage takes no more with it than it hit, and what one copy lost is read from the other. Version 2 had one digest for
all, version 1 also the escrow inside and the certificates in the sealed part; they are read and never written.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import product
from typing import NamedTuple, TypeVar

from fieldkit.domain.errors import VaultError
from fieldkit.domain.people import Role, User

# What stands on the disk twice is read whole although each of its copies is damaged somewhere.

_MOST_APART = 8  # bytes in which two copies may differ: 256 mixtures to look at


def whole_of(first: bytes, second: bytes, is_whole: Callable[[bytes], bool]) -> bytes | None:
    """Return the copy that is whole, else the mixture of both that is, else None.

    Two bad bytes at different places of two equally long copies leave four mixtures, and one of them was written.
    """
    if len(first) != len(second):
        return next((copy for copy in (first, second) if is_whole(copy)), None)
    apart = [place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    if len(apart) > _MOST_APART:
        return next((copy for copy in (first, second) if is_whole(copy)), None)
    for choice in product((first, second), repeat=len(apart)):
        mixture = bytearray(first)
        for place, copy in zip(apart, choice, strict=True):
            mixture[place] = copy[place]
        if is_whole(bytes(mixture)):
            return bytes(mixture)
    return None


VERSION = 3
_ONE_DIGEST, _OLD_VERSION = 2, 1
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
    """What the copies say. `escrow_sha256` recognises the escrow beside it, "" in version 1, which has it inside.

    `lost` slots are whole in neither copy: their users stand there as disabled, for a new start.
    """

    file: SlotFile
    escrow_sha256: str
    lost: int = 0


def to_bytes(file: SlotFile) -> bytes:
    """Return the file as it is kept, without the escrow."""
    lines = [_line(_plain_slot(slot)) for slot in file.slots]
    head = _plain_head(file) | {
        "slots": [
            {**_plain_user(slot.user), "bytes": len(line), "sha256": hashlib.sha256(line).hexdigest()}
            for slot, line in zip(file.slots, lines, strict=True)
        ]
    }
    return b"".join(line + b"\n" for line in (_line({**head, "digest": _digest(head)}), *lines))


def from_bytes(content: bytes, other: bytes = b"") -> Parsed:
    """Read a copy strictly, and from the other one what this one lost.

    Raise `ValueError` or `KeyError` for anything that was not written by `to_bytes`, or of which no slot is left.
    """
    for copy in (content, other):  # damage may end the first line early or late, hardly in both
        end = max(copy.find(b"\n"), 0)
        head = whole_of(content[:end], other[:end], _is_whole)
        if head is not None:
            return _by_head(head, content, other)
    whole = whole_of(content, other, _is_whole)
    if whole is None:
        raise ValueError("not what was written")
    return _by_one_digest(_top(whole))


def _by_head(line: bytes, content: bytes, other: bytes) -> Parsed:
    head, slots, lost, start = _top(line), list[Slot](), 0, len(line) + 1
    if head["version"] != VERSION:
        raise ValueError("another version")
    written = {hashlib.sha256(each).hexdigest(): each for copy in (other, content) for each in copy.split(b"\n")}
    for stated in _a(list, head["slots"]):
        end = start + _bounded(_a(dict, stated)["bytes"], 1 << 31)
        sha256 = _a(str, stated["sha256"])
        found = written.get(sha256) or whole_of(content[start:end], other[start:end], _has_digest(sha256))
        slots.append(_slot(_top(found)) if found else Slot(_user(stated)))
        lost, start = lost + (found is None), end + 1
    if lost and all(slot.is_disabled for slot in slots):
        raise ValueError("no slot is left that opens")
    return _parsed(head, slots, lost)


def _by_one_digest(top: dict[str, object]) -> Parsed:
    version = top["version"]
    if version not in (_OLD_VERSION, _ONE_DIGEST):
        raise ValueError("another version")
    read_slot = _slot if version == _ONE_DIGEST else _old_slot
    slots = [read_slot(_a(dict, slot)) for slot in _a(list, top["slots"])]
    if version == _ONE_DIGEST:
        return _parsed(top, slots)
    escrow, kit = _bytes(top["escrow"]), _a(str, top["kit"])
    return Parsed(SlotFile(kit, (_a(str, top["key_check"]),), escrow, _each_once(slots), _lockouts(top)), "")


def _parsed(head: dict[str, object], slots: Sequence[Slot], lost: int = 0) -> Parsed:
    kit, generation = _a(str, head["kit"]), _bounded(head["generation"], 1 << 62)
    checks = tuple(_a(str, check) for check in _a(list, head["key_checks"]))
    if not 1 <= len(checks) <= 2:
        raise ValueError("no key, or too many")
    file = SlotFile(kit, checks, b"", _each_once(slots), _lockouts(head), generation)
    return Parsed(file, _a(str, head["escrow_sha256"]), lost)


def _each_once(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    if len({slot.user.user_id for slot in slots}) != len(slots):
        raise ValueError("a user stands there twice")
    return tuple(slots)


def _is_whole(content: bytes) -> bool:
    # Against rot, not against malice: a rotten slot would otherwise look like a wrong passphrase.
    try:
        top = _top(content)
        return top.pop("digest") == _digest(top)
    except (ValueError, KeyError):
        return False


def _has_digest(sha256: str) -> Callable[[bytes], bool]:
    return lambda content: hashlib.sha256(content).hexdigest() == sha256


def _top(content: bytes) -> dict[str, object]:
    try:
        return _a(dict, json.loads(content.decode("utf-8")))
    except RecursionError as error:
        raise ValueError("too deep") from error


def _line(plain: dict[str, object]) -> bytes:
    return json.dumps(plain, ensure_ascii=False).encode()


def _plain_head(file: SlotFile) -> dict[str, object]:
    return {
        "version": VERSION,
        "generation": file.generation,
        "kit": file.kit_id,
        "key_checks": list(file.key_checks),
        "escrow_sha256": hashlib.sha256(file.escrow).hexdigest(),
        "lockouts": {
            user_id: {"failures": lockout.failures, "failed_at": lockout.failed_at.isoformat()}
            for user_id, lockout in file.lockouts.items()
        },
    }


def _plain_user(user: User) -> dict[str, object]:
    return {"user": user.user_id, "name": user.name, "role": user.role.value}


def _plain_slot(slot: Slot) -> dict[str, object]:
    plain = _plain_user(slot.user)
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
    user = _user(plain)
    if "argon2id" not in plain:
        return Slot(user)
    kdf = _a(dict, plain["argon2id"])
    bounds = (("memory_kib", _MAX_MEMORY_KIB), ("iterations", _MAX_ITERATIONS), ("lanes", _MAX_LANES))
    memory_kib, iterations, lanes = (_bounded(kdf[name], most) for name, most in bounds)
    return Slot(user, Kdf(memory_kib, iterations, lanes, _bytes(kdf["salt"])), _bytes(plain["sealed"]))


def _user(plain: dict[str, object]) -> User:
    return User(_a(str, plain["user"]), _a(str, plain["name"]), Role(_a(str, plain["role"])))


def _lockouts(top: dict[str, object]) -> dict[str, Lockout]:
    return {user_id: _lockout(_a(dict, value)) for user_id, value in _a(dict, top["lockouts"]).items()}


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
