"""The central status in plain words. What the data center did not say is not said here either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from fieldkit.domain.delivery.central_status import CentralCode, CentralStatus, known_code
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.status_work import OfficeTask
from fieldkit.ports.clock import Clock
from ui.presenters.amounts import moment_text
from ui.presenters.figures import Number, Step, StepMark
from ui.presenters.messages import CatalogMessage, Message, message
from ui.presenters.parts import Tag, Tone

TRIAL = "uji coba"  # the source of every status that an embedded gateway gives

_TONES = {
    CentralCode.PRINT_READY_RECORD: Tone.GOOD,
    CentralCode.SENT_FOR_CARD_PRINTING: Tone.GOOD,
    CentralCode.CARD_PRINTED: Tone.GOOD,
    CentralCode.CARD_SHIPPED: Tone.GOOD,
    CentralCode.CARD_ISSUED: Tone.GOOD,
    CentralCode.ENROLL_FAILURE_AT_CENTRAL: Tone.BAD,
    CentralCode.ENROLL_FAILURE_AT_REGIONAL: Tone.BAD,
    CentralCode.SEARCH_FAILURE_AT_CENTRAL: Tone.BAD,
    CentralCode.ADJUDICATE_RECORD: Tone.CAUTION,
    CentralCode.REQUEST_VALIDATION: Tone.CAUTION,
    CentralCode.DUPLICATE_RECORD: Tone.CAUTION,
}


def code_words(code: str) -> Message:
    """Return a code in words; a stranger stays verbatim."""
    known = known_code(code)
    return message(f"central.{known.value.lower()}") if known else code


def code_tone(code: str) -> Tone:
    """Return how a code stands; a stranger asks for a look."""
    known = known_code(code)
    return _TONES.get(known, Tone.SOFT) if known else Tone.CAUTION


def waits_for_birthday(entry: QueueEntry, today: date) -> bool:
    """Return whether the record is ready but the card may not be printed yet."""
    is_ready = entry.central is not None and known_code(entry.central.code) is CentralCode.PRINT_READY_RECORD
    return is_ready and entry.record.card_from is not None and entry.record.card_from > today


def code_tag(said: CentralStatus | None) -> Tag:
    """Return the last status as a tag; silence is said too."""
    if said is None:
        return Tag(message("central.none"), Tone.NEUTRAL)
    return Tag(code_words(said.code), code_tone(said.code))


def task_words(task: OfficeTask) -> CatalogMessage:
    """Return what the office has to do."""
    return message(f"task.{task.value}")


def history_of(statuses: Sequence[CentralStatus], clock: Clock, most: int = 6) -> tuple[Step, ...]:
    """Return the last things that were said about a record: what, when, by whom, and why."""
    last = len(statuses) - 1
    return tuple(
        Step(
            status.code,
            code_words(status.code),
            StepMark.CURRENT if index == last else StepMark.DONE,
            " · ".join(filter(None, (moment_text(clock.local(status.observed_at)), status.source, status.reason))),
        )
        for index, status in enumerate(statuses)
    )[-most:]


def summary(entries: Sequence[QueueEntry], today: date) -> tuple[Number, ...]:
    """Count the records of each status, most first; those that wait for a birthday apart."""
    waiting = sum(waits_for_birthday(entry, today) for entry in entries)
    codes = Counter(e.central.code for e in entries if e.central is not None and not waits_for_birthday(e, today))
    numbers = [Number(str(count), code_words(code), code_tone(code)) for code, count in codes.most_common()]
    if waiting:
        numbers.append(Number(str(waiting), message("central.waits_17"), Tone.SOFT))
    return tuple(numbers)
