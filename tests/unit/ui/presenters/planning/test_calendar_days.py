from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.plans import ADMIN, furnish, plan
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.domain.planning.schedule import DayKind, Holiday
from fieldkit.services.calendar import DayOfWork, MonthOfWork, Visit
from ui.presenters.parts import Stage, Tone
from ui.presenters.planning.calendar_days import (
    CalendarDaysPresenter,
    MonthDay,
    MonthEntry,
    MonthPresenter,
    about_day,
    day_note,
    month_of,
    step_day,
    step_month,
)
from ui.presenters.presenter import message

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
    toast = presenter.state.toast
    presenter.restore()
    assert presenter.state.toast is toast


def test_only_a_missing_reason_stands_at_the_reason(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.accept()
    assert presenter.state.reason is not None
    assert (bool(presenter.state.reason.problem), presenter.state.problem) == (True, None)
    presenter.go_to(date(2026, 12, 4))
    assert not presenter.state.reason.problem
    for _ in ("off", "off already"):
        presenter.go_to(THURSDAY)
        presenter.type_reason("Upacara")
        assert presenter.state.reason.text == "Upacara"
        presenter.accept()
    assert not presenter.state.reason.problem
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "calendar.is_so_already"


def test_a_change_says_which_way_it_went(kit: Kit) -> None:
    presenter = opened(kit, CHRISTMAS)
    assert presenter.state.bar.actions[-1].words == message("hari.make_works")
    presenter.type_reason("Piket")
    presenter.accept()
    assert presenter.state.changes == (message("hari.line_works", day="25-12-2026", reason="Piket"),)
    assert presenter.state.bar.actions[-1].words == message("hari.make_off")


def test_while_another_month_is_read_nothing_happens_to_a_day(kit: Kit) -> None:
    tasks = SameThread("store")
    presenter = CalendarDaysPresenter(kit.context, tasks, Steps())
    for act in (presenter.accept, presenter.restore, lambda: presenter.go_to(THURSDAY)):
        act()
    presenter.type_reason("")
    assert presenter.state.month is None
    presenter.start()
    tasks.release("store")
    shown: list[date] = []
    presenter.turn(date(2026, 12, 1))
    presenter.turn(date(2027, 1, 1))
    presenter.listen(lambda state: shown.append(state.month.first) if state.month else None)
    before = presenter.state
    presenter.go_to(date(2026, 12, 1))  # the grid of November has that day too
    presenter.go_to(date(2027, 2, 1))
    presenter.type_reason("Upacara")
    presenter.accept()
    assert presenter.state is before
    presenter.go_to(date(2027, 1, 1))
    tasks.release("store")
    assert set(shown) == {date(2026, 11, 1), date(2027, 1, 1)}


def test_cuti_bersama_worked_on_says_so(kit: Kit) -> None:
    presenter = opened(kit, date(2026, 12, 24))
    presenter.choose_cuti("working_day")
    assert presenter.state.about == message("hari.is_cuti_worked", name="Cuti Bersama Hari Raya Natal")


def test_a_year_without_decree_can_be_confirmed(kit: Kit) -> None:
    presenter = opened(kit, date(2029, 3, 1))
    assert presenter.state.confirm is not None
    assert opened(kit).state.confirm is None, "2026 has its decree"
    assert opened(kit, date(2026, 12, 1)).state.visits == ""
    assert presenter.state.month is not None
    assert presenter.state.month.warning
    presenter.confirm()
    assert presenter.state.confirm is None
    assert presenter.state.month.warning == ""


def test_who_does_not_keep_the_profile_only_looks(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        keeper = opened(kit)
        keeper.type_reason("Upacara")
        keeper.accept()
        keeper.type_reason("Piket")
        keeper.stop()
        presenter = CalendarDaysPresenter(
            kit.context_of(replace(PETUGAS, user_id=ADMIN.user_id)), SameThread(), Steps()
        )
        presenter.start()
        assert presenter.state.restored == ""
        presenter.turn(THURSDAY.replace(day=1))
        presenter.go_to(THURSDAY)
        assert (presenter.state.bar.note, presenter.state.may_keep) == (message("hari.not_yours"), False)
        presenter.type_reason("Libur")
        presenter.accept()
        presenter.restore()
        assert presenter.state.problem is None
        presenter.turn(date(2029, 3, 1))
        assert presenter.state.confirm is None
        assert len(kit.context.office.calendar.changes()) == 1


def test_a_day_that_the_dinas_works_on_says_why() -> None:
    works = Holiday(date(2026, 12, 19), "Jemput bola", DayKind.DINAS_WORKS)
    assert about_day(DayOfWork(works.on, works, False, ())) == message("hari.works", name="Jemput bola")


def test_a_blank_reason_is_no_draft_and_a_typed_one_stays_when_the_month_turns(kit: Kit) -> None:
    presenter = opened(kit, CHRISTMAS)
    presenter.type_reason("  ")
    presenter.settle()
    assert kit.context.drafts.mine() == []
    presenter.type_reason("Piket")
    presenter.settle()
    presenter.turn(date(2027, 1, 1))
    assert (presenter.state.day, presenter.state.reason and presenter.state.reason.text) == ("01-01-2027", "Piket")
    assert presenter.state.restored == ""
    again = opened(kit, CHRISTMAS)
    again.throw_away()
    assert (again.state.day, again.state.reason and again.state.reason.text) == ("25-12-2026", "")


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


DECEMBER = date(2026, 12, 1)
JIMBE = Activity("a1", "Jemput bola", "Desa Jimbe", date(2026, 12, 3), ModePerekaman.LURING, "", "")


def work(*days: DayOfWork, is_published: bool = True) -> MonthOfWork:
    return MonthOfWork(DECEMBER, days, is_published)


def test_an_entry_tells_by_its_tone_how_firm_the_plan_is() -> None:
    visits = (Visit(JIMBE, True, True), Visit(JIMBE, True, False), Visit(JIMBE, False, False))
    before = DayOfWork(date(2026, 12, 2), None, False, ())
    month = month_of(work(before, DayOfWork(JIMBE.on, None, False, visits)), JIMBE.on, JIMBE.on)
    assert month.days[1].entries == tuple(
        MonthEntry("a1", "Desa Jimbe", tone) for tone in (Tone.GOOD, Tone.SOFT, Tone.NEUTRAL)
    )
    assert month.day == month.days[1]


@pytest.mark.parametrize(
    ("cursor", "there"),
    [
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2026, 11, 30), DECEMBER),
        (date(2027, 1, 1), DECEMBER),
        (date(2025, 12, 24), DECEMBER),
    ],
)
def test_a_cursor_of_another_month_goes_to_the_first_day(cursor: date, there: date) -> None:
    month = month_of(work(), DECEMBER, cursor)
    assert (month.cursor, month.day) == (there, None)


