"""What the audit compares: the log with what others know of its end, and everything kept with what the log says of it.

A key is `kind/id`: "thing/plan/0193…", "targets/act-1", "setting/signing", "attachment/…", "user/rina", "file/sop/…".
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.delivery.anchors import AnchorSource
from fieldkit.domain.events import ChainHead, Event

STATE_KEPT = "state_kept"  # event: digests of what a write of the program left, by key
STATE = "state"  # its aggregate
FILES = "files"  # its aggregate where it is about files beside the store: each sign-in reads these
FILES_ACCEPTED = "files_accepted"
_NEW_CHAIN = frozenset({"chain_begun", "kit_restored"})  # events that tell where the chain before them ends
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
class Loss:
    """Rows `first` to `last` of a chain went with an older copy of the store; `by` signed in when it was noted."""

    chain: str
    first: int
    last: int
    at: datetime
    by: str  # user id


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was found. Behind `proven_to` only the kit's own word stands, up to `rows`.

    `losses` are told for good and are no faults any more.
    """

    rows: int
    proven_to: Proven | None
    faults: tuple[AuditFault, ...]
    losses: tuple[Loss, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Return whether everything holds."""
        return not self.faults


def known_losses(chains: Mapping[str, Sequence[Event]], witnesses: Sequence[Witness]) -> Iterator[Loss]:
    """Yield the missing ends of chains that a later event accounts for; `chains` are sound in themselves.

    To put an older copy back and to cut a log are one and the same to the store: the event is written after either.
    So it must hide nothing. It counts only once the data center holds a head of its chain that includes it, which
    dates it and lets nobody add, move or widen it afterwards; and only where the old chain still ends with the very
    row that it names, so that a further cut, or a cut of the chain that tells of the loss, is a fault as any other.
    What is missing, since when and who had signed in stays in every report.
    """
    proofs = [one.head for one in witnesses if one.is_proof and _holds(chains, one.head)]
    for rows in chains.values():
        for event in rows:
            kept = _kept_by(event)
            if kept is None or not _ends_with(chains.get(kept.chain, ()), kept):
                continue
            missing = [one.head.sequence for one in witnesses if one.head.chain == kept.chain]
            if max(missing, default=0) > kept.sequence and any(
                proof.chain == event.chain and proof.sequence >= event.sequence for proof in proofs
            ):
                yield Loss(kept.chain, kept.sequence + 1, max(missing), event.at, event.actor)


def kept_value(head: ChainHead | None) -> str:
    """Return what an event says of where the chain before it ends, "" for a chain without a row."""
    return f"{head.chain}:{head.sequence}:{head.digest}" if head is not None else ""


def chain_faults(
    chains: Mapping[str, Sequence[Event]], witnesses: Iterable[Witness], losses: Iterable[Loss] = ()
) -> Iterator[AuditFault]:
    """Name every chain that is shorter than a witness knows it, or says something else; once per chain and code."""
    told = {(loss.chain, "audit.tail_missing") for loss in losses}
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


def _kept_by(event: Event) -> ChainHead | None:
    if event.kind not in _NEW_CHAIN:
        return None
    chain, _, rest = str(json.loads(event.payload).get("kept", "")).partition(":")
    sequence, _, digest = rest.partition(":")
    return ChainHead(chain, int(sequence), digest) if sequence.isdigit() and chain != event.chain else None


def _ends_with(rows: Sequence[Event], head: ChainHead) -> bool:
    return bool(rows) and (rows[-1].sequence, rows[-1].digest) == (head.sequence, head.digest)


def _row(rows: Sequence[Event], sequence: int) -> Event | None:
    at = bisect_left(rows, sequence, key=lambda row: row.sequence)
    return rows[at] if at < len(rows) and rows[at].sequence == sequence else None


def _holds(chains: Mapping[str, Sequence[Event]], head: ChainHead) -> bool:
    row = _row(chains.get(head.chain, ()), head.sequence)
    return row is not None and row.digest == head.digest
