"""The key slots on the disk: twice, each slot with its digest, and the escrow apart, twice as well.

Bad bytes lock nobody out unless they hit the same place of both copies: each slot is read from whichever copy has it
whole, and both copies are mended.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from fieldkit.domain.errors import Recovery, VaultError
from fieldkit.vault import slot_file
from fieldkit.vault.durable import sync_folder, write_durably
from fieldkit.vault.slot_file import Parsed, SlotFile, whole_of

Write = Callable[[Path, SlotFile], None]  # keeps slots on the disk. Raise `VaultError` `vault.slots_unwritable`
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
    """Return the newest slots that are whole. Raise `VaultError` `vault.slots_missing` or `vault.slots_damaged`.

    What is damaged, older or of an older form is written anew when the disk allows it.
    """
    found = [_content(copy) for copy in copies_of(path)]
    newest = _newest(found)
    if newest is None:
        code = "vault.slots_missing" if found == [None, None] and not exist(path) else "vault.slots_damaged"
        raise VaultError(code, recovery=Recovery.ASK_OFFICE)
    if not newest.escrow_sha256:  # version 1, which stays as it is until the next write
        return newest.file
    file = replace(newest.file, escrow=_escrow(path, newest.escrow_sha256))
    with contextlib.suppress(VaultError):  # a full disk must not keep anybody from signing in
        _mend(path, file)
    return file


def look(path: Path) -> SlotFile:
    """Return the newest slots that are whole, and mend nothing. Raise `VaultError` `vault.slots_damaged`."""
    return newest_of([_content(copy) for copy in copies_of(path)])


def newest_of(copies: Sequence[bytes | None]) -> SlotFile:
    """Return the newest slots that are whole in two copies, None for one that is not there. Raise as `look`."""
    newest = _newest(copies)
    if newest is None:
        raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)
    return newest.file


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
    first, second = map(_content, copies_of(path))
    slots = (_parsed(first, second), _parsed(second, first))
    inside = [parsed.file.escrow for parsed in slots if parsed is not None]
    return tuple(dict.fromkeys(content for content in (*beside, *inside) if content))


def _escrow(path: Path, sha256: str) -> bytes:
    first, second = (_content(copy) or b"" for copy in escrows_of(path))
    whole = whole_of(first, second, lambda content: hashlib.sha256(content).hexdigest() == sha256)
    if whole is not None:
        return whole
    # Two equal copies are no rot: the escrow was made anew, and the slots that know of it were not written any more.
    return first if first == second and first.startswith(_AGE_INTRO) else b""


def _mend(path: Path, file: SlotFile) -> None:
    _keep_escrow(path, file.escrow)
    content = slot_file.to_bytes(file)
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


def _newest(found: Sequence[bytes | None]) -> Parsed | None:
    orders = dict.fromkeys([tuple(found), tuple(reversed(found))])  # equal copies need no second reading
    read = [parsed for order in orders if (parsed := _parsed(*order)) is not None]
    return max(read, key=lambda parsed: (-parsed.lost, parsed.file.generation), default=None)


def _parsed(content: bytes | None, other: bytes | None) -> Parsed | None:
    try:
        return slot_file.from_bytes(content or b"", other or b"")
    except (ValueError, KeyError):
        return None


def _put(path: Path, content: bytes) -> None:
    try:
        write_durably(path, content)
    except OSError as error:
        raise VaultError("vault.slots_unwritable", recovery=Recovery.FREE_DISK) from error
