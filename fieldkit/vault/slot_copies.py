"""The key slots on the disk: twice, each copy with its digest, and the escrow apart, twice as well.

One bad sector locks nobody out: the newest copy that is whole is read, and the other one is mended from it.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fieldkit.domain.errors import Recovery, VaultError
from fieldkit.vault import slot_file
from fieldkit.vault.durable import sync_folder, write_durably
from fieldkit.vault.slot_file import Parsed, SlotFile

_AGE_INTRO = b"age-encryption.org/"


def copies_of(path: Path) -> tuple[Path, Path]:
    """Return where the slots stand: the file and its copy."""
    return path, path.with_name(f"{path.stem}.copy{path.suffix}")


def escrows_of(path: Path) -> tuple[Path, Path]:
    """Return where the escrow stands beside the slots: the file and its copy."""
    return path.with_name("escrow.age"), path.with_name("escrow.copy.age")


def exist(path: Path) -> bool:
    """Return whether there is any copy of the slots, whole or not."""
    return any(copy.exists() for copy in copies_of(path))


def read(path: Path) -> SlotFile:
    """Return the newest whole copy. Raise `VaultError` `vault.slots_missing` or `vault.slots_damaged`.

    What is damaged or older is written anew when the disk allows it.
    """
    found = [_content(copy) for copy in copies_of(path)]
    whole = [parsed for parsed in map(_parsed, found) if parsed is not None]
    if not whole:
        code = "vault.slots_missing" if found == [None, None] and not exist(path) else "vault.slots_damaged"
        raise VaultError(code, recovery=Recovery.ASK_OFFICE)
    newest = max(whole, key=lambda parsed: parsed.file.generation)
    if not newest.escrow_sha256:  # version 1, which stays as it is until the next write
        return newest.file
    file = replace(newest.file, escrow=_escrow(path, newest.escrow_sha256))
    with contextlib.suppress(VaultError):  # a full disk must not keep anybody from signing in
        # Equal and whole they need no second writing to be compared with.
        _mend(path, file, found[0] if found[0] == found[1] else None)
    return file


def look(path: Path) -> SlotFile:
    """Return the newest whole copy, and mend nothing. Raise `VaultError` `vault.slots_damaged`."""
    whole = [parsed for copy in copies_of(path) if (parsed := _parsed(_content(copy))) is not None]
    if not whole:
        raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)
    return max(whole, key=lambda parsed: parsed.file.generation).file


def write(path: Path, file: SlotFile) -> None:
    """Replace both copies, one after the other: whenever this breaks off, the old state or the new one is read.

    Raise `VaultError` `vault.slots_unwritable`.
    """
    _keep_escrow(path, file.escrow)
    content = slot_file.to_bytes(file)
    for copy in copies_of(path):
        _put(copy, content)


def put_in_place(staged: Path, path: Path) -> None:
    """Move slots that were made elsewhere to where they count; they count from the first slot file on."""
    sources, targets = ((*escrows_of(place), *copies_of(place)) for place in (staged, path))
    for source, target in zip(sources, targets, strict=True):
        source.replace(target)
        sync_folder(target.parent)


def escrows(path: Path) -> Sequence[bytes]:
    """Return every escrow that lies beside the slots or in slots of version 1, for a recovery without whole slots."""
    beside = [content for content in map(_content, escrows_of(path)) if content]
    inside = [parsed.file.escrow for parsed in map(_parsed, map(_content, copies_of(path))) if parsed is not None]
    return tuple(dict.fromkeys(content for content in (*beside, *inside) if content))


def _escrow(path: Path, sha256: str) -> bytes:
    first, second = (_content(copy) or b"" for copy in escrows_of(path))
    for content in (first, second):
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
    # Two equal copies are no rot: the escrow was made anew, and the slots that know of it were not written any more.
    return first if first == second and first.startswith(_AGE_INTRO) else b""


def _mend(path: Path, file: SlotFile, same: bytes | None) -> None:
    _keep_escrow(path, file.escrow)
    content = same or slot_file.to_bytes(file)
    for copy in copies_of(path):
        if _content(copy) != content:
            _put(copy, content)


def _keep_escrow(path: Path, escrow: bytes) -> None:
    if escrow:
        for copy in escrows_of(path):
            if _content(copy) != escrow:
                _put(copy, escrow)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # missing, or a sector that cannot be read: the other copy stands in
        return None


def _parsed(content: bytes | None) -> Parsed | None:
    try:
        return slot_file.from_bytes(content or b"")
    except (ValueError, KeyError):
        return None


def _put(path: Path, content: bytes) -> None:
    try:
        write_durably(path, content)
    except OSError as error:
        raise VaultError("vault.slots_unwritable", recovery=Recovery.FREE_DISK) from error
