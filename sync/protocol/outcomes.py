"""The decision table of delivery: what an answer or a broken wire means for the record and for the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

from fieldkit.domain.delivery import LONGEST_WAIT
from fieldkit.domain.errors import Recovery, TransferError
from sync.protocol.tus import CHECKSUM_MISMATCH


class Consequence(StrEnum):
    """What to do next."""

    GO_ON = "go_on"
    RETRY_RECORD = "retry_record"  # this record later, the next one now
    QUARANTINE = "quarantine"  # this record never again by itself, the next one now
    STOP_RUN = "stop_run"  # nothing will go better now


@dataclass(frozen=True, slots=True)
class Outcome:
    """A consequence and the message code that explains it."""

    consequence: Consequence
    code: str = ""


class RecordError(TransferError):
    """Something about one record; `status` and `trouble` are what the data center answered, 0 and "" without one."""

    def __init__(self, code: str, *, status: int = 0, trouble: str = "") -> None:
        super().__init__(code, status=status, trouble=trouble)
        self.status, self.trouble = status, trouble


class RecordRetryError(RecordError):
    """One record could not be sent now; the others can."""


class RecordRefusedError(RecordError):
    """The data center will never take this record as it is; a person decides."""

    recovery = Recovery.ASK_OFFICE


class NotOfferedError(TransferError):
    """The data center is older than this program and does not have what was asked."""

    recovery = Recovery.NONE


# Trying again does not help here; somebody at the dinas must act.
_FOR_THE_OFFICE = frozenset(
    {
        "sync.kit_revoked",
        "sync.not_admitted",
        "sync.receipt_untrusted",
        "sync.server_full",
        "sync.untrusted_server",
        "sync.clock_or_certificate",
        "sync.name_not_certified",
        "sync.version_differs",
        "sync.center_older",
    }
)


class RunStoppedError(TransferError):
    """Link, server or admission is the trouble, not a record."""

    def __init__(self, code: str, **params: str | int) -> None:
        recovery = Recovery.ASK_OFFICE if code in _FOR_THE_OFFICE else None
        super().__init__(code, recovery=recovery, **params)


_STATUS: dict[int, Outcome] = {
    401: Outcome(Consequence.STOP_RUN, "sync.not_admitted"),
    403: Outcome(Consequence.STOP_RUN, "sync.not_admitted"),
    404: Outcome(Consequence.RETRY_RECORD, "sync.upload_gone"),
    408: Outcome(Consequence.STOP_RUN, "sync.stalled"),
    409: Outcome(Consequence.RETRY_RECORD, "sync.offset_differs"),
    410: Outcome(Consequence.RETRY_RECORD, "sync.upload_gone"),
    412: Outcome(Consequence.STOP_RUN, "sync.version_differs"),
    413: Outcome(Consequence.QUARANTINE, "sync.too_large"),
    422: Outcome(Consequence.QUARANTINE, "sync.refused"),
    423: Outcome(Consequence.RETRY_RECORD, "sync.upload_locked"),
    426: Outcome(Consequence.STOP_RUN, "sync.version_differs"),
    429: Outcome(Consequence.STOP_RUN, "sync.server_busy"),
    CHECKSUM_MISMATCH: Outcome(Consequence.RETRY_RECORD, "sync.chunk_damaged"),
    # A 500 may come from this one record: it must not hold up the queue behind it.
    500: Outcome(Consequence.RETRY_RECORD, "sync.server_error"),
    502: Outcome(Consequence.STOP_RUN, "sync.server_busy"),
    503: Outcome(Consequence.STOP_RUN, "sync.server_busy"),
    504: Outcome(Consequence.STOP_RUN, "sync.server_busy"),
    507: Outcome(Consequence.STOP_RUN, "sync.server_full"),
}

# Refusals whose own code says more than the status.
_TROUBLE: dict[str, Outcome] = {
    "protocol.version": Outcome(Consequence.STOP_RUN, "sync.center_older"),
    "auth.kit_revoked": Outcome(Consequence.STOP_RUN, "sync.kit_revoked"),
    "auth.clock": Outcome(Consequence.STOP_RUN, "sync.clock_wrong"),
    "enrol.code": Outcome(Consequence.STOP_RUN, "sync.enrol_code_wrong"),
    "enrol.code_expired": Outcome(Consequence.STOP_RUN, "sync.enrol_code_expired"),
    "enrol.admin": Outcome(Consequence.STOP_RUN, "sync.enrol_admin_differs"),
    "user.not_authorised": Outcome(Consequence.STOP_RUN, "sync.user_not_authorised"),
    "record.damaged": Outcome(Consequence.RETRY_RECORD, "sync.record_damaged"),
    "record.conflict": Outcome(Consequence.QUARANTINE, "sync.digest_conflict"),
    "manifest.fork": Outcome(Consequence.QUARANTINE, "sync.chain_forked"),
    "manifest.invalid": Outcome(Consequence.QUARANTINE, "sync.manifest_refused"),
    "manifest.unknown": Outcome(Consequence.RETRY_RECORD, "sync.upload_gone"),
    "record.erased": Outcome(Consequence.RETRY_RECORD, "sync.erased_at_center"),
    "record.not_here": Outcome(Consequence.RETRY_RECORD, "sync.not_at_center"),
    "record.too_large": Outcome(Consequence.QUARANTINE, "sync.too_large"),
}


def judge(status: int, trouble: str = "") -> Outcome:
    """Return what an HTTP status means, with the refusal's own code when the body had one."""
    if 200 <= status < 300:
        return Outcome(Consequence.GO_ON)
    if trouble in _TROUBLE:
        return _TROUBLE[trouble]
    if status in _STATUS:
        return _STATUS[status]
    if 400 <= status < 500 and trouble:
        return Outcome(Consequence.QUARANTINE, "sync.refused")
    # Redirects, refusals without a word and other wonders come from a portal or proxy between us and the data center.
    return Outcome(Consequence.STOP_RUN, "sync.nonsense")


