from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.app_context import TARGETS, TODAY, Kit

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.delivery.central_status import CentralCode
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.status_work import OfficeTask
from ui.presenters.figures import Number, StepMark
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.statuses.central_messages import (
    code_tag,
    code_tone,
    code_words,
    history_of,
    summary,
    task_words,
    waits_for_birthday,
)


def heard(kit: Kit, *codes: str, target: int = 0) -> QueueEntry:
    record_id = kit.seal(target + 1, TARGETS[target])
    if codes:
        kit.apply(record_id, *codes)
    return next(e for e in kit.context.delivery.queue().entries if e.record.record_id == record_id)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CentralCode)
def test_every_known_code_has_words(language: str, code: CentralCode) -> None:
    assert strict_catalogue(language).text(f"central.{code.value.lower()}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", OfficeTask)
def test_everything_that_may_be_to_do_has_words(language: str, task: OfficeTask) -> None:
    words = task_words(task)
    assert strict_catalogue(language).text(words.key)


def test_short_forms_read_like_the_long_ones() -> None:
    assert code_words("PRR") == code_words("PRINT_READY_RECORD") == message("central.print_ready_record")


def test_a_stranger_is_shown_verbatim(kit: Kit) -> None:
    entry = heard(kit, "SOMETHING_NEW")
    assert (code_tag(entry.central).words, code_tag(entry.central).tone) == ("SOMETHING_NEW", Tone.CAUTION)


def test_silence_is_never_a_status(kit: Kit) -> None:
    entry = heard(kit)
    assert code_tag(entry.central).words == message("central.none")
    assert summary((entry,), TODAY) == ()


def test_the_history_says_what_when_and_from_where(kit: Kit) -> None:
    steps = history_of(heard(kit, *["SENT_FOR_ENROLLMENT", "BIO_CAPTURED"] * 4).statuses, kit.clock)
    assert len(steps) == 6
    assert [step.mark for step in steps] == [*[StepMark.DONE] * 5, StepMark.CURRENT]
    assert steps[0].words == message("central.sent_for_enrollment")
    assert str(steps[-1].detail).endswith(" · uji coba")


def test_a_ready_record_of_a_sixteen_year_old_waits_for_the_birthday(kit: Kit) -> None:
    young = heard(kit, "PRINT_READY_RECORD", target=2)
    assert waits_for_birthday(young, TODAY)
    assert not waits_for_birthday(young, date(2027, 3, 12))
    assert not waits_for_birthday(heard(kit, "PRINT_READY_RECORD"), TODAY)
    for codes in ((), ("CARD_PRINTED",)):
        other = replace(young, statuses=tuple(replace(young.statuses[0], code=code) for code in codes))
        assert not waits_for_birthday(other, TODAY)
        assert message("central.waits_17") not in [number.label for number in summary((other,), TODAY)]


@pytest.mark.parametrize(
    ("code", "tone"),
    [
        ("PRR", Tone.GOOD),
        ("CARD_ISSUED", Tone.GOOD),
        ("ENROLL_FAILURE_AT_CENTRAL", Tone.BAD),
        ("DUP", Tone.CAUTION),
        ("BIO_CAPTURED", Tone.SOFT),
        ("SOMETHING_NEW", Tone.CAUTION),
    ],
)
def test_a_code_stands_on_its_tone(code: str, tone: Tone) -> None:
    assert code_tone(code) is tone


def test_groups_are_counted_the_waiting_apart(kit: Kit) -> None:
    entries = (
        heard(kit, "PRINT_READY_RECORD"),
        heard(kit, "PRINT_READY_RECORD", target=1),
        heard(kit, "PRINT_READY_RECORD", target=2),
        heard(kit, "DUPLICATE_RECORD", target=3),
    )
    assert summary(entries, TODAY) == (
        Number("2", message("central.print_ready_record"), Tone.GOOD),
        Number("1", message("central.duplicate_record"), Tone.CAUTION),
        Number("1", message("central.waits_17"), Tone.SOFT),
    )
