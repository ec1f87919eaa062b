"""The way of a sealed record: anchors and audit of the log, local and central status, lists of statuses."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from fieldkit.domain.errors import RuleError
from fieldkit.domain.events import ChainHead, Event
from fieldkit.domain.recording.record import ChainLink

# Anchors of the event log: heads of chains that somebody else holds too, so that an insider cannot rewrite them.
ANCHOR_TYP = "fieldkit-anchor+jwt"  # the `typ` of an anchor's JWS


class AnchorSource(StrEnum):
    """Who holds an anchor beside the store."""

    KIT = "kit"
    RECORD = "record"
    CENTER = "center"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was signed by this kit (`jws`) and is held by `source`."""

    chain: str
    sequence: int
    digest: str
    at: datetime
    source: AnchorSource
    jws: str


# What the audit compares: the log with what others know of its end, and everything kept with what the log says of it.
#
# A key is `kind/id`: "thing/plan/0193…", "targets/act-1", "setting/signing", "attachment/…", "user/rina", "file/sop/…".

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


# The central status of a record: what the data center said, mirrored and never invented.
#
# Unknown codes are kept verbatim; a transition that looks illegal is marked, never dropped. Source of codes and ways:
# the statuses of the official enrolment application as field offices describe them.


class CentralCode(StrEnum):
    """The codes known to us."""

    UNREGISTERED = "UNREGISTERED"
    BIO_CAPTURED = "BIO_CAPTURED"
    PROCESSING = "PROCESSING"
    SENT_FOR_ENROLLMENT = "SENT_FOR_ENROLLMENT"
    RECEIVED_AT_CENTRAL = "RECEIVED_AT_CENTRAL"
    ENROLL_FAILURE_AT_CENTRAL = "ENROLL_FAILURE_AT_CENTRAL"
    ENROLL_FAILURE_AT_REGIONAL = "ENROLL_FAILURE_AT_REGIONAL"
    SEARCH_FAILURE_AT_CENTRAL = "SEARCH_FAILURE_AT_CENTRAL"
    ADJUDICATE_RECORD = "ADJUDICATE_RECORD"
    REQUEST_VALIDATION = "REQUEST_VALIDATION"
    DUPLICATE_RECORD = "DUPLICATE_RECORD"
    PRINT_READY_RECORD = "PRINT_READY_RECORD"
    SENT_FOR_CARD_PRINTING = "SENT_FOR_CARD_PRINTING"
    CARD_PRINTED = "CARD_PRINTED"
    CARD_SHIPPED = "CARD_SHIPPED"
    CARD_ISSUED = "CARD_ISSUED"


# The other forms that offices print on letters and lists, and say at counters.
_ALIASES = {
    **dict.fromkeys(("BELUM_REKAM", "BLM_REKAM", "BLM_RKM_KTP"), CentralCode.UNREGISTERED),
    **dict.fromkeys(("BC", "SUDAH_REKAM", "SDH_REKAM", "SDH_RKM_KTP"), CentralCode.BIO_CAPTURED),
    "SFE": CentralCode.SENT_FOR_ENROLLMENT,
    "EFAC": CentralCode.ENROLL_FAILURE_AT_CENTRAL,
    "EFAR": CentralCode.ENROLL_FAILURE_AT_REGIONAL,
    **dict.fromkeys(("ADJUDICATE", "ADJUDICATE_IN_PROCESS"), CentralCode.ADJUDICATE_RECORD),
    **dict.fromkeys(("DUP", "DUPLICATE"), CentralCode.DUPLICATE_RECORD),
    "PRR": CentralCode.PRINT_READY_RECORD,
}

_FAILED = frozenset(
    {
        CentralCode.ENROLL_FAILURE_AT_CENTRAL,
        CentralCode.ENROLL_FAILURE_AT_REGIONAL,
        CentralCode.SEARCH_FAILURE_AT_CENTRAL,
        CentralCode.ADJUDICATE_RECORD,
        CentralCode.REQUEST_VALIDATION,
        CentralCode.DUPLICATE_RECORD,
    }
)

# These still wait for a person; only their deletion (UNREGISTERED) frees the NIK.
_HELD = frozenset({CentralCode.ADJUDICATE_RECORD, CentralCode.REQUEST_VALIDATION, CentralCode.DUPLICATE_RECORD})
_DEAD = (_FAILED | {CentralCode.UNREGISTERED}) - _HELD

_AT_THE_OFFICE = frozenset({CentralCode.UNREGISTERED, CentralCode.BIO_CAPTURED, CentralCode.PROCESSING})

