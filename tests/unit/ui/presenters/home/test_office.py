from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import TARGETS, Kit
from support.clock import NOW
from support.tasks import SameThread, Steps
from support.whole_office import PEOPLE

from fieldkit.domain.delivery import OfficeTask
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, OutreachCount
from fieldkit.domain.sarpras import Checklist, CheckOut
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import StepState
from fieldkit.domain.sop.standing import SopGlance, StepGlance
from fieldkit.domain.targets.requests import Applicant, SuratPermohonan
from fieldkit.domain.typed import DraftName
from fieldkit.services.context.set_up import SetUpStep
from fieldkit.services.exchange.settle_conflicts import SettleConflicts
from fieldkit.services.home import Duties, Left
from fieldkit.services.planning import ActivityLine
from ui.presenters.home.office import MorePresenter, Waits, duties_left, duties_of, duties_of_set_up, office_numbers
from ui.presenters.parts import Tone
from ui.presenters.presenter import CHOICES, message

TODAY = date(2026, 11, 21)
REQUEST = SuratPermohonan(
    *("r1", "a7", Applicant.PEMERINTAH_DESA, "Pemerintah Desa Jimbe", "12", TODAY, TODAY, "Perekaman"),
    *("Jimbe", "Kademangan", "35.05", 12, "0812"),
)
KIT = CheckOut("l1", "a7", ("k1",), ("Kit 07",), Checklist(()), "u1", NOW)


def test_what_is_asked_by_name_leads_to_its_screen() -> None:
    found = Duties((), 3, (REQUEST,), ((KIT, "Desa Jimbe"), (KIT, "")), 5, 4, 1)
    duties = duties_of(found, TODAY)
    assert [(duty.row.name, duty.screen, dict(duty.params)) for duty in duties[:3]] == [
        ("sign", "sign_letters", {}),
        ("dispose-r1", "disposition", {"activity_id": "a7"}),
        ("allow-l1", "check_out", {"activity_id": "a7"}),
    ]
    assert [duty.row.cells[1].words for duty in duties[2:]] == ["Desa Jimbe", "Kit 07"]
    assert [(number.value, number.tone) for number in office_numbers(found, len(duties))] == [
        ("4", Tone.CAUTION),
        ("4", Tone.NEUTRAL),
        ("1", Tone.BAD),
    ]


def test_differences_come_first_and_each_role_has_its_own_counts() -> None:
    waits = Waits({OfficeTask.PRINT: 4, OfficeTask.RESEND: 2, OfficeTask.ASK_MEANING: 1, OfficeTask.HAND_OVER: 3}, 1)
    nothing = Duties((), 0, (), (), 0, 0, 0)

    def screens(role: Role) -> list[str]:
        return [duty.screen for duty in duties_of(nothing, TODAY, waits, User("u1", "Somebody", role))]

    assert screens(Role.OPERATOR_CETAK) == ["conflicts", "prints", "status_work", "distribution"]
    assert screens(Role.LOKET) == ["conflicts", "status_work", "distribution"]
    assert screens(Role.PENGURUS_BARANG) == ["conflicts"]
    follow = duties_of(nothing, TODAY, waits, User("u1", "Somebody", Role.LOKET))[1]
    assert follow.row.cells[0].words == message("beranda.to_follow", count=3)
    assert [number.tone for number in office_numbers(nothing, 1, 1)][-1] is Tone.BAD
    assert len(office_numbers(nothing, 1)) == 3


