"""What the audit compares: the log with what others know of its end, and everything kept with what the log says of it.

A key is `kind/id`: "thing/plan/0193…", "targets/act-1", "setting/signing", "attachment/…", "user/rina", "file/sop/…".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.delivery.anchors import AnchorSource
from fieldkit.domain.events import ChainHead, Event

STATE_KEPT = "state_kept"  # event: digests of what a write of the program left, by key
STATE = "state"  # its aggregate
FILES_ACCEPTED = "files_accepted"
FILE = "file"
RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class AuditFault:
    """One thing that does not hold; `code` is a message key."""

    kind: str
    thing_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody's word on one row of a chain. `is_proof` when the data center holds the word too."""

    head: ChainHead
    source: AnchorSource
    at: datetime | None = None
    is_proof: bool = False


@dataclass(frozen=True, slots=True)
class Proven:
    """Up to which row the log is proven, by whom, and since when that one has known it."""

    chain: str
    sequence: int
    source: AnchorSource
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was found. Behind `proven_to` only the kit's own word stands, up to `rows`."""

    rows: int
    proven_to: Proven | None
    faults: tuple[AuditFault, ...]

    @property
    def is_ok(self) -> bool:
        """Return whether everything holds."""
        return not self.faults


def chain_faults(chains: Mapping[str, Sequence[Event]], witnesses: Iterable[Witness]) -> Iterator[AuditFault]:
    """Name every chain that is shorter than a witness knows it, or says something else; once per chain and code."""
    told = set()
    for witness in sorted(witnesses, key=lambda one: one.head.sequence):
        head = witness.head
        rows = chains.get(head.chain, ())
        at = _row(rows, head.sequence)
        code = "audit.tail_missing" if at is None else "audit.rewritten" if at.digest != head.digest else ""
        if head.sequence and code and (head.chain, code) not in told:
            told.add((head.chain, code))
            yield AuditFault("chain", f"{head.chain}:{head.sequence}", code)


def proven_to(chains: Mapping[str, Sequence[Event]], witnesses: Iterable[Witness]) -> Proven | None:
    """Return the last row of the newest chain that somebody else proves, None when nobody does."""
    order = {chain: place for place, chain in enumerate(chains)}
    holding = [
        Proven(one.head.chain, one.head.sequence, one.source, one.at)
        for one in witnesses
        if one.is_proof and one.at is not None and _holds(chains, one.head)
    ]
    return max(holding, key=lambda one: (order[one.chain], one.sequence), default=None)


def noted_state(events: Iterable[Event]) -> dict[str, str]:
    """Return the last digest that the log notes of everything, "" for what is gone. Events come in order."""
    state: dict[str, str] = {}
    for event in events:
        payload = json.loads(event.payload)
        if event.kind in (STATE_KEPT, FILES_ACCEPTED):
            state.update(payload["kept"])
        elif isinstance(payload.get("thing"), str) and isinstance(payload.get("digest"), str):
            state[f"thing/{payload['thing']}/{event.aggregate}"] = payload["digest"]
        elif event.kind == "record_acknowledged":
            state[f"{RECEIPT}/{event.aggregate}"] = payload.get("receipt", "")
        elif event.kind == "record_lost_at_center":
            state.pop(f"{RECEIPT}/{event.aggregate}", None)
    return state


def state_faults(noted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[AuditFault]:
    """Name what is otherwise than the log notes it, gone without a note, or there without one."""
    for key in sorted(noted.keys() | found.keys()):
        kind, _, thing_id = key.partition("/")
        said, there = noted.get(key, ""), found.get(key, "")
        if said != there:
            code = "audit.vanished" if not there else "audit.unnoted" if not said else "audit.changed"
            yield AuditFault(kind, thing_id, code)


def _row(rows: Sequence[Event], sequence: int) -> Event | None:
    return next((row for row in rows[max(0, sequence - 1) : sequence] if row.sequence == sequence), None) or next(
        (row for row in rows if row.sequence == sequence), None
    )


def _holds(chains: Mapping[str, Sequence[Event]], head: ChainHead) -> bool:
    row = _row(chains.get(head.chain, ()), head.sequence)
    return row is not None and row.digest == head.digest
