from __future__ import annotations

from datetime import date

import pytest

from fieldkit.domain.ages import MaritalStatus, age_gate, age_on, birthday

SINGLE, MARRIED, WIDOWED = MaritalStatus.BELUM_KAWIN, MaritalStatus.KAWIN, MaritalStatus.CERAI_MATI


def test_age_turns_on_the_birthday() -> None:
    assert age_on(date(2009, 11, 21), date(2026, 11, 20)) == 16
    assert age_on(date(2009, 11, 21), date(2026, 11, 21)) == 17


def test_leap_day_counts_from_the_first_of_march() -> None:
    assert birthday(date(2008, 2, 29), 17) == date(2025, 3, 1)
    assert age_on(date(2008, 2, 29), date(2025, 2, 28)) == 16
    assert age_on(date(2008, 2, 29), date(2025, 3, 1)) == 17


@pytest.mark.parametrize(
    ("born", "status", "may_record", "card_from"),
    [
        (date(2010, 11, 22), SINGLE, False, date(2027, 11, 22)),  # 15
        (date(2010, 11, 21), SINGLE, True, date(2027, 11, 21)),  # 16 today
        (date(2009, 11, 21), SINGLE, True, None),  # 17 today
        (date(2010, 11, 22), MARRIED, True, None),
        (date(2010, 11, 21), WIDOWED, True, None),
        (date(1926, 1, 1), SINGLE, True, None),
    ],
)
def test_gate(born: date, status: MaritalStatus, may_record: bool, card_from: date | None) -> None:
    gate = age_gate(born, status, date(2026, 11, 21))
    assert (gate.may_record, gate.card_from) == (may_record, card_from)
