"""Sealed records as they lie in a tree of folders: each file with the text beside it that proves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from fieldkit.media.place import Place

SEALED, MANIFEST, RECEIPT, VOUCH = ".age", ".manifest", ".receipt", ".vouch"
MOST_VOUCH_BYTES = 64 * 1024  # a statement and a certificate
MOST_MANIFEST_BYTES = 256 * 1024  # the statement, the certificate, what lists show: some KB
# Age files of a kit's home that are no records.
NO_RECORDS = frozenset({"escrow.age", "escrow.copy.age"})


@dataclass(frozen=True, slots=True)
class SealedPair:
    """One sealed file; `manifest` and `vouch` (of a team lead) are None when nothing of its name lies beside it."""

    record_id: str
    file: Place
    manifest: Place | None
    vouch: Place | None = None


@dataclass(frozen=True, slots=True)
class FoundPairs:
    """What lies in a tree. `unreadable` are folders that could not be listed."""

    pairs: tuple[SealedPair, ...]
    unreadable: tuple[str, ...] = field(default=())


def find_pairs(tree: Place) -> FoundPairs:
    """List the sealed files of a tree by their id; a folder that cannot be read is named and the rest goes on."""
    pairs: list[SealedPair] = []
    unreadable: list[str] = []
    found = tree.walk(lambda place, _: unreadable.append(str(place)))
    for _, names in groupby(found, key=lambda place: place.parent):
        pairs += _pairs(list(names))
    return FoundPairs(tuple(sorted(pairs, key=lambda pair: (pair.record_id, pair.file))), tuple(unreadable))


def _pairs(files: Sequence[Place]) -> list[SealedPair]:
    known = set(files)
    found = []
    for file in files:
        if file.suffix == SEALED and file.name not in NO_RECORDS:
            manifest, vouch = (each if each in known else None for each in map(file.beside, (MANIFEST, VOUCH)))
            found.append(SealedPair(file.stem, file, manifest, vouch))
    return found