_NEXT: dict[CentralCode, frozenset[CentralCode]] = {
    CentralCode.UNREGISTERED: frozenset({CentralCode.BIO_CAPTURED}),
    CentralCode.BIO_CAPTURED: frozenset({CentralCode.PROCESSING, CentralCode.SENT_FOR_ENROLLMENT}),
    CentralCode.PROCESSING: frozenset({CentralCode.SENT_FOR_ENROLLMENT, CentralCode.BIO_CAPTURED}),
    CentralCode.SENT_FOR_ENROLLMENT: frozenset({CentralCode.RECEIVED_AT_CENTRAL, CentralCode.BIO_CAPTURED}),
    CentralCode.RECEIVED_AT_CENTRAL: _FAILED | {CentralCode.PRINT_READY_RECORD},
    CentralCode.PRINT_READY_RECORD: frozenset({CentralCode.SENT_FOR_CARD_PRINTING}),
    CentralCode.SENT_FOR_CARD_PRINTING: frozenset({CentralCode.CARD_PRINTED}),
    CentralCode.CARD_PRINTED: frozenset({CentralCode.CARD_SHIPPED, CentralCode.CARD_ISSUED}),
    CentralCode.CARD_SHIPPED: frozenset({CentralCode.CARD_ISSUED}),
    CentralCode.CARD_ISSUED: frozenset(),
    **{code: frozenset({CentralCode.UNREGISTERED}) for code in _FAILED},
}


def known_code(code: str) -> CentralCode | None:
    """Return the code as we know it, following the other forms (SFE, BELUM_REKAM); None for a stranger."""
    if code in _ALIASES:
        return _ALIASES[code]
    return CentralCode(code) if code in CentralCode.__members__ else None


def writings_of(code: CentralCode) -> tuple[str, ...]:
    """Return every writing of a code, the full one first."""
    return (code.value, *(short for short, known in _ALIASES.items() if known is code))


@dataclass(frozen=True, slots=True)
class CentralStatus:
    """One observation. `code` is verbatim; `source` says who told us ("uji coba" = the embedded gateway)."""

    code: str
    source: str
    observed_at: datetime
    reason: str = ""


def looks_illegal(history: Sequence[CentralStatus], arrived: CentralStatus) -> bool:
    """Return whether `arrived` does not follow from the last observation; of a stranger we cannot know."""
    return bool(history) and not follows(history[-1].code, arrived.code)


def follows(before: str, after: str) -> bool:
    """Return whether a code may come after another: the same again, one of the way, or a stranger beside either."""
    known, arrived = known_code(before), known_code(after)
    return known is None or arrived is None or known is arrived or arrived in _NEXT[known]


def usual_next(code: str) -> tuple[CentralCode, ...]:
    """Return the codes that follow from one, in the order of the way; of a stranger we cannot know."""
    known = known_code(code)
    return tuple(each for each in CentralCode if known is not None and each in _NEXT[known])


def has_left(code: str) -> bool:
    """Return whether a record with this code was sent from the place where it was recorded; of a stranger, not."""
    known = known_code(code)
    return known is not None and known not in _AT_THE_OFFICE


def is_dead(code: str) -> bool:
    """Return whether an earlier record with this code no longer blocks a new one for the same NIK."""
    return known_code(code) in _DEAD


# What the office has to do about a central status (table of the statuses, design source: field offices).

TYPED_FROM_SIAK = "SIAK, diketik"
STUCK_DAYS = 3  # from practice, not from a rule: a dinas may set its own
CODE_LIMIT = 60
_BETWEEN_WORDS = re.compile(r"[\s_\-]+")


class OfficeTask(StrEnum):
    """The next act of the office, what is urgent first."""

    PRINT = "print"
    DELETE_AND_RECORD_AGAIN = "delete_and_record_again"
    ASK_DELETION = "ask_deletion"  # of a double: never record again first
    ASK_RESEND = "ask_resend"
    RESEND = "resend"  # stuck: set back to BIO_CAPTURED and send again
    ASK_MEANING = "ask_meaning"  # a code that the program does not know
    RECORD = "record"
    CHECK_QUEUE = "check_queue"
    HAND_OVER = "hand_over"
    MONITOR = "monitor"
    WAIT = "wait"
    WAIT_FOR_AGE = "wait_for_age"
    CLOSE = "close"


class WorkPart(StrEnum):
    """Which part of the work of the office a task belongs to."""

    PRINT = "print"
    TROUBLE = "trouble"
    HAND_OVER = "hand_over"
    WAITS = "waits"
    OVER = "over"


