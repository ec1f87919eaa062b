"""Sticks that the test plugs in and pulls out; copies are only noted, for whoever tests what leads to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from support.clock import HandClock

from fieldkit.domain.errors import KnownError
from fieldkit.ports.backups import CopyProgress, CopySink, Drive, StickBackup
from fieldkit.ports.devices import Cancel


class ListedSticks:
    """`Sticks` over a list that the test writes; `refusal` is what the next copy meets."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.listed: list[Drive] = [Drive("/media/rina/KINGSTON", "KINGSTON", 14_000_000_000)]
        self.backed_up: list[tuple[str, frozenset[str]]] = []  # place, and what was left out
        self.carried: list[tuple[str, tuple[str, ...]]] = []
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

    def carry(self, place: str, record_ids: Collection[str]) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.carried.append((place, tuple(record_ids)))
        return f"{place}/fieldkit/KIT-07/records"
