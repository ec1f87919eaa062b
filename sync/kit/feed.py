"""Reads what the data center says about our records."""

from __future__ import annotations

from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.ports.outbox import StatusReceived
from sync.kit.parts import RunParts
from sync.protocol.messages import StatusPage
from sync.protocol.outcomes import RecordError, RecordRefusedError, RunStoppedError, of_the_whole_run

# A feed that never ends must not hold a run; the cursor is kept, so that a long one goes on with the next.
_MOST_PAGES = 500


def read_feed(parts: RunParts) -> None:
    """Read page by page, each kept with its cursor. Raise `RunStoppedError`."""
    # What lost records may have lost its place in the feed too; what came before changes nothing here.
    cursor = "" if parts.tally.lost else parts.outbox.status_cursor()
    seen = {cursor}
    for _ in range(_MOST_PAGES):
        parts.bounds.check()
        page = _page(parts, cursor)
        items = [
            StatusReceived(
                str(item.record_id),
                CentralStatus(item.code, item.source, item.observed_at, item.reason),
                item.verdict,
            )
            for item in page.items
        ]
        if items:
            parts.outbox.save_statuses(items, page.cursor)
        parts.tally.statuses += len(items)
        if not page.has_more:
            return
        cursor = page.cursor
        if cursor in seen:
            raise RunStoppedError("sync.nonsense")
        seen.add(cursor)
    raise RunStoppedError("sync.nonsense")


def _page(parts: RunParts, cursor: str) -> StatusPage:
    with of_the_whole_run():
        try:
            return parts.link.statuses(cursor)
        except RecordError as error:
            is_cursor = bool(cursor) and (isinstance(error, RecordRefusedError) or error.status == 404)
            if not is_cursor:
                raise
            # Our place is no place of this feed: a data center that was set up anew. From the beginning, then.
            return parts.link.statuses("")