_PARTS = {
    OfficeTask.PRINT: WorkPart.PRINT,
    OfficeTask.HAND_OVER: WorkPart.HAND_OVER,
    OfficeTask.MONITOR: WorkPart.WAITS,
    OfficeTask.WAIT: WorkPart.WAITS,
    OfficeTask.WAIT_FOR_AGE: WorkPart.WAITS,
    OfficeTask.CLOSE: WorkPart.OVER,
}


def part_of(task: OfficeTask) -> WorkPart:
    """Return the part that a task belongs to; what somebody must mend is trouble."""
    return _PARTS.get(task, WorkPart.TROUBLE)


_C, _T = CentralCode, OfficeTask
_TASKS = {
    _C.UNREGISTERED: _T.RECORD,
    _C.BIO_CAPTURED: _T.CHECK_QUEUE,
    _C.PROCESSING: _T.WAIT,
    _C.SENT_FOR_ENROLLMENT: _T.MONITOR,
    _C.RECEIVED_AT_CENTRAL: _T.WAIT,
    _C.ENROLL_FAILURE_AT_CENTRAL: _T.DELETE_AND_RECORD_AGAIN,
    _C.ENROLL_FAILURE_AT_REGIONAL: _T.DELETE_AND_RECORD_AGAIN,
    _C.SEARCH_FAILURE_AT_CENTRAL: _T.ASK_RESEND,
    _C.ADJUDICATE_RECORD: _T.DELETE_AND_RECORD_AGAIN,
    _C.REQUEST_VALIDATION: _T.DELETE_AND_RECORD_AGAIN,
    _C.DUPLICATE_RECORD: _T.ASK_DELETION,
    _C.PRINT_READY_RECORD: _T.PRINT,
    _C.SENT_FOR_CARD_PRINTING: _T.HAND_OVER,
    _C.CARD_PRINTED: _T.HAND_OVER,
    _C.CARD_SHIPPED: _T.HAND_OVER,
    _C.CARD_ISSUED: _T.CLOSE,
}
TO_PRINT = frozenset({_C.PRINT_READY_RECORD, _C.SENT_FOR_CARD_PRINTING})
AFTER_UNIQUE = TO_PRINT | {_C.CARD_PRINTED, _C.CARD_SHIPPED}  # from here on our own cards know more


def task_of(code: str, observed_at: datetime, now: datetime, stuck_days: int = STUCK_DAYS) -> OfficeTask:
    """Return what a status asks for; one that was sent and does not move for days asks for sending again."""
    is_stuck = now - observed_at >= timedelta(days=stuck_days)
    return task_after(code, is_stuck=is_stuck)


def task_after(
    code: str,
    *,
    is_stuck: bool = False,
    is_young: bool = False,
    has_card: bool = False,
    is_received: bool = False,
    is_official: bool = False,
) -> OfficeTask:
    """Return what a record asks for by everything that is known: our own cards know more than a code after PRR.

    What the official application recorded waits in no queue of ours: its silence is to be asked there.
    """
    known = known_code(code)
    if not code:
        return OfficeTask.MONITOR if is_official else OfficeTask.CHECK_QUEUE
    if has_card and known in AFTER_UNIQUE:
        return OfficeTask.CLOSE if is_received else OfficeTask.HAND_OVER
    if is_stuck and known is CentralCode.SENT_FOR_ENROLLMENT:
        return OfficeTask.RESEND
    task = _TASKS[known] if known else OfficeTask.ASK_MEANING
    return OfficeTask.WAIT_FOR_AGE if task is OfficeTask.PRINT and is_young else task


def gate_day(card_from: date | None, married_on: date | None) -> date | None:
    """Return the day from which a card may be printed; None when it may be at once.

    `card_from` is the 17th birthday as the seal knew it, None for those who were 17 or had married by then.
    """
    if card_from is None or married_on is None:
        return card_from
    return min(card_from, married_on)


def typed_code(text: str) -> str:
    """Return a code as typed or read from a list: known ones in their own writing, strangers verbatim.

    Lists write "Print Ready Record", break a code over two lines, or put strokes between its words.
    """
    code = "_".join(_BETWEEN_WORDS.split(text.strip().upper()))
    return code if known_code(code) is not None else text.strip()


# The way of a sealed record to the data center and back (Queued → Sending → Received → Acknowledged → Purged).

# No wait between two tries is longer. A time to try again that lies further ahead was written under another clock.
LONGEST_WAIT = timedelta(minutes=30)
BELIEVED_AHEAD = LONGEST_WAIT + timedelta(minutes=5)


