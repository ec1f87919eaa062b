from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.plans import ADMIN, furnish, plan
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.calendar import DayKind, Holiday
from fieldkit.services.planning.keep_calendar import DayOfWork
from ui.presenters.messages import message
from ui.presenters.planning.calendar_days import CalendarDaysPresenter, about_day

THURSDAY, CHRISTMAS = date(2026, 12, 3), date(2026, 12, 25)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    furnish(kit, plan("a2", THURSDAY))
    yield kit
    kit.store.close()


def opened(kit: Kit, on: date = THURSDAY) -> CalendarDaysPresenter:
    presenter = CalendarDaysPresenter(kit.context, SameThread(), Steps())
    presenter.start()
    presenter.turn(on.replace(day=1))
    presenter.go_to(on)
    return presenter


def test_a_day_tells_what_it_is_and_who_goes_where(kit: Kit) -> None:
    presenter = opened(kit)
    assert presenter.state.about == message("hari.workday")
    assert presenter.state.visits == message("hari.visits", names="Desa Plumpungrejo")
    presenter.go_to(CHRISTMAS)
    assert presenter.state.about == message("hari.off", name="Hari Raya Natal")
    assert presenter.state.bar.actions[-1].words == message("hari.make_works")
    presenter.go_to(date(2026, 12, 26))
    assert presenter.state.about == message("hari.weekend")


def test_a_day_is_turned_around_with_a_reason_and_back(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.accept()
    assert presenter.state.reason is not None
    assert presenter.state.reason.problem
    presenter.type_reason("Upacara")
    presenter.accept()
    assert presenter.state.about == message("hari.off", name="Upacara")
    assert presenter.state.changes == (message("hari.line_off", day="03-12-2026", reason="Upacara"),)
    assert not presenter.state.bar.actions[0].refused
    presenter.restore()
    assert presenter.state.about == message("hari.workday")
    assert presenter.state.bar.actions[0].refused == message("hari.no_change_here")
    presenter.restore()


def test_cuti_bersama_worked_on_says_so(kit: Kit) -> None:
    presenter = opened(kit, date(2026, 12, 24))
    presenter.choose_cuti("working_day")
    assert presenter.state.about == message("hari.is_cuti_worked", name="Cuti Bersama Hari Raya Natal")


def test_a_year_without_decree_can_be_confirmed(kit: Kit) -> None:
    presenter = opened(kit, date(2029, 3, 1))
    assert presenter.state.confirm is not None
    assert presenter.state.month is not None
    assert presenter.state.month.warning
    presenter.confirm()
    assert presenter.state.confirm is None
    assert presenter.state.month.warning == ""


def test_who_does_not_keep_the_profile_only_looks(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    presenter = opened(kit)
    assert presenter.state.bar.note == message("hari.not_yours")
    presenter.accept()
    presenter.restore()
    assert kit.context.office.calendar.changes() == []
    kit.store.close()


def test_a_day_that_the_dinas_works_on_says_why() -> None:
    works = Holiday(date(2026, 12, 19), "Jemput bola", DayKind.DINAS_WORKS)
    assert about_day(DayOfWork(works.on, works, False, ())) == message("hari.works", name="Jemput bola")


def test_a_typed_reason_waits_with_its_day(kit: Kit) -> None:
    opened(kit, CHRISTMAS).type_reason("Piket pelayanan")
    presenter = opened(kit, CHRISTMAS)
    presenter.type_reason("Piket pelayanan")
    presenter.stop()
    again = CalendarDaysPresenter(kit.context, SameThread(), Steps())
    again.start()
    assert again.state.reason is not None
    assert (again.state.reason.text, again.state.about) == (
        "Piket pelayanan",
        message("hari.off", name="Hari Raya Natal"),
    )
    assert again.state.restored
    again.accept()
    assert again.state.about == message("hari.works", name="Piket pelayanan")
    assert list(kit.context.drafts.mine()) == []
