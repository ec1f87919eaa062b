"""What a killed program said was saved, held against the home that it left behind."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.sample_quality import open_record
from fieldkit.domain.delivery import DeliveryState, QueueEntry
from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.capture import Accepted, StepKind
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.services.context.app_context import AppContext

Fact = dict[str, Any]


@dataclass
class Told:
    """The facts of all children on one home. `identity` opens what they sealed."""

    home: Home
    identity: Path
    facts: list[Fact] = field(default_factory=list)
    _inside: dict[str, set[str]] = field(default_factory=dict)  # record id → digests of its samples

    def of(self, kind: str) -> list[Fact]:
        return [fact for fact in self.facts if fact["kind"] == kind]

    def faults(self, context: AppContext) -> list[str]:
        """Name everything that was said and is not so, and everything that is there twice."""
        entries = context.delivery.queue().entries
        by_session = {entry.record.session_id: entry for entry in entries}
        rows, fault = context.audit.verify()
        return [
            *([f"the log breaks at row {fault.sequence} of {rows}: {fault.code}"] if fault else []),
            *self._lost_records(entries),
            *self._lost_attempts(context, by_session),
            *self._lost_samples(context, by_session),
            *_doubles(context, entries),
        ]

    def _lost_records(self, entries: tuple[QueueEntry, ...]) -> Iterator[str]:
        rows = {entry.record.record_id: entry for entry in entries}
        for fact in self.of("sealed"):
            entry = rows.get(fact["record"])
            if entry is None or entry.record.sha256 != fact["sha256"]:
                yield f"sealed record {fact['record']} has no row with its digest"
        for fact in self.of("acknowledged"):
            if rows[fact["record"]].state is not DeliveryState.ACKNOWLEDGED or not rows[fact["record"]].receipt_jws:
                yield f"record {fact['record']} was acknowledged and is {rows[fact['record']].state}"
        for entry in entries:
            file = self.home.sealed / f"{entry.record.record_id}.age"
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != entry.record.sha256:
                yield f"record {entry.record.record_id} has a row and no file of its digest"

    def _lost_attempts(self, context: AppContext, sealed: dict[str, QueueEntry]) -> Iterator[str]:
        for fact in self.of("attempt"):
            if fact["session"] in sealed:
                continue
            session = context.recording.find(fact["session"])
            known = {
                (attempt.number, ref.position.value, ref.sha256)
                for attempt in session.step(StepKind(fact["step"])).attempts
                for ref in attempt.samples
            }
            for position, sha256 in fact["samples"].items():
                if (fact["number"], position, sha256) not in known:
                    yield f"attempt {fact['number']} at {fact['step']} forgot {position}"

    def _lost_samples(self, context: AppContext, sealed: dict[str, QueueEntry]) -> Iterator[str]:
        for fact in self.of("accepted"):
            entry = sealed.get(fact["session"])
            if entry is not None:
                for position in _missing(fact["samples"], self._sealed_digests(entry)):
                    yield f"{position} of {fact['step']} was accepted and is not in the sealed record"
                continue
            session = context.recording.find(fact["session"])
            for position, sha256 in fact["samples"].items():
                if not _is_readable(context, session, StepKind(fact["step"]), Position(position), sha256):
                    yield f"{position} of {fact['step']} was accepted and cannot be read"

    def _sealed_digests(self, entry: QueueEntry) -> set[str]:
        record_id = entry.record.record_id
        if record_id not in self._inside:
            try:
                opened = open_record(self.home.sealed / f"{record_id}.age", self.identity, None)
            except KnownError:
                return set()
            found = {hashlib.sha256(content).hexdigest() for content in opened.record.entries.values()}
            self._inside[record_id] = found
        return self._inside[record_id]


def _missing(samples: dict[str, str], digests: set[str]) -> list[str]:
    return [position for position, sha256 in samples.items() if sha256 not in digests]


def _is_readable(context: AppContext, session: CaptureSession, kind: StepKind, position: Position, sha256: str) -> bool:
    outcome = session.step(kind).outcomes[position]
    if not isinstance(outcome, Accepted) or outcome.best.sha256 != sha256:
        return False
    try:
        sample = context.recording.sample(outcome.best.sample_id)
    except KnownError:
        return False
    return hashlib.sha256(sample.data).hexdigest() == sha256


def _doubles(context: AppContext, entries: tuple[QueueEntry, ...]) -> Iterator[str]:
    counted = {
        "session": Counter(entry.record.session_id for entry in entries),
        "target": Counter(entry.record.target_id for entry in entries),
        "place in the chain": Counter(str(entry.record.link) for entry in entries),
    }
    for what, counts in counted.items():
        for name, count in counts.items():
            if count > 1:
                yield f"{count} sealed records of one {what}: {name}"
    open_ones = Counter(s.target_id for s in context.visits.overview().unfinished if s.phase is not Phase.SEALED)
    for target, count in open_ones.items():
        if count > 1 or target in counted["target"]:
            yield f"target {target} is recorded and open, or open twice"