class DeliveryState(StrEnum):
    """Where a sealed record is. Only a verified signed receipt makes it acknowledged.

    `OFFICIAL` is no place on this way: the official application recorded the person and sends the record itself.
    """

    QUEUED = "queued"
    SENDING = "sending"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    PURGED = "purged"
    QUARANTINED = "quarantined"
    SET_ASIDE = "set_aside"  # a person decided, with a reason, that it is not sent
    OFFICIAL = "official"


_NEXT_ON_THE_WAY: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset({DeliveryState.SENDING, DeliveryState.RECEIVED, DeliveryState.QUARANTINED}),
    DeliveryState.SENDING: frozenset({DeliveryState.QUEUED, DeliveryState.RECEIVED, DeliveryState.QUARANTINED}),
    # A kit may die between the last byte and the receipt: it then asks again from the queue.
    DeliveryState.RECEIVED: frozenset({DeliveryState.QUEUED, DeliveryState.ACKNOWLEDGED, DeliveryState.QUARANTINED}),
    # Back to the queue: the data center lost what it had given a receipt for.
    DeliveryState.ACKNOWLEDGED: frozenset({DeliveryState.PURGED, DeliveryState.QUEUED}),
    DeliveryState.PURGED: frozenset(),
    DeliveryState.QUARANTINED: frozenset({DeliveryState.QUEUED, DeliveryState.SET_ASIDE}),
    DeliveryState.SET_ASIDE: frozenset({DeliveryState.QUEUED}),
    DeliveryState.OFFICIAL: frozenset(),
}

UNACKNOWLEDGED = frozenset(DeliveryState) - {
    *(DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED, DeliveryState.OFFICIAL),
}
HELD_BACK = frozenset({DeliveryState.QUARANTINED, DeliveryState.SET_ASIDE})


def advance(current: DeliveryState, wanted: DeliveryState) -> DeliveryState:
    """Return `wanted` when the way leads there; staying where one is is allowed. Raise `RuleError` otherwise."""
    if wanted is current or wanted in _NEXT_ON_THE_WAY[current]:
        return wanted
    raise RuleError("delivery.no_way", current=current.value, wanted=wanted.value)


def is_due(next_try_at: datetime | None, now: datetime) -> bool:
    """Return whether it is time to try: at once, when the time has come, or when it is too far ahead to be believed."""
    return next_try_at is None or not now < next_try_at <= now + BELIEVED_AHEAD


# What the laptop still knows about a record after its seal: enough to send it, find it and follow it, no more.

# The `typ` of the signed manifest: a signature made for one purpose must never serve another (RFC 8725 §3.11).
MANIFEST_TYP = "fieldkit-manifest+jwt"


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A row of the queue. `nik_digest` is keyed, so that the same NIK is recognised but not read.

    A recording of the official application (`DeliveryState.OFFICIAL`) is read as one that has no file, manifest and
    chain: `sealed_at` is when it was recorded there.
    """

    record_id: str
    session_id: str
    activity_id: str
    target_id: str
    link: ChainLink
    sealed_at: datetime
    size_bytes: int
    sha256: str  # hex, of the sealed file
    manifest_jws: str
    masked_name: str
    masked_nik: str
    nik_digest: str
    place: str
    card_from: date | None  # print not before this day; None = at once
    exceptions: int
    amends: str = ""

    @property
    def is_official(self) -> bool:
        """Return whether the official application holds it, and nothing was sealed here."""
        return not self.sha256


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """What a row of the queue needs and the manifest does not say; it stands beside the sealed file, closed."""

    target_id: str
    masked_name: str
    masked_nik: str
    nik_digest: str
    place: str
    card_from: date | None
    exceptions: int
    amends: str = ""

    @classmethod
    def of(cls, record: SealedRecord) -> RecordHeader:
        """Return the header of a record."""
        return cls(
            *(record.target_id, record.masked_name, record.masked_nik, record.nik_digest),
            *(record.place, record.card_from, record.exceptions, record.amends),
        )


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A sealed record with where it is now."""

    record: SealedRecord
    state: DeliveryState
    offset_bytes: int
    attempts: int
    reason: str
    next_try_at: datetime | None
    acknowledged_at: datetime | None
    receipt_jws: str
    statuses: tuple[CentralStatus, ...] = ()

    @property
    def central(self) -> CentralStatus | None:
        """Return the last status that the data center reported."""
        return self.statuses[-1] if self.statuses else None