def test_a_leader_sees_what_others_leave_undone() -> None:
    step = StepGlance(4, "Perekaman", "Petugas", StepState.READY)
    glance = SopGlance("a1", "a1", "sop", "Jemput bola", 12, 3, (step,))
    activity = Activity("a1", "Jimbe", "Desa Jimbe", date(2026, 11, 3), ModePerekaman.LURING, "ST/1", "sop")
    line = ActivityLine(activity, (activity.on,), OutreachCount(0, 0, 0, 0, 0, 0, None), glance, None)
    (duty,) = duties_of(Duties((), 0, (), (), 1, 1, 1, (line,)), TODAY)
    assert (duty.screen, dict(duty.params)) == ("activity", {"activity_id": "a1"})
    assert duty.row.cells[1].words == message("beranda.waits_for", who="Petugas", step="Perekaman")
    assert duty.row.cells[2].words == "03-11-2026"
    assert duty.row.cells[3].tags[0].tone is Tone.BAD
    without = duties_of(Duties((), 0, (), (), 1, 1, 1, (replace(line, glance=None),)), TODAY)[0]
    assert without.row.cells[1].words == ""
    over = duties_of(Duties((), 0, (), (), 1, 1, 1, (replace(line, glance=replace(glance, turn=())),)), TODAY)[0]
    assert over.row.cells[1].words == ""


@pytest.mark.parametrize(
    ("wanted", "screen", "params"),
    [
        ((), "activity", {"activity_id": "a7"}),
        ((Fulfilment.SCHEDULED,), "plan", {"activity_id": "a7"}),
        ((Fulfilment.SENT,), "queue", {}),
    ],
)
def test_a_step_leads_to_where_it_is_done(wanted: tuple[Fulfilment, ...], screen: str, params: dict[str, str]) -> None:
    step = StepGlance(4, "Perekaman", "Petugas", StepState.READY, wanted=wanted)
    activity = Activity("a7", "Jimbe", "Desa Jimbe", TODAY, ModePerekaman.LURING, "ST/1", "sop")
    line = ActivityLine(activity, (TODAY,), OutreachCount(0, 0, 0, 0, 0, 0, None), None, step)
    (duty,) = duties_of(Duties((line,), 0, (), (), 1, 1, 1), TODAY)
    assert (duty.row.name, duty.screen, dict(duty.params)) == ("a7", screen, params)
    assert (duty.row.cells[1].words, duty.row.cells[1].detail) == ("Jimbe", "Desa Jimbe")


@pytest.mark.parametrize(
    ("user", "count", "screens"),
    [
        (None, 4, []),
        (User("u1", "x", Role.OPERATOR_CETAK), 4, ["prints"]),
        (User("u1", "x", Role.OPERATOR_CETAK), 0, []),
        (User("u1", "x", Role.LOKET), 4, []),
    ],
)
def test_cards_wait_for_whom_may_print_them(user: User | None, count: int, screens: list[str]) -> None:
    nothing = Duties((), 0, (), (), 0, 0, 0)
    found = duties_of(nothing, TODAY, Waits({OfficeTask.PRINT: count}, 0), user)
    assert [duty.screen for duty in found] == screens


def test_where_nothing_waits_the_numbers_are_calm() -> None:
    tones = [number.tone for number in office_numbers(Duties((), 0, (), (), 0, 0, 0), 0)]
    assert tones == [Tone.GOOD, Tone.NEUTRAL, Tone.NEUTRAL]


def test_a_recording_left_open_is_no_duty_and_a_sheet_is_printed_first() -> None:
    open_recording = Left(DraftName("recording", {"session_id": "s1"}), "SIT•••", NOW)
    typed = Left(DraftName("letter", {"letter_id": "l1"}), "", NOW)
    assert [duty.screen for duty in duties_left((open_recording, typed), lambda at: at)] == ["letter"]
    steps = duties_of_set_up((SetUpStep.SHEET, SetUpStep.USERS))
    assert [duty.screen for duty in steps] == ["set_up", "accounts"]


