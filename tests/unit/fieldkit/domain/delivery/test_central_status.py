from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fieldkit.domain.delivery.central_status import (
    CentralCode,
    CentralStatus,
    follows,
    is_dead,
    known_code,
    looks_illegal,
    usual_next,
    writings_of,
)


def at(code: str) -> CentralStatus:
    return CentralStatus(code, "uji coba", datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("short", "code"),
    [
        ("BC", CentralCode.BIO_CAPTURED),
        ("SFE", CentralCode.SENT_FOR_ENROLLMENT),
        ("EFAC", CentralCode.ENROLL_FAILURE_AT_CENTRAL),
        ("EFAR", CentralCode.ENROLL_FAILURE_AT_REGIONAL),
        ("DUP", CentralCode.DUPLICATE_RECORD),
        ("DUPLICATE", CentralCode.DUPLICATE_RECORD),
        ("ADJUDICATE", CentralCode.ADJUDICATE_RECORD),
        ("BELUM_REKAM", CentralCode.UNREGISTERED),
        ("SDH_RKM_KTP", CentralCode.BIO_CAPTURED),
        ("PRR", CentralCode.PRINT_READY_RECORD),
    ],
)
def test_a_short_form_is_another_writing_of_its_code(short: str, code: CentralCode) -> None:
    assert known_code(short) is known_code(code.value) is code
    assert writings_of(code)[0] == code.value
    assert short in writings_of(code)


def test_strangers_are_not_known_and_most_codes_have_one_writing() -> None:
    assert known_code("HOLD_FOR_TEA") is None
    assert writings_of(CentralCode.CARD_ISSUED) == ("CARD_ISSUED",)


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


FREED = {"ENROLL_FAILURE_AT_CENTRAL", "ENROLL_FAILURE_AT_REGIONAL", "SEARCH_FAILURE_AT_CENTRAL", "UNREGISTERED"}
SHORT_OF_FREED = {"EFAC"}
HELD = {"ADJUDICATE_RECORD", "REQUEST_VALIDATION", "DUPLICATE_RECORD"}


@pytest.mark.parametrize("code", [*CentralCode, *SHORT_OF_FREED, "DUP", "HOLD_FOR_TEA"])
def test_which_earlier_record_frees_the_nik(code: str) -> None:
    assert is_dead(code) is (code in FREED | SHORT_OF_FREED)


# What may follow, in the order of the way; a failure frees the NIK before anything else comes.
FAILURES = FREED - {"UNREGISTERED"} | HELD
FOLLOWING = {
    "UNREGISTERED": {"BIO_CAPTURED"},
    "BIO_CAPTURED": {"PROCESSING", "SENT_FOR_ENROLLMENT"},
    "PROCESSING": {"SENT_FOR_ENROLLMENT", "BIO_CAPTURED"},
    "SENT_FOR_ENROLLMENT": {"RECEIVED_AT_CENTRAL", "BIO_CAPTURED"},
    "RECEIVED_AT_CENTRAL": {*FAILURES, "PRINT_READY_RECORD"},
    "PRINT_READY_RECORD": {"SENT_FOR_CARD_PRINTING"},
    "SENT_FOR_CARD_PRINTING": {"CARD_PRINTED"},
    "CARD_PRINTED": {"CARD_SHIPPED", "CARD_ISSUED"},
    "CARD_SHIPPED": {"CARD_ISSUED"},
    "CARD_ISSUED": set(),
    **{code: {"UNREGISTERED"} for code in FAILURES},
}


@pytest.mark.parametrize("code", CentralCode)
def test_what_usually_follows_is_told_in_the_order_of_the_way(code: CentralCode) -> None:
    assert usual_next(code) == tuple(each for each in CentralCode if each in FOLLOWING[code])
    for after in CentralCode:
        assert follows(code, after) is (after is code or after in FOLLOWING[code])


def test_of_a_stranger_nothing_is_known_to_follow() -> None:
    assert usual_next("HOLD_FOR_TEA") == ()
    assert usual_next("SFE") == (CentralCode.BIO_CAPTURED, CentralCode.RECEIVED_AT_CENTRAL)
