"""Asks what the data center holds of our records, and draws the consequences for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from fieldkit.domain.delivery.way import HELD_BACK, UNACKNOWLEDGED, DeliveryState
from fieldkit.ports.outbox import HeldRecord
from sync.kit.parts import RunParts, pages
from sync.protocol.messages import PAGE_SIZE, Digest, Held, Holding, ReconcileQuestion
from sync.protocol.outcomes import RunStoppedError

_GONE = frozenset({Holding.UNKNOWN, Holding.ANNOUNCED, Holding.PARTIAL, Holding.LOST})


class Comparison:
    """Reconciles digests page by page."""

    def __init__(self, parts: RunParts) -> None:
        self._parts = parts

    def held(self) -> None:
        """Compare what is here: what the data center lost is queued again, what it holds otherwise is held back."""
        parts = self._parts
        for record, word in self._asked(parts.outbox.held()):
            parts.holdings[record.record_id] = word.holding
            if record.state is DeliveryState.ACKNOWLEDGED:
                self._acknowledged(record, word.holding)
            elif record.state in HELD_BACK:
                self._held_back(record, word.holding)
            elif word.holding is Holding.CONFLICT:
                parts.quarantine(record.record_id, "sync.digest_conflict")

    def purged(self) -> None:
        """Name what was erased here and is not there: nothing can send it again, and everybody must know."""
        for record, word in self._asked(self._parts.outbox.purged()):
            if word.holding is not Holding.RECEIVED:
                self._parts.tally.lost.append(record.record_id)

    def _acknowledged(self, record: HeldRecord, holding: Holding) -> None:
        if holding is not Holding.RECEIVED:
            self._parts.tally.lost.append(record.record_id)
        if holding in _GONE:
            with self._parts.unless_changed():
                self._parts.outbox.lost_at_center(record.record_id, self._parts.clock.now())

    def _held_back(self, record: HeldRecord, holding: Holding) -> None:
        # Who carried it, or who freed its number, settled what this laptop could not.
        is_settled = record.reason == "sync.digest_conflict" and holding is not Holding.CONFLICT
        # A place that is taken is no reason any more: such a record is received, and a new chain begins here.
        is_welcome = record.reason == "sync.chain_forked" and holding is not Holding.CONFLICT
        if holding is Holding.RECEIVED or is_settled or is_welcome:
            self._parts.release(record.record_id)

    def _asked(self, records: Sequence[HeldRecord]) -> Iterator[tuple[HeldRecord, Held]]:
        for page in pages(self._askable(records), PAGE_SIZE):
            digests = tuple(digest for _, digest in page)
            words = self._parts.link.reconcile(ReconcileQuestion(records=digests)).records
            if [word.record_id for word in words] != [digest.record_id for digest in digests]:
                raise RunStoppedError("sync.nonsense")
            yield from zip((record for record, _ in page), words, strict=True)

    def _askable(self, records: Sequence[HeldRecord]) -> Iterator[tuple[HeldRecord, Digest]]:
        for record in records:
            try:
                yield record, Digest.model_validate({"record_id": record.record_id, "sha256": record.sha256})
            except ValidationError:
                # One harmed row must not keep the others from being sent.
                if record.state in UNACKNOWLEDGED - HELD_BACK:
                    self._parts.quarantine(record.record_id, "sync.row_unreadable")
