"""Pengaturan: the office hours by which steps are timed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest
from support.app_context import Kit
from support.settings import field, opened, wrong

from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.schedule import MONDAY_TO_THURSDAY

ADMIN = User("u9", "Yuni Astuti", Role.ADMIN_DINAS)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    yield kit
    kit.store.close()


def test_each_type_of_day_has_its_hours(kit: Kit) -> None:
    presenter = opened(kit, "jam")
    assert [each.text for each in presenter.state.fields] == [
        *("07.30", "16.00", "12.00", "13.00"),
        *("07.30", "16.30", "11.30", "13.00"),
    ]
    presenter.type_field("friday_closes", "14.30")
    presenter.accept()
    calendar = kit.context.office.calendar.calendar()
    assert calendar.hours_of(date(2026, 11, 27)).closes == time(14, 30)
    assert calendar.hours_of(date(2026, 11, 26)) == MONDAY_TO_THURSDAY


def test_hours_that_are_none_or_out_of_order_stay_typed(kit: Kit) -> None:
    presenter = opened(kit, "jam")
    for text, code in (("pagi", "typed.clock_time"), ("16.00", "calendar.hours")):
        presenter.type_field("usual_opens", text)
        presenter.accept()
        assert field(presenter, "usual_opens").text == text
        assert wrong(presenter) == code
    presenter.type_field("usual_opens", "07.30")
    presenter.type_field("friday_break_begins", "14.00")
    presenter.accept()
    assert field(presenter, "friday_break_begins").problem
    assert kit.context.office.calendar.calendar().choice.hours == MONDAY_TO_THURSDAY
