from __future__ import annotations

from datetime import date, timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.delivery.central_status import CentralCode
from fieldkit.domain.delivery.status_work import (
    OfficeTask,
    WorkPart,
    gate_day,
    part_of,
    task_after,
    task_of,
    typed_code,
)

BIRTHDAY, WEDDING = date(2027, 3, 12), date(2026, 11, 1)


def test_every_known_code_has_something_to_do() -> None:
    for code in CentralCode:
        assert task_of(code, NOW, NOW) is not OfficeTask.ASK_MEANING
    assert task_of("SESUATU_BARU", NOW, NOW) is OfficeTask.ASK_MEANING


def test_every_task_is_in_a_part_and_what_must_be_mended_is_trouble() -> None:
    assert {part_of(task) for task in OfficeTask} == set(WorkPart)
    assert part_of(OfficeTask.RESEND) is part_of(OfficeTask.ASK_DELETION) is WorkPart.TROUBLE
    assert part_of(OfficeTask.WAIT_FOR_AGE) is WorkPart.WAITS


@pytest.mark.parametrize(
    ("code", "task"),
    [
        ("PRR", OfficeTask.PRINT),
        ("DUPLICATE_RECORD", OfficeTask.ASK_DELETION),
        ("ADJUDICATE_RECORD", OfficeTask.DELETE_AND_RECORD_AGAIN),
        ("ENROLL_FAILURE_AT_REGIONAL", OfficeTask.DELETE_AND_RECORD_AGAIN),
        ("SEARCH_FAILURE_AT_CENTRAL", OfficeTask.ASK_RESEND),
        ("SFE", OfficeTask.MONITOR),
        ("CARD_ISSUED", OfficeTask.CLOSE),
    ],
)
def test_the_table_of_the_office(code: str, task: OfficeTask) -> None:
    assert task_of(code, NOW, NOW) is task


def test_our_own_cards_know_more_than_the_center() -> None:
    assert task_after("") is OfficeTask.CHECK_QUEUE
    assert task_after("PRR", is_young=True) is OfficeTask.WAIT_FOR_AGE
    assert task_after("PRR", is_young=True, has_card=True) is OfficeTask.HAND_OVER
    assert task_after("SENT_FOR_CARD_PRINTING", is_young=True) is OfficeTask.HAND_OVER
    assert task_after("DUPLICATE_RECORD", has_card=True) is OfficeTask.ASK_DELETION
    assert task_after("RECEIVED_AT_CENTRAL", is_stuck=True) is OfficeTask.WAIT


@pytest.mark.parametrize("code", CentralCode)
def test_our_own_card_counts_from_the_print_ready_record_on(code: CentralCode) -> None:
    after = {"PRINT_READY_RECORD", "SENT_FOR_CARD_PRINTING", "CARD_PRINTED", "CARD_SHIPPED"}
    told = [task_after(code, has_card=True, is_received=is_received) for is_received in (False, True)]
    assert told == ([OfficeTask.HAND_OVER, OfficeTask.CLOSE] if code in after else [task_after(code)] * 2)


def test_what_was_sent_and_does_not_move_is_stuck_after_some_days() -> None:
    assert task_of("SFE", NOW, NOW + timedelta(days=3, seconds=-1)) is OfficeTask.MONITOR
    assert task_of("SFE", NOW, NOW + timedelta(days=3)) is OfficeTask.RESEND
    assert task_of("RECEIVED_AT_CENTRAL", NOW, NOW + timedelta(days=30)) is OfficeTask.WAIT


def test_the_card_waits_for_the_birthday_or_the_wedding() -> None:
    assert gate_day(None, None) is None
    assert gate_day(None, WEDDING) is None
    assert gate_day(BIRTHDAY, None) == BIRTHDAY
    assert gate_day(BIRTHDAY, WEDDING) == WEDDING


def test_known_codes_are_typed_in_any_letters_and_strangers_stay_verbatim() -> None:
    assert typed_code(" print_ready_record ") == "PRINT_READY_RECORD"
    assert typed_code("prr") == "PRR"
    assert typed_code("Sent for\nCard - Printing") == "SENT_FOR_CARD_PRINTING"
    assert typed_code("belum rekam") == "BELUM_REKAM"
    assert typed_code(" Menunggu Verifikasi ") == "Menunggu Verifikasi"