def shown(folder: Path, role: Role, steps: Steps, activity_id: str = "") -> MorePresenter:
    kit = Kit(folder, PEOPLE[role])
    kit.plan(*TARGETS)
    for number in (1, 2):
        kit.apply(kit.seal(number, TARGETS[number - 1]), "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    presenter = MorePresenter(kit.context, SameThread(), steps, activity_id)
    presenter.start()
    kit.store.close()
    return presenter


def test_the_team_goes_on_with_its_day_and_the_office_with_cards(tmp_path: Path) -> None:
    field = shown(tmp_path / "field", Role.KETUA_TIM, Steps(), "a1").state.ways
    office = shown(tmp_path / "office", Role.OPERATOR_CETAK, Steps()).state.ways
    assert [way.action.name for way in field][:4] == ["visits", "trip", "recap", "aid"]
    assert [way.action.name for way in office][:4] == ["prints", "blanks", "printing_day", "courier"]
    for ways in (field, office):
        assert [way.action.name for way in ways][-6:] == [
            *("distribution", "applications", "reports", "exchange", "conflicts", "settings"),
        ]
        assert [way.action.act for way in ways] == list(CHOICES[: len(ways)])


def test_what_waits_stands_beside_its_way(tmp_path: Path) -> None:
    ways = {way.action.name: way for way in shown(tmp_path, Role.OPERATOR_CETAK, Steps()).state.ways}
    assert (ways["prints"].headline, ways["prints"].tone) == (message("common.waiting", count=2), Tone.CAUTION)
    assert ways["conflicts"].headline == ""


@pytest.mark.parametrize(
    ("screen", "activity_id", "gone"),
    [
        ("visits", "a1", ("push", "visits", "a1")),
        ("reports", "a1", ("push", "reports", "a1")),
        ("exchange", "a1", ("push", "exchange")),
        ("prints", "", ("push", "prints")),
    ],
)
def test_a_way_takes_the_activity_of_the_day_along(
    tmp_path: Path, screen: str, activity_id: str, gone: tuple[str, ...]
) -> None:
    steps = Steps()
    presenter = shown(tmp_path, Role.KETUA_TIM if activity_id else Role.OPERATOR_CETAK, steps, activity_id)
    presenter.perform(next(way.action for way in presenter.state.ways if way.action.name == screen))
    presenter.back()
    assert steps.taken == [gone, ("back",)]


@pytest.mark.parametrize(
    ("role", "takes"),
    [
        (Role.KETUA_TIM, "visits trip recap aid distribution applications reports"),
        (Role.OPERATOR_CETAK, "visits trip recap aid printing_day distribution applications reports"),
    ],
)
def test_only_what_is_about_the_activity_of_the_day_takes_it_along(tmp_path: Path, role: Role, takes: str) -> None:
    ways = shown(tmp_path, role, Steps(), "a1").state.ways
    about = [way.action.name for way in ways if way.action.runs.params]  # type: ignore[union-attr]
    assert sorted(about) == sorted(each for each in takes.split() if each in {way.action.name for way in ways})
    nothing = shown(tmp_path / "office", role, Steps()).state.ways
    assert not any(way.action.runs.params for way in nothing)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("role", "office"),
    [
        (Role.PETUGAS_PEREKAMAN, []),
        (Role.OPERATOR_CETAK, ["prints", "blanks", "printing_day", "courier"]),
        (Role.LOKET, ["prints", "clocks", "courier", "devices"]),
        (Role.PENGURUS_BARANG, ["prints", "clocks", "courier", "devices"]),
    ],
)
def test_each_role_of_the_office_has_its_own_ways(tmp_path: Path, role: Role, office: list[str]) -> None:
    ways = [way.action.name for way in shown(tmp_path, role, Steps()).state.ways]
    assert ways == [*office, "distribution", "applications", "reports", "exchange", "conflicts", "settings"][:10]


@pytest.mark.parametrize(
    ("role", "headline"), [(Role.OPERATOR_CETAK, "2"), (Role.LOKET, "2"), (Role.PENGURUS_BARANG, ""), (Role.KASI, "2")]
)
def test_cards_are_counted_for_whom_they_wait(tmp_path: Path, role: Role, headline: str) -> None:
    ways = {way.action.name: way.headline for way in shown(tmp_path, role, Steps()).state.ways}
    assert ways["prints"] == (message("common.waiting", count=int(headline)) if headline else "")


def test_differences_are_told_as_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SettleConflicts, "count", lambda _: 3)
    ways = {way.action.name: way for way in shown(tmp_path, Role.KETUA_TIM, Steps()).state.ways}
    assert (ways["conflicts"].headline, ways["conflicts"].tone) == (message("common.waiting", count=3), Tone.BAD)
    assert (ways["settings"].headline, ways["settings"].tone) == ("", Tone.NEUTRAL)