@contextmanager
def of_the_whole_run() -> Iterator[None]:
    """Make what is answered to a question that is about no record an error of the run."""
    try:
        yield
    except RecordError as error:
        code = "sync.server_trouble" if error.status >= 500 else "sync.nonsense"
        raise RunStoppedError(code, status=error.status) from error


def raise_for(status: int, trouble: str = "") -> None:
    """Raise the error that the decision table names; return when the answer is good."""
    outcome = judge(status, trouble)
    if outcome.consequence is Consequence.RETRY_RECORD:
        raise RecordRetryError(outcome.code, status=status, trouble=trouble)
    if outcome.consequence is Consequence.QUARANTINE:
        raise RecordRefusedError(outcome.code, status=status, trouble=trouble)
    if outcome.consequence is Consequence.STOP_RUN:
        raise RunStoppedError(outcome.code, status=status)


# How much to send at once and how long to wait after a failure. Pure; randomness comes from outside.

FIRST_CHUNK = 256 * 1024
SMALLEST_CHUNK = 16 * 1024
BIGGEST_CHUNK = 8 * 1024 * 1024
# What a chunk should take: several times the way there and back, so that its one answer costs nothing, and short enough
# that what the data center has confirmed is never far behind.
_GOOD_CHUNK_SECONDS = 3.0
_MOST_GROWTH = 4

_BASE_WAIT_S = 5.0


def next_chunk_size(size: int, sent: int, seconds: float, most: int = BIGGEST_CHUNK) -> int:
    """Return the size of the next chunk after `sent` bytes took `seconds`: what this line carries in 3 s.

    At most four times as much or as little as `size`, the last one: one answer that came early or late says little.
    Fewer bytes than that, answered in time, only say that the line is no worse.
    """
    wanted = sent * _GOOD_CHUNK_SECONDS / max(seconds, 0.001)
    if sent < size and seconds < _GOOD_CHUNK_SECONDS:
        wanted = max(wanted, size)
    paced = int(min(max(wanted, size / _MOST_GROWTH), size * _MOST_GROWTH))
    return min(max(paced, SMALLEST_CHUNK), most)


def back_off(failures: int, random: Random) -> timedelta:
    """Return a full-jitter wait after the n-th failure in a row: anything from 0 to 5 s × 2ⁿ⁻¹, at most 30 minutes."""
    ceiling = min(LONGEST_WAIT.total_seconds(), _BASE_WAIT_S * 2 ** min(max(failures - 1, 0), 16))
    return timedelta(seconds=random.uniform(0.0, ceiling))
