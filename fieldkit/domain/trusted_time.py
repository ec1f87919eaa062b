"""Whether the clock of the laptop can be believed: rules over the last time that something else vouched for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

_NO_TIME = timedelta(0)


class TimeSource(StrEnum):
    """Who vouched for a time."""

    CENTER = "center"  # the data center's own clock, over its pinned line
    SATELLITES = "satellites"
    PERSON = "person"  # somebody typed it, with a reason
    EVENT = "event"  # the kit's newest event: the time was at least this


# What no person can talk away: time does not run back behind it.
PROVEN = (TimeSource.CENTER, TimeSource.SATELLITES)


class Running(NamedTuple):
    """How long this machine has been running: seconds that no clock setting moves, counted within one start of it."""

    boot: str = ""  # "" where the machine cannot tell one start from another
    seconds: float = 0.0


_NOT_TOLD = Running()


class TrustedTime(NamedTuple):
    """A time somebody vouched for, and how long the machine had been running when the kit learnt it."""

    at: datetime
    source: TimeSource
    learnt: Running = _NOT_TOLD

    def since(self, running: Running) -> timedelta | None:
        """Return how long ago it was learnt, None when the machine was started anew since."""
        if not self.learnt.boot or self.learnt.boot != running.boot:
            return None
        return max(_NO_TIME, timedelta(seconds=running.seconds - self.learnt.seconds))

    def by_now(self, running: Running) -> datetime:
        """Return the earliest time that it can be."""
        return self.at + (self.since(running) or _NO_TIME)

    def as_value(self) -> dict[str, Any]:
        """Return what is kept as JSON."""
        learnt = {"boot": self.learnt.boot, "seconds": self.learnt.seconds}
        return {"at": self.at.isoformat(), "source": self.source.value, "learnt": learnt}

    @classmethod
    def of_value(cls, value: Mapping[str, Any]) -> TrustedTime:
        """Read what was kept. Raise `KeyError`, `TypeError`, `ValueError` for what is no trusted time."""
        at, learnt = datetime.fromisoformat(value["at"]), value["learnt"]
        if at.tzinfo is None:
            raise ValueError("a time without its zone")
        return cls(at, TimeSource(value["source"]), Running(str(learnt["boot"]), float(learnt["seconds"])))


class ClockRule(NamedTuple):
    """How far a clock may be from what is trusted. Kits rest for weeks between outreaches: `rests` allows for that."""

    behind: timedelta = timedelta(minutes=10)
    ahead: timedelta = timedelta(minutes=10)  # where the seconds since are counted
    rests: timedelta = timedelta(days=60)  # where they are not
    seals: timedelta = timedelta(days=1)  # a clock that is further off seals nothing
    drift: timedelta = timedelta(minutes=2)  # what a correction need not follow


USUAL = ClockRule()
_NOT_COUNTED = Running()


class ClockState(StrEnum):
    """What is to be said of the clock."""

    FINE = "fine"
    BEHIND = "behind"
    AHEAD = "ahead"


class ClockVerdict(NamedTuple):
    """What was found; `by` is how far the clock is from what is trusted, never negative."""

    state: ClockState
    by: timedelta = _NO_TIME
    trusted: TrustedTime | None = None

    @property
    def is_fine(self) -> bool:
        """Return whether nothing needs to be said."""
        return self.state is ClockState.FINE

    def may_seal(self, rule: ClockRule) -> bool:
        """Return whether a seal by this clock would be believed."""
        return self.by <= rule.seals


def judge(
    now: datetime, trusted: TrustedTime | None, running: Running = _NOT_COUNTED, rule: ClockRule = USUAL
) -> ClockVerdict:
    """Compare a clock with the last trusted time; without one every clock is fine."""
    if trusted is None:
        return ClockVerdict(ClockState.FINE)
    expected, since = trusted.by_now(running), trusted.since(running)
    if now < expected - rule.behind:
        return ClockVerdict(ClockState.BEHIND, expected - now, trusted)
    if now > expected + (rule.rests if since is None else rule.ahead):
        return ClockVerdict(ClockState.AHEAD, now - expected, trusted)
    return ClockVerdict(ClockState.FINE, trusted=trusted)


def worse(one: ClockVerdict, other: ClockVerdict) -> ClockVerdict:
    """Return the verdict that is further from fine."""
    return max(one, other, key=lambda verdict: verdict.by)


def believes(kept: TrustedTime | None, at: datetime, source: TimeSource, rule: ClockRule) -> bool:
    """Return whether a new word counts: old receivers tell dates 1024 weeks back, and time does not run backward."""
    if kept is None or source is TimeSource.CENTER or kept.source not in PROVEN:
        return True
    return at >= kept.at - rule.seals


def corrected_by(wall: datetime, truth: datetime, correction: timedelta, rule: ClockRule) -> timedelta:
    """Return the correction that is right now that the truth is known: none for a laptop that was set meanwhile."""
    off = truth - wall
    if abs(off) <= rule.drift:
        return _NO_TIME
    return correction if abs(off - correction) <= rule.drift else off


@dataclass(frozen=True, slots=True)
class TimeEvidence:
    """What a record carries about its time, so that the data center need not believe the laptop's clock alone.

    `clock_at` is what the laptop said; with `correction_s` it is the time that the record bears. `since_s` are seconds
    since the trusted time was learnt that no clock setting moves, None when the machine was started anew in between.
    """

    clock_at: datetime
    correction_s: float = 0.0
    trusted: TrustedTime | None = None
    running: Running = _NOT_TOLD

    @property
    def since_s(self) -> float | None:
        """Return the counted seconds since the trusted time was learnt."""
        since = self.trusted.since(self.running) if self.trusted else None
        return None if since is None else since.total_seconds()


class CertificateSpan(NamedTuple):
    """From when until when a certificate counts; `holder` is the id it was issued to."""

    role: str  # "kit" | "petugas"
    holder: str
    not_before: datetime
    not_after: datetime

    def ends_within(self, now: datetime, days: int) -> bool:
        """Return whether it ends that soon, or has ended."""
        return self.not_after - now <= timedelta(days=days)


WARNED_DAYS = 60
