"""Hands in the manifests of what will be sent. A bad one is refused alone, whatever the data center makes of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fieldkit.ports.outbox import QueuedRecord
from sync.kit.parts import RunParts, pages
from sync.protocol.messages import PAGE_SIZE, Announced, Holding
from sync.protocol.outcomes import Consequence, RecordError, RecordRefusedError, RunStoppedError, judge

_TO_ANNOUNCE = frozenset({Holding.UNKNOWN, Holding.LOST})
# The server fails at everything, not at one manifest.
_MOST_FAILURES = 3

Asked = Callable[[Sequence[str]], Sequence[Announced]]
Refused = Callable[[QueuedRecord, str], None]


class Announcing:
    """Announces records through `ask`, and tells `refused` and `failed` which were not taken for good or for now."""

    def __init__(self, ask: Asked, noted: Callable[[str], None], refused: Refused, failed: Refused) -> None:
        self._ask, self._noted, self._refused, self._failed = ask, noted, refused, failed
        self._failures, self._has_succeeded = 0, False

    def announce(self, records: Sequence[QueuedRecord]) -> None:
        """Hand in all. Raise `RunStoppedError` when the data center fails at everything."""
        for page in pages(records, PAGE_SIZE):
            self._announce(page)

    def _announce(self, page: Sequence[QueuedRecord]) -> None:
        try:
            words = self._ask([record.manifest_jws for record in page])
        except RecordError as error:
            if len(page) > 1:
                half = len(page) // 2
                self._announce(page[:half])
                self._announce(page[half:])
            else:
                self._alone(page[0], error)
            return
        if len(words) != len(page):
            raise RunStoppedError("sync.nonsense")
        self._has_succeeded = True
        for record, word in zip(page, words, strict=True):
            if word.note:
                self._noted(word.note)
            if word.code:
                outcome = judge(422, word.code)
                is_final = outcome.consequence is Consequence.QUARANTINE
                (self._refused if is_final else self._failed)(record, outcome.code)

    def _alone(self, record: QueuedRecord, error: RecordError) -> None:
        if isinstance(error, RecordRefusedError):
            self._refused(record, error.code)
            return
        self._failures += 1
        if self._failures >= _MOST_FAILURES and not self._has_succeeded:
            raise RunStoppedError("sync.server_trouble") from error
        self._failed(record, error.code)


def announce_due(parts: RunParts, ask: Asked) -> None:
    """Announce what is due and not known there."""

    def noted(note: str) -> None:
        if note == "manifest.fork":
            parts.tally.fork(note)

    def refused(record: QueuedRecord, code: str) -> None:
        parts.quarantine(record.record_id, code)

    def sendable(record: QueuedRecord) -> bool:
        if parts.holdings.get(record.record_id) not in _TO_ANNOUNCE:
            return False
        if not record.manifest_jws.isascii():
            parts.quarantine(record.record_id, "sync.row_unreadable")
            return False
        return True

    records = [record for record in parts.due() if sendable(record)]
    Announcing(ask, noted, refused, parts.postpone).announce(records)