def test_a_year_without_decree_says_so() -> None:
    month = month_of(work(is_published=False), DECEMBER, DECEMBER)
    assert month.warning == message("kalender.not_published", year=2026)
    assert month_of(work(), DECEMBER, DECEMBER).warning == ""


def test_a_day_says_its_name_and_that_the_dinas_works_on_it() -> None:
    natal = Holiday(date(2026, 12, 25), "Hari Raya Natal", DayKind.PUBLIC)
    works = Holiday(date(2026, 12, 19), "Jemput bola", DayKind.DINAS_WORKS)
    assert day_note(DayOfWork(natal.on, natal, True, ())) == "Hari Raya Natal"
    assert day_note(DayOfWork(works.on, works, False, ())) == message("kalender.works", reason="Jemput bola")
    assert month_of(work(DayOfWork(DECEMBER, None, False, ())), DECEMBER, DECEMBER).days == (MonthDay(DECEMBER),)


@pytest.mark.parametrize(
    ("first", "months", "there"),
    [(DECEMBER, 1, date(2027, 1, 1)), (date(2027, 1, 1), -1, DECEMBER), (DECEMBER, 0, DECEMBER)],
)
def test_months_step_over_the_end_of_the_year(first: date, months: int, there: date) -> None:
    assert step_month(first, months) == there


def test_days_step_over_a_leap_day() -> None:
    assert step_day(date(2028, 2, 28), 2) == date(2028, 3, 1)


def test_a_month_that_is_not_read_yet_shows_none(idle: Kit) -> None:
    state = MonthPresenter(idle.context, SameThread(), Steps()).state
    assert (state.stage, state.month) == (Stage.LOADING, None)
