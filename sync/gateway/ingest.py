"""Takes sealed records from a folder, such as a stick from a dead laptop, without any network.

A record is a pair anywhere below the folder: `<id>.age` and `<id>.manifest`, whose first line is what the kit signed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fieldkit.domain.errors import has_no_room
from fieldkit.storage.sealed_pairs import NO_RECORDS
from fieldkit.vault.durable import sync_folder
from sync.gateway.blobs import ContentDiffersError
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Digest, Holding, Manifest, ReconcileQuestion

_LONGEST_MANIFEST = 256 * 1024
_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken, named by its place below the folder, and the code that says why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a folder: ids of records taken now, of those that were here, and the files that were refused."""

    taken: tuple[str, ...]
    held: tuple[str, ...]
    refused: tuple[Refused, ...]


class Ingest:
    """Works while the gateway runs and while it does not; each record is taken or refused alone."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._ledger = Ledger(context)
        self._uploads = Uploads(context)

    def run(self, folder: Path) -> Ingested:
        """Take every pair below a folder and lay a receipt beside each, as `<id>.receipt`, where one may write."""
        taken: list[str] = []
        held: list[str] = []
        refused: list[Refused] = []
        for path in _manifests_and_records(folder):
            try:
                record_id, is_new = self._take(path)
            except Refusal as refusal:
                refused.append(Refused(str(path.relative_to(folder)), refusal.code))
            except OSError as error:
                reason = "server.full" if has_no_room(error) else f"file.{type(error).__name__}"
                refused.append(Refused(str(path.relative_to(folder)), reason))
            else:
                (taken if is_new else held).append(record_id)
        return Ingested(tuple(taken), tuple(held), tuple(refused))

    def _take(self, path: Path) -> tuple[str, bool]:
        if path.suffix == ".age":
            raise Refusal(422, "manifest.missing")
        manifest = self._announced(_first_line(path))
        kit, record_id = manifest.kit, str(manifest.record_id)
        is_new = self._holding(manifest) is not Holding.RECEIVED
        if is_new:
            try:
                receipt = self._uploads.take(kit, record_id, _pieces(path.with_suffix(".age")))
            except FileNotFoundError as error:
                raise Refusal(404, "record.missing") from error
            except ContentDiffersError as error:
                raise Refusal(422, "record.damaged") from error
        else:
            receipt = self._uploads.receipt(kit, record_id)
        with suppress(OSError):  # a stick that cannot be written to: the receipt is asked for over the network
            _write(path.with_suffix(".receipt"), receipt + "\n")
        return record_id, is_new

    def _announced(self, jws: str) -> Manifest:
        manifest, word = self._ledger.announce_carried(jws)
        if manifest is None or word.code:
            raise Refusal(422, word.code)
        return manifest

    def _holding(self, manifest: Manifest) -> Holding:
        question = ReconcileQuestion(records=(Digest(record_id=manifest.record_id, sha256=manifest.sha256),))
        return self._ledger.reconcile(manifest.kit, question).records[0].holding


def _manifests_and_records(folder: Path) -> Iterator[Path]:
    """Yield each manifest and each sealed file that has none, in order."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        known = {Path(name).stem for name in names if name.endswith(".manifest")}
        for name in sorted(set(names) - NO_RECORDS):
            path = Path(place, name)
            if path.suffix == ".manifest" or (path.suffix == ".age" and path.stem not in known):
                yield path


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(_LONGEST_MANIFEST).decode("ascii", "replace").strip()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.new")
    try:
        with unfinished.open("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)
