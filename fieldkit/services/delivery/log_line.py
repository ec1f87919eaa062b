"""The end of the event log as a paper prints it: who holds the paper can prove the log up to there."""

from __future__ import annotations

from fieldkit.ports.store import Unit

_SHOWN_HEX = 16


def log_line(unit: Unit) -> dict[str, str]:
    """Return chain, row and the beginning of the digest, nothing for a log without a row."""
    head = unit.events.head()
    if head is None:
        return {}
    return {"chain": head.chain, "sequence": str(head.sequence), "digest": head.digest[:_SHOWN_HEX]}
