"""The time that the kit can believe: what vouches for the laptop's clock, and what a person says when nothing does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fieldkit.domain.errors import InputError, Recovery, RuleError
from fieldkit.domain.events import ChainHead
from fieldkit.domain.people import User
from fieldkit.domain.trusted_time import (
    PROVEN,
    USUAL,
    WARNED_DAYS,
    CertificateSpan,
    ClockRule,
    ClockState,
    ClockVerdict,
    TimeEvidence,
    TimeSource,
    TrustedTime,
    believes,
    corrected_by,
    judge,
    worse,
)
from fieldkit.ports.clock import KitClock
from fieldkit.ports.store import Store, Unit

_NAME = "clock"
_ON = "clock"  # the aggregate of its events
_NO_CORRECTION = timedelta(0)
_NOBODY = "clock"  # the program itself corrects, on the word of the data center or of satellites


@dataclass(frozen=True, slots=True)
class ClockStanding:
    """Both clocks now, what is trusted, and what is to be said of it."""

    laptop_at: datetime
    kit_at: datetime
    correction: timedelta
    verdict: ClockVerdict
    trusted: TrustedTime | None


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """What the locked kit may know of the time."""

    trusted: TrustedTime | None
    correction: timedelta
    endings: Sequence[CertificateSpan]


class KeepTime:
    """Judges the clock of the kit for the user who is signed in. `tell` keeps what the locked kit should know."""

    def __init__(
        self,
        store: Store,
        clock: KitClock,
        user: User,
        spans: Sequence[CertificateSpan] = (),
        tell: Callable[[TimeFacts], None] = lambda _facts: None,
        rule: ClockRule = USUAL,
    ) -> None:
        self._store, self._clock, self._user, self._tell = store, clock, user, tell
        self.spans, self.rule = tuple(spans), rule
        self._trusted: TrustedTime | None = None
        self._base: TrustedTime | None = None  # the clock at sign-in, when it was fine: it may not jump since

    def begin(self) -> ClockVerdict:
        """Read what is trusted, bring it up to the newest event, and judge the clock."""
        with self._store.write() as unit:
            kept = unit.settings.get(_NAME) or {}
            self._trusted = _trusted_of(kept)
            self._clock.correction = timedelta(seconds=float(kept.get("correction_s", 0.0)))
            until = self._trusted.at + self.rule.rests if self._trusted else None
            newest = unit.events.newest_at(_head_of(kept), until)
            if newest is not None and (self._trusted is None or newest > self._trusted.by_now(self._clock.running())):
                self._trusted = TrustedTime(newest, TimeSource.EVENT)
                self._save(unit, self._trusted)
            self._end_stale(unit)
        now, running = self._clock.now(), self._clock.running()
        if judge(now, self._trusted, running, self.rule).is_fine:
            self._base = TrustedTime(now, TimeSource.EVENT, running)
        self._told()
        return self.verdict()

    def verdict(self) -> ClockVerdict:
        """Judge the clock as it is now; reads nothing from disk."""
        now, running = self._clock.now(), self._clock.running()
        said = judge(now, self._trusted, running, self.rule)
        jumped = judge(now, self._base, running, self.rule)
        return worse(said, ClockVerdict(jumped.state, jumped.by, self._trusted or self._base))

    def standing(self) -> ClockStanding:
        """Return both clocks and the verdict."""
        clock = self._clock
        return ClockStanding(clock.wall(), clock.now(), clock.correction, self.verdict(), self._trusted)

    def correct(self, at: datetime, reason: str) -> ClockStanding:
        """Let the kit's clock run as if it were this time now; the laptop's clock stays.

        Raise `InputError("clock.reason_needed")`, `RuleError("clock.before_trusted")`.
        """
        because = self._reason(reason)
        self._demand_possible(at)
        correction = at - self._clock.wall()
        with self._store.write() as unit:
            self._clock.correction = correction
            self._note(unit, "clock_corrected", offset_s=round(correction.total_seconds(), 3), reason=because)
            self._trust(unit, TrustedTime(at, TimeSource.PERSON, self._clock.running()))
        self._told()
        return self.standing()

    def accept(self, reason: str) -> ClockStanding:
        """Note that the laptop's own clock is right; a correction ends. Raise as `correct`."""
        because = self._reason(reason)
        now, was = self._clock.wall(), self.verdict()
        self._demand_possible(now)
        with self._store.write() as unit:
            self._clock.correction = _NO_CORRECTION
            by_s = round(was.by.total_seconds(), 3)
            self._note(unit, "clock_accepted", state=was.state.value, by_s=by_s, reason=because)
            self._trust(unit, TrustedTime(now, TimeSource.PERSON, self._clock.running()))
        self._told()
        return self.standing()

    def learn(self, at: datetime, source: TimeSource) -> None:
        """Take the word of the data center or of satellites; a correction that it shows to be wrong ends or follows."""
        if not believes(self._trusted, at, source, self.rule):
            return
        clock, had = self._clock, self._clock.correction
        with self._store.write() as unit:
            if had != _NO_CORRECTION:
                clock.correction = corrected_by(clock.wall(), at, had, self.rule)
            if had and not clock.correction:
                self._note(unit, "clock_correction_ended", _NOBODY, source=source.value)
            elif clock.correction != had:
                offset_s = round(clock.correction.total_seconds(), 3)
                self._note(unit, "clock_corrected", _NOBODY, offset_s=offset_s, source=source.value, reason="")
            self._trust(unit, TrustedTime(at, source, clock.running()))
        self._told()

    def ending(self) -> Sequence[CertificateSpan]:
        """Return the certificates that end within two months, the first to end first."""
        soon = (span for span in self.spans if span.ends_within(self._clock.now(), WARNED_DAYS))
        return sorted(soon, key=lambda span: span.not_after)

    def demand_seal(self, spans: Sequence[CertificateSpan]) -> None:
        """Refuse a seal that the data center would refuse. Nothing has been written yet.

        Raise `RuleError`: `seal.clock_doubtful`, `seal.certificate_not_yet` or `seal.certificate_ended`.
        """
        now, verdict = self._clock.now(), self.verdict()
        shown = f"{self._clock.local(now):%d-%m-%Y %H.%M}"
        if not verdict.may_seal(self.rule):
            assert verdict.trusted is not None
            trusted = f"{self._clock.local(verdict.trusted.by_now(self._clock.running())):%d-%m-%Y %H.%M}"
            raise RuleError("seal.clock_doubtful", recovery=Recovery.CORRECT_INPUT, clock=shown, trusted=trusted)
        for span in spans:
            facts = {"role": span.role, "holder": span.holder, "clock": shown}
            if now < span.not_before:
                begins = f"{self._clock.local(span.not_before):%d-%m-%Y}"
                raise RuleError("seal.certificate_not_yet", recovery=Recovery.CORRECT_INPUT, begins=begins, **facts)
            if now > span.not_after:
                ended = f"{self._clock.local(span.not_after):%d-%m-%Y}"
                raise RuleError("seal.certificate_ended", recovery=Recovery.ASK_OFFICE, ended=ended, **facts)

    def evidence(self) -> TimeEvidence:
        """Return what a record says about its time."""
        clock = self._clock
        return TimeEvidence(clock.wall(), clock.correction.total_seconds(), self._trusted, clock.running())

    # --- parts

    def _end_stale(self, unit: Unit) -> None:
        """End a correction when the seconds since prove that somebody set the laptop's clock meanwhile."""
        clock, trusted = self._clock, self._trusted
        if not clock.correction or trusted is None or trusted.since(clock.running()) is None:
            return
        if judge(clock.wall(), trusted, clock.running(), self.rule).is_fine:
            clock.correction = _NO_CORRECTION
            self._note(unit, "clock_correction_ended", _NOBODY, source=trusted.source.value)
            self._save(unit, trusted)

    def _reason(self, reason: str) -> str:
        if not reason.strip():
            raise InputError("clock.reason_needed").at("reason")
        return reason.strip()

    def _demand_possible(self, at: datetime) -> None:
        trusted = self._trusted
        if trusted is None or trusted.source not in PROVEN:
            return
        least = trusted.by_now(self._clock.running())
        if judge(at, trusted, self._clock.running(), self.rule).state is ClockState.BEHIND:
            raise RuleError(
                "clock.before_trusted",
                recovery=Recovery.CORRECT_INPUT,
                trusted=f"{self._clock.local(least):%d-%m-%Y %H.%M}",
                source=trusted.source.value,
            )

    def _note(self, unit: Unit, kind: str, actor: str = "", **payload: str | float) -> None:
        unit.events.append(kind, _ON, payload, actor or self._user.user_id, self._clock.now())

    def _trust(self, unit: Unit, trusted: TrustedTime) -> None:
        self._trusted = self._base = trusted
        self._save(unit, trusted)

    def _save(self, unit: Unit, trusted: TrustedTime) -> None:
        head = unit.events.head()
        correction_s = self._clock.correction.total_seconds()
        value: dict[str, Any] = {"correction_s": correction_s, "trusted": trusted.as_value()}
        if head is not None:
            value["after"] = {"chain": head.chain, "sequence": head.sequence}
        unit.settings.put(_NAME, value)

    def _told(self) -> None:
        self._tell(TimeFacts(self._trusted, self._clock.correction, self.spans))


def _trusted_of(kept: dict[str, Any]) -> TrustedTime | None:
    return TrustedTime.of_value(kept["trusted"]) if kept.get("trusted") else None


def _head_of(kept: dict[str, Any]) -> ChainHead | None:
    after = kept.get("after")
    return ChainHead(after["chain"], after["sequence"], "") if after else None
