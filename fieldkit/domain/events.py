"""The append-only event log: hash-chained, one chain per kit and restore. It is the audit.

Payloads carry ids and digests only; names, addresses and notes stand in erasable tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Event:
    """One row. `digest` is the hex SHA-256 over the canonical line, which names the previous digest."""

    event_id: str  # UUIDv7
    kit: str
    chain: str
    sequence: int  # from 1 within the chain
    actor: str
    at: datetime
    aggregate: str
    version: int  # version of the aggregate it was made upon
    kind: str
    payload: str  # canonical JSON
    previous: str  # digest of the row before, "" for the first
    digest: str

    def line(self) -> str:
        """Return the canonical JSON line that the digest covers."""
        return canonical_json(
            {
                "id": self.event_id,
                "kit": self.kit,
                "chain": self.chain,
                "sequence": self.sequence,
                "actor": self.actor,
                "at": self.at.isoformat(),
                "aggregate": self.aggregate,
                "version": self.version,
                "kind": self.kind,
                "payload": self.payload,
                "previous": self.previous,
            }
        )


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last event of a chain: what a later copy of the log must still hold."""

    chain: str
    sequence: int
    digest: str


def canonical_json(value: Mapping[str, Any]) -> str:
    """Return one spelling per value: sorted keys, no blanks, no escapes beyond need."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str) -> str:
    """Return the hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first row of a chain that does not hold. `code` is a message key."""

    chain: str
    sequence: int
    code: str


def verify_chain(events: Iterable[Event]) -> ChainFault | None:
    """Return the first fault of one chain in order, or None: gaps, changed rows, broken links."""
    previous, expected = "", 1
    for event in events:
        if event.sequence != expected:
            return ChainFault(event.chain, expected, "audit.gap")
        if event.previous != previous:
            return ChainFault(event.chain, event.sequence, "audit.broken_link")
        if event.digest != digest_of(event.line()):
            return ChainFault(event.chain, event.sequence, "audit.changed_row")
        previous, expected = event.digest, expected + 1
    return None


# What office and field keep besides recordings: whole values by id, searchable by words, shared by activity.
#
# A request, a plan, a letter, a check-out, an SOP run: each is one frozen dataclass. It is replaced as a whole when
# somebody acts, together with the event that says who did it; the event carries the digest of the value, never the
# value.


@runtime_checkable
class Thing(Protocol):
    """A frozen dataclass of plain values, enums, dates, aware times, tuples, mappings and other such dataclasses."""

    KIND: ClassVar[str]  # the name of its repository; never changes once kits in the field have written it

    @property
    def thing_id(self) -> str:
        """The id, a UUIDv7, or the id of the one thing that it belongs to."""
        ...

    @property
    def activity_id(self) -> str:
        """The activity that it belongs to, "" for what outlives activities."""
        ...

    @property
    def words(self) -> str:
        """What a search finds it by."""
        ...
