"""What the office has to do about a central status (table of the statuses, design source: field offices)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import StrEnum

from fieldkit.domain.delivery.central_status import CentralCode, known_code

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
    code: str, *, is_stuck: bool = False, is_young: bool = False, has_card: bool = False, is_received: bool = False
) -> OfficeTask:
    """Return what a record asks for by everything that is known: our own cards know more than a code after PRR."""
    known = known_code(code)
    if not code:
        return OfficeTask.CHECK_QUEUE
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
