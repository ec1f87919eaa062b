"""Counts what one run did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from fieldkit.domain.errors import Problem, Recovery
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.ports.data_center import SyncReport


@dataclass(slots=True)
class Tally:
    """The report while it grows."""

    started_at: datetime
    acknowledged: list[str] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)
    postponed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    resent: list[str] = field(default_factory=list)
    purged: list[str] = field(default_factory=list)
    resumed_uploads: int = 0
    resumed_bytes: int = 0
    sent_bytes: int = 0
    statuses: int = 0
    held_there: int | None = None
    clock_skew_s: float = 0.0
    stopped_by: Problem | None = None
    notes: list[Problem] = field(default_factory=list)
    from_office: list[BundleStanding] = field(default_factory=list)
    exchanged: int = 0
    conflicts: int = 0
    forked: str = ""
    is_cancelled: bool = False

    def note(self, problem: Problem) -> None:
        """Keep what was odd and stopped nothing, once."""
        if problem not in self.notes:
            self.notes.append(problem)

    def fork(self, code: str) -> None:
        """Keep that this kit's place in its chain is taken, and tell it."""
        self.forked = code
        self.note(Problem("sync.new_chain", recovery=Recovery.ASK_OFFICE))

    def close(self, ended_at: datetime, waiting: int, held_here: int, next_try_at: datetime | None) -> SyncReport:
        """Return the finished report."""
        return SyncReport(
            started_at=self.started_at,
            ended_at=ended_at,
            acknowledged=tuple(self.acknowledged),
            quarantined=tuple(self.quarantined),
            postponed=tuple(self.postponed),
            lost=tuple(lost for lost in self.lost if lost not in self.resent),
            resent=tuple(self.resent),
            purged=tuple(self.purged),
            resumed_uploads=self.resumed_uploads,
            resumed_bytes=self.resumed_bytes,
            sent_bytes=self.sent_bytes,
            statuses=self.statuses,
            waiting=waiting,
            held_here=held_here,
            held_there=self.held_there,
            clock_skew_s=self.clock_skew_s,
            stopped_by=self.stopped_by,
            notes=tuple(self.notes),
            from_office=tuple(self.from_office),
            exchanged=self.exchanged,
            conflicts=self.conflicts,
            forked=self.forked,
            is_cancelled=self.is_cancelled,
            next_try_at=next_try_at,
        )
