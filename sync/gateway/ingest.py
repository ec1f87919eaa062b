"""Takes sealed records from a folder, such as a stick from a dead laptop, without any network.

A record is a pair anywhere below the folder: `<id>.age` and `<id>.manifest`, whose first line is what the kit signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa

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
from sync.gateway.custody import DAMAGED, VouchKeeper, fault_named, mark_lost, mark_verified
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.tables import manifests, records
from sync.gateway.uploads import Uploads
from sync.protocol.down import Vouches, read_vouch
from sync.protocol.messages import Digest, Holding, Manifest, ProofAnswer, ProofQuestion, ReconcileQuestion


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


# Proof that the bytes of a record are here now: a digest that only somebody who reads them all can give.


class Proofs:
    """Answers whether a kit may erase its own copy."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def prove(self, kit: str, question: ProofQuestion) -> ProofAnswer:
        """Read the whole object and return its digest behind the nonce.

        What is found missing or damaged by this is lost from now on. Raise `Refusal` 404 `record.not_here`,
        410 `record.erased` after its time, 503 `objects.away` when the store does not answer.
        """
        query = (
            sa.select(records.c.key, records.c.receipt, records.c.erased_at, manifests)
            .join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))
            .where(records.c.kit == kit, records.c.record_id == str(question.record_id), records.c.lost_at.is_(None))
        )
        with self._context.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise Refusal(404, "record.not_here")
        if row.erased_at is not None:
            raise Refusal(410, "record.erased")
        proof, plain, size = hashlib.sha256(bytes.fromhex(question.nonce)), hashlib.sha256(), 0
        fault = ""
        try:
            for piece in self._context.blobs.pieces(row.key):
                proof.update(piece)
                plain.update(piece)
                size += len(piece)
        except OSError as error:
            try:
                fault = fault_named(self._context.blobs, error)
            except OSError:
                raise Refusal(503, "objects.away") from error
        if (size, plain.hexdigest()) != (row.size_bytes, row.sha256):
            fault = fault or DAMAGED
        if fault:
            mark_lost(self._context, kit, row.record_id, row.receipt, fault)
            raise Refusal(404, "record.not_here", fault)
        mark_verified(self._context, kit, row.record_id, row.receipt)
        return ProofAnswer(digest=proof.hexdigest(), size_bytes=size)
