from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fieldkit.domain.delivery.central_status import (
    CentralCode,
    CentralStatus,
    is_dead,
    known_code,
    looks_illegal,
    usual_next,
)


def at(code: str) -> CentralStatus:
    return CentralStatus(code, "uji coba", datetime(2026, 11, 21, tzinfo=UTC))


def test_short_forms_are_known_and_strangers_are_not() -> None:
    assert known_code("SFE") is CentralCode.SENT_FOR_ENROLLMENT
    assert known_code("PRR") is CentralCode.PRINT_READY_RECORD
    assert known_code("HOLD_FOR_TEA") is None


@pytest.mark.parametrize(
    ("before", "after", "illegal"),
    [
        ("SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", False),
        ("SFE", "RECEIVED_AT_CENTRAL", False),
        ("RECEIVED_AT_CENTRAL", "PRR", False),
        ("RECEIVED_AT_CENTRAL", "RECEIVED_AT_CENTRAL", False),
        ("PRINT_READY_RECORD", "BIO_CAPTURED", True),
        ("CARD_ISSUED", "PROCESSING", True),
        ("CARD_ISSUED", "HOLD_FOR_TEA", False),
        ("HOLD_FOR_TEA", "PROCESSING", False),
    ],
)
def test_only_known_ways_can_look_illegal(before: str, after: str, illegal: bool) -> None:
    assert looks_illegal([at(before)], at(after)) is illegal


def test_the_first_observation_is_taken_as_it_is() -> None:
    assert not looks_illegal([], at("CARD_ISSUED"))


@pytest.mark.parametrize(
    ("code", "dead"),
    [
        ("ENROLL_FAILURE_AT_CENTRAL", True),
        ("SEARCH_FAILURE_AT_CENTRAL", True),
        ("UNREGISTERED", True),
        ("DUPLICATE_RECORD", False),
        ("ADJUDICATE_RECORD", False),
        ("PRINT_READY_RECORD", False),
        ("HOLD_FOR_TEA", False),
    ],
)
def test_which_earlier_record_frees_the_nik(code: str, dead: bool) -> None:
    assert is_dead(code) is dead


def test_what_usually_follows_is_told_and_of_a_stranger_nothing() -> None:
    assert usual_next("SFE") == (CentralCode.BIO_CAPTURED, CentralCode.RECEIVED_AT_CENTRAL)
    assert usual_next("HOLD_FOR_TEA") == ()
    for code in CentralCode:
        assert not any(looks_illegal([at(code)], at(after)) for after in usual_next(code))
