"""The central status of a record: what the data center said, mirrored and never invented.

Unknown codes are kept verbatim; a transition that looks illegal is marked, never dropped. Source of codes and ways:
the statuses of the official enrolment application as field offices describe them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


def is_dead(code: str) -> bool:
    """Return whether an earlier record with this code no longer blocks a new one for the same NIK."""
    return known_code(code) in _DEAD
