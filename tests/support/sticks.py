"""Sticks that the test plugs in and pulls out; copies are only noted, for whoever tests what leads to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from support.clock import HandClock

from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.exceptions import SignedAct
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import SealedPair
from fieldkit.ports.delivery import CarriedPair, CarryReport, ProgressSink, SyncProgress
from fieldkit.ports.devices import Cancel
from fieldkit.ports.exchange import CopyProgress, CopySink, Drive, StickBackup


class ListedSticks:
    """`Sticks` over a list that the test writes; `refusal` is what the next copy meets."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.listed: list[Drive] = [Drive("/media/rina/KINGSTON", "KINGSTON", 14_000_000_000)]
        self.backed_up: list[tuple[str, frozenset[str]]] = []  # place, and what was left out
        self.carried: list[tuple[str, tuple[str, ...]]] = []
        self.vouched: list[Mapping[str, SignedAct]] = []  # what each carrying could take along
        self.refusal: KnownError | None = None

    def drives(self) -> Sequence[Drive]:
        return list(self.listed)

    def back_up(self, place: str, proven: Collection[str], sink: CopySink, cancel: Cancel) -> StickBackup:
        for done in (0, 30_000_000, 60_000_000):
            sink.offer(CopyProgress(done, 60_000_000))
        cancel.is_cancelled()
        if self.refusal is not None:
            raise self.refusal
        self.backed_up.append((place, frozenset(proven)))
        folder = f"{place}/fieldkit/KIT-07/backup-20261121T030000Z"
        return StickBackup(folder, "KIT-07", self._clock.now(), "u1", 3, 30_000_000, "d" * 64)

    def carry(self, place: str, record_ids: Collection[str], vouches: Mapping[str, SignedAct]) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.carried.append((place, tuple(record_ids)))
        self.vouched.append(vouches)
        return f"{place}/fieldkit/KIT-07/records"


class Courier:
    """A `Carrier` of records that are said to lie on a stick; `between` is called after each half record."""

    def __init__(self) -> None:
        self.pairs: list[SealedPair] = []
        self.report = CarryReport()  # what is told besides what was carried
        self.between: Callable[[], None] = lambda: None

    def finds(self, *record_ids: str) -> None:
        self.pairs = [SealedPair(each, Place(Path(f"{each}.age")), None) for each in record_ids]

    def carry(self, pairs: Sequence[CarriedPair], progress: ProgressSink, cancel: Cancel) -> CarryReport:
        progress.offer(SyncProgress("sync.step.hello"))
        others = {*self.report.held_already, *(each.record_id for each in self.report.refused)}
        wanted = [pair.record_id for pair in pairs if pair.record_id not in others]
        done: list[str] = []
        for place, record_id in enumerate(wanted if self.report.stopped_by is None else ()):
            progress.offer(SyncProgress("sync.step.send", record_id, 400_000, 800_000, place, len(wanted)))
            self.between()
            if cancel.is_cancelled():
                break
            done.append(record_id)
        return replace(self.report, carried=tuple(done))
