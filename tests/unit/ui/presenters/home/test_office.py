from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.clock import NOW

from fieldkit.domain.delivery.status_work import OfficeTask
from fieldkit.domain.drafts import DraftName
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, OutreachCount
from fieldkit.domain.sarpras.checklist import Checklist, CheckOut
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.glance import SopGlance, StepGlance
from fieldkit.domain.sop.run import StepState
from fieldkit.domain.targets.requests import Applicant, SuratPermohonan
from fieldkit.services.context.list_duties import Duties
from fieldkit.services.context.list_left import Left
from fieldkit.services.context.set_up import SetUpStep
from fieldkit.services.planning.list_activities import ActivityLine
from ui.presenters.home.more import Waits
from ui.presenters.home.office import duties_left, duties_of, duties_of_set_up, numbers_of
from ui.presenters.messages import message
from ui.presenters.parts import Tone

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
    assert [(number.value, number.tone) for number in numbers_of(found, len(duties))] == [
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
    assert [number.tone for number in numbers_of(nothing, 1, 1)][-1] is Tone.BAD
    assert len(numbers_of(nothing, 1)) == 3


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
    tones = [number.tone for number in numbers_of(Duties((), 0, (), (), 0, 0, 0), 0)]
    assert tones == [Tone.GOOD, Tone.NEUTRAL, Tone.NEUTRAL]


def test_a_recording_left_open_is_no_duty_and_a_sheet_is_printed_first() -> None:
    open_recording = Left(DraftName("recording", {"session_id": "s1"}), "SIT•••", NOW)
    typed = Left(DraftName("letter", {"letter_id": "l1"}), "", NOW)
    assert [duty.screen for duty in duties_left((open_recording, typed), lambda at: at)] == ["letter"]
    steps = duties_of_set_up((SetUpStep.SHEET, SetUpStep.USERS))
    assert [duty.screen for duty in steps] == ["set_up", "accounts"]
