"""Hands in sealed files that lie on a stick, whoever sealed them: their own manifests vouch for them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from pydantic import ValidationError

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.media.sealed_pairs import MOST_VOUCH_BYTES
from fieldkit.ports.clock import Clock
from fieldkit.ports.data_center import Budget, CarriedPair, CarryReport, NotCarried, ProgressSink, SyncProgress
from fieldkit.ports.devices import Cancel
from fieldkit.ports.media import MediaFile
from fieldkit.ports.outbox import QueuedRecord
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.announce import Announcing
from sync.kit.border import stops
from sync.kit.parts import Bounds
from sync.kit.send import demand_receipt
from sync.kit.tally import Tally
from sync.kit.transport import DataCenterLink
from sync.kit.upload import Upload
from sync.protocol.messages import Announced, CarriedRecords, HelloAnswer, Manifest
from sync.protocol.outcomes import NotOfferedError, RecordError, RecordRefusedError, RecordRetryError
from sync.protocol.vouching import Vouches, read_vouch

_RECEIPT = ".receipt"
_MOST_MANIFEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Load:
    """One file and what its manifest says; nothing is verified yet."""

    file: MediaFile
    owner: str
    record: QueuedRecord
    vouch: MediaFile | None


class CarryingEngine:
    """Implements `Carrier` over a link."""

    def __init__(self, link: DataCenterLink, receipts: SignatureVerifier, clock: Clock) -> None:
        self._link, self._receipts, self._clock = link, receipts, clock

    def carry(self, pairs: Sequence[CarriedPair], progress: ProgressSink, cancel: Cancel) -> CarryReport:
        """Announce, send and prove; a receipt is written beside its file. What the network does is in the report."""
        tally = Tally(self._clock.now())
        trip = _Trip(self._link, self._receipts, tally, Bounds(Budget(), cancel, tally), progress)
        stops(tally, lambda: trip.make(pairs))
        stops(tally, self._link.close)
        return CarryReport(
            carried=tuple(trip.carried),
            held_already=tuple(trip.held_already),
            refused=tuple(trip.refused),
            stopped_by=tally.stopped_by,
        )


class _Trip:
    """One handing-in."""

    def __init__(
        self,
        link: DataCenterLink,
        receipts: SignatureVerifier,
        tally: Tally,
        bounds: Bounds,
        progress: ProgressSink,
    ) -> None:
        self._link, self._receipts, self._tally = link, receipts, tally
        self._bounds, self._progress = bounds, progress
        self.carried: list[str] = []
        self.held_already: list[str] = []
        self.refused: list[NotCarried] = []

    def make(self, pairs: Sequence[CarriedPair]) -> None:
        """Raise `KnownError`, `EnoughError`."""
        loads = list(self._loads(pairs))
        if not loads:
            return
        self._progress.offer(SyncProgress("sync.step.hello"))
        server = self._link.hello()
        self._progress.offer(SyncProgress("sync.step.announce"))
        Announcing(self._announced, lambda _: None, self._refuse, self._refuse).announce(
            [load.record for load in loads]
        )
        turned_away = {refused.record_id for refused in self.refused}
        taken = [load for load in loads if load.record.record_id not in turned_away]
        for done, load in enumerate(taken):
            try:
                self._hand_in(load, server, done, len(taken))
            except (RecordRefusedError, RecordRetryError) as error:
                self._refuse(load.record, error.code)

    def _announced(self, manifests: Sequence[str]) -> Sequence[Announced]:
        return self._link.carry(CarriedRecords(manifests=tuple(manifests))).manifests

    def _hand_in(self, load: _Load, server: HelloAnswer, done: int, total: int) -> None:
        link, record = self._link.on_behalf_of(load.owner), load.record
        self._bounds.check()
        try:
            receipt = link.receipt(record.record_id)
            held = self.held_already
        except RecordError:  # no receipt yet
            receipt, held = "", self.carried
        if not receipt:

            def checkpoint(offset: int) -> None:
                shown = (record.record_id, offset, record.size_bytes, done, total)
                self._progress.offer(SyncProgress("sync.step.send", *shown))
                self._bounds.check()

            Upload(_OneFile(load.file), link, self._tally, server.max_chunk_bytes).send(record, checkpoint)
            receipt = link.receipt(record.record_id)
        demand_receipt(receipt, record, server.gateway, self._receipts)
        with suppress(OSError):  # a stick that is written to by nobody proves as much
            load.file.lay_beside(_RECEIPT, receipt.encode("ascii"))
        held.append(record.record_id)
        if load.vouch is not None:
            self._hand_in_vouch(link, load.vouch, record)

    def _hand_in_vouch(self, link: DataCenterLink, file: MediaFile, record: QueuedRecord) -> None:
        """Hand in what a team lead signed for the record; the data center judges it."""
        try:
            vouch = read_vouch(file.read(MOST_VOUCH_BYTES), record.record_id)
            is_taken = link.vouch(Vouches(vouches=(vouch,))).words == ("",)
        except (OSError, ValueError, NotOfferedError, RecordError):
            is_taken = False
        if not is_taken:
            self._refuse(record, "sync.vouch_not_taken")

    def _refuse(self, record: QueuedRecord, code: str) -> None:
        self.refused.append(NotCarried(record.record_id, code))

    def _loads(self, pairs: Sequence[CarriedPair]) -> Iterator[_Load]:
        """Yield each record once, from the first file that is whole."""
        seen: set[tuple[str, str]] = set()
        broken: dict[str, str] = {}
        for pair in pairs:
            load = _read(pair)
            if isinstance(load, str):
                broken.setdefault(pair.record_id, load)
            elif (load.owner, load.record.record_id) not in seen:
                seen.add((load.owner, load.record.record_id))
                yield load
        whole = {record_id for _, record_id in seen}
        self.refused += [NotCarried(name, code) for name, code in broken.items() if name not in whole]


class _OneFile:
    """Where an upload takes the bytes of a carried record from; how far it got is the server's to know."""

    def __init__(self, file: MediaFile) -> None:
        self._file = file

    def sealed_bytes(self, _record_id: str) -> BinaryIO:
        """Open the file."""
        return self._file.open()

    def mark_progress(self, _record_id: str, _offset: int) -> None:
        """Keep nothing."""


def _read(pair: CarriedPair) -> _Load | str:
    """Return what a pair is, or the code of why it is none."""
    if pair.manifest is None:
        return "sync.no_manifest"
    try:
        token = pair.manifest.read(_MOST_MANIFEST_BYTES).decode("ascii").partition("\n")[0].strip()
        stated = Manifest.model_validate(_payload(token))
        whole = _is_whole(pair.file, stated)
    except OSError:
        return "sync.sealed_file_unreadable"
    except (ValueError, RecursionError, ValidationError):
        return "sync.manifest_unreadable"
    if not whole:
        return "sync.sealed_file_damaged"
    queued = QueuedRecord(str(stated.record_id), token, stated.size_bytes, stated.sha256, DeliveryState.QUEUED)
    return _Load(pair.file, stated.kit, queued, pair.vouch)


def _payload(token: str) -> object:
    """Return what a compact JWS says. Raise `ValueError`; the data center verifies it, we only read whose it is."""
    _, payload, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def _is_whole(file: MediaFile, stated: Manifest) -> bool:
    digest, size = hashlib.sha256(), 0
    for piece in file.pieces():
        digest.update(piece)
        size += len(piece)
    return (digest.hexdigest(), size) == (stated.sha256, stated.size_bytes)
