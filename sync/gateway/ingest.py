"""Takes sealed records from a folder, such as a stick from a dead laptop, without any network.

A record is a pair anywhere below the folder: `<id>.age` and `<id>.manifest`, whose first line is what the kit signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from fieldkit.domain.errors import has_no_room, reason_of
from fieldkit.media.place import Note, Place
from fieldkit.media.sealed_pairs import (
    MANIFEST,
    MOST_MANIFEST_BYTES,
    MOST_VOUCH_BYTES,
    NO_RECORDS,
    RECEIPT,
    SEALED,
    VOUCH,
)
from sync.gateway.blobs import ContentDiffersError
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.uploads import Uploads
from sync.gateway.vouches import VouchKeeper
from sync.protocol.messages import Digest, Holding, Manifest, ReconcileQuestion
from sync.protocol.vouching import Vouches, read_vouch


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
        self._vouches = VouchKeeper(context)

    def run(self, folder: Path) -> Ingested:
        """Take every pair below a folder and lay a receipt beside each, as `<id>.receipt`, where one may write."""
        taken: list[str] = []
        held: list[str] = []
        refused: list[Refused] = []
        for place in _manifests_and_records(
            Place(folder), lambda place, error: refused.append(Refused(place.below, reason_of(error)))
        ):
            try:
                record_id, is_new = self._take(place)
            except Refusal as refusal:
                refused.append(Refused(place.below, refusal.code))
            except OSError as error:
                reason = "server.full" if has_no_room(error) else reason_of(error)
                refused.append(Refused(place.below, reason))
            else:
                (taken if is_new else held).append(record_id)
        return Ingested(tuple(taken), tuple(held), tuple(refused))

    def _take(self, place: Place) -> tuple[str, bool]:
        if place.suffix == SEALED:
            raise Refusal(422, "manifest.missing")
        manifest = self._announced(_first_line(place))
        kit, record_id = manifest.kit, str(manifest.record_id)
        is_new = self._holding(manifest) is not Holding.RECEIVED
        if is_new:
            try:
                receipt = self._uploads.take(kit, record_id, place.beside(SEALED).pieces())
            except FileNotFoundError as error:
                raise Refusal(404, "record.missing") from error
            except ContentDiffersError as error:
                raise Refusal(422, "record.damaged") from error
        else:
            receipt = self._uploads.receipt(kit, record_id)
        self._take_vouch(kit, record_id, place.beside(VOUCH))
        with suppress(OSError):  # a stick that cannot be written to: the receipt is asked for over the network
            place.lay_beside(RECEIPT, f"{receipt}\n".encode("ascii"))
        return record_id, is_new

    def _take_vouch(self, kit: str, record_id: str, place: Place) -> None:
        """Keep what a team lead signed for the record, where that lies beside it; the opener judges it."""
        with suppress(FileNotFoundError, ValueError):  # nothing, or nothing that anybody signed
            vouch = read_vouch(place.read(MOST_VOUCH_BYTES), record_id)
            self._vouches.keep(kit, Vouches(vouches=(vouch,)))

    def _announced(self, jws: str) -> Manifest:
        manifest, word = self._ledger.announce_carried(jws)
        if manifest is None or word.code:
            raise Refusal(422, word.code)
        return manifest

    def _holding(self, manifest: Manifest) -> Holding:
        question = ReconcileQuestion(records=(Digest(record_id=manifest.record_id, sha256=manifest.sha256),))
        return self._ledger.reconcile(manifest.kit, question).records[0].holding


def _manifests_and_records(folder: Place, note: Note) -> Iterator[Place]:
    """Yield each manifest and each sealed file that has none, in order."""
    for _, found in groupby(folder.walk(note), key=lambda place: place.parent):
        files = [place for place in found if place.name not in NO_RECORDS]
        known = {place.stem for place in files if place.suffix == MANIFEST}
        for place in files:
            if place.suffix == MANIFEST or (place.suffix == SEALED and place.stem not in known):
                yield place


def _first_line(place: Place) -> str:
    return place.read(MOST_MANIFEST_BYTES).decode("ascii", "replace").partition("\n")[0].strip()
