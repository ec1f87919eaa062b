"""Brings in what lies on a stick: other laptops' records are handed to the data center, our own go into our queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import InputError, VaultError
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.data_center import Brought, CarriedPair, Carrier, CarryReport, NotCarried, ProgressSink
from fieldkit.ports.devices import Cancel
from fieldkit.ports.manifests import Manifests
from fieldkit.ports.media import MediaFile
from fieldkit.ports.sealed_files import SealedFiles
from fieldkit.services.unit_of_work import UnitsOfWork

FindPairs = Callable[[Path], Sequence[CarriedPair]]
Adopt = Callable[[], Sequence[str]]
_DAMAGED = "sync.sealed_file_damaged"
_MOST_MANIFEST_BYTES = 256 * 1024
_THERE = frozenset({DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED})


@dataclass(frozen=True, slots=True)
class _Own:
    """A file of one of our own records, the text beside it, and the record as that states it."""

    file: MediaFile
    manifest: str
    record: SealedRecord


class CarryRecords:
    """Carries by the signed-in user."""

    def __init__(
        self,
        units: UnitsOfWork,
        find: FindPairs,
        carrier: Carrier,
        files: SealedFiles,
        manifests: Manifests,
        adopt: Adopt,
        bring: Callable[[Path], Brought] = lambda _: Brought(),
    ) -> None:
        """`adopt` takes up what lies in `files` and the store does not know, and returns the ids.

        `bring` takes the bundles of the office in a tree of folders.
        """
        self._units, self._find, self._carrier = units, find, carrier
        self._files, self._manifests, self._adopt, self._bring = files, manifests, adopt, bring

    def carry(self, folder: Path, progress: ProgressSink, cancel: Cancel) -> CarryReport:
        """Hand in all sealed records of a tree of folders, and take what the office laid beside them.

        Raise `RuleError("role.not_yours")`, `InputError("stick.not_there")`, `StoreError`.
        """
        self._units.demand(Permission.SEND)
        if not folder.is_dir():
            raise InputError("stick.not_there", where=str(folder))
        brought = self._bring(folder)
        pairs = self._find(folder)
        ours, others = self._sorted(pairs)
        report = self._carrier.carry(others, progress, cancel)
        adopted = tuple(self._adopt()) if self._taken_in(ours) else ()
        with self._units.read() as unit:
            states = unit.records.states(ours)
        held, queued, damaged = _parted(tuple(ours), states, adopted)
        report = replace(
            report,
            held_already=(*report.held_already, *held),
            adopted=adopted,
            queued=queued,
            refused=(*report.refused, *(NotCarried(record_id, _DAMAGED) for record_id in damaged)),
            found=len({pair.record_id for pair in pairs}),
            brought=brought,
        )
        if report.carried or report.adopted:
            with self._units.write(Permission.SEND) as work:
                work.note("records_carried", "sync", carried=list(report.carried), adopted=list(adopted))
        return report

    def _sorted(self, pairs: Sequence[CarriedPair]) -> tuple[dict[str, _Own], list[CarriedPair]]:
        """Part our own records by their id, which the ordinary queue sends, from those of others."""
        ours: dict[str, _Own] = {}
        others = []
        for pair in pairs:
            own = self._own(pair)
            if own is None:
                others.append(pair)
            else:
                ours.setdefault(pair.record_id, own)
        return ours, others

    def _taken_in(self, ours: Mapping[str, _Own]) -> bool:
        """Put beside the queue what this laptop does not have whole, and return whether that was anything."""
        with self._units.read() as unit:
            states = unit.records.states(ours)
        taken = False
        for own in ours.values():
            record = own.record
            if states.get(record.record_id) in _THERE:
                continue
            if self._files.measure(record.record_id) != (record.size_bytes, record.sha256):
                taken |= self._take_in(own)
        return taken

    def _take_in(self, own: _Own) -> bool:
        try:
            content = own.file.read(own.record.size_bytes)
        except OSError:
            return False
        if (len(content), sha256(content).hexdigest()) != (own.record.size_bytes, own.record.sha256):
            return False
        self._files.put(own.record.record_id, content, own.manifest)
        return True

    def _own(self, pair: CarriedPair) -> _Own | None:
        """Return one of our own records, None for those of others."""
        if pair.manifest is None:
            return None
        try:
            text = pair.manifest.read(_MOST_MANIFEST_BYTES).decode("ascii")
            record = self._manifests.read(text).record
        except (OSError, UnicodeDecodeError, VaultError):
            return None
        return _Own(pair.file, text, record) if record.record_id == pair.record_id else None


def _parted(
    ours: Sequence[str], states: Mapping[str, DeliveryState], adopted: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Part our own records into those that are there, those that wait here, and those that no copy could be made of."""
    held = tuple(each for each in ours if states.get(each) in _THERE)
    waiting = tuple(each for each in ours if each in states and each not in {*held, *adopted})
    return held, waiting, tuple(each for each in ours if each not in states)
