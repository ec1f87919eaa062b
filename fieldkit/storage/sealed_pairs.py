"""Sealed records as they lie in a tree of folders: each file with the text beside it that proves it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SEALED, MANIFEST = ".age", ".manifest"
# Age files of a kit's home that are no records.
NO_RECORDS = frozenset({"escrow.age", "escrow.copy.age"})


@dataclass(frozen=True, slots=True)
class SealedPair:
    """One sealed file; `manifest` is None when nothing of its name lies beside it."""

    record_id: str
    file: Path
    manifest: Path | None


@dataclass(frozen=True, slots=True)
class FoundPairs:
    """What lies in a tree. `unreadable` are folders that could not be listed."""

    pairs: tuple[SealedPair, ...]
    unreadable: tuple[str, ...] = field(default=())


def find_pairs(tree: Path) -> FoundPairs:
    """List the sealed files of a tree by their id; a folder that cannot be read is named and the rest goes on."""
    pairs: list[SealedPair] = []
    unreadable: list[str] = []

    def note(error: OSError) -> None:
        unreadable.append(str(error.filename or tree))

    for folder, _, names in os.walk(tree, onerror=note):
        pairs += _pairs(Path(folder), names)
    return FoundPairs(tuple(sorted(pairs, key=lambda pair: (pair.record_id, str(pair.file)))), tuple(unreadable))


def _pairs(folder: Path, names: Sequence[str]) -> list[SealedPair]:
    known = set(names)
    found = []
    for name in names:
        file = folder / name
        if file.suffix == SEALED and name not in NO_RECORDS:
            beside = file.with_suffix(MANIFEST)
            found.append(SealedPair(file.stem, file, beside if beside.name in known else None))
    return found
