from __future__ import annotations

from datetime import date

from support.clock import NOW

from fieldkit.domain.delivery.status_work import OfficeTask
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, OutreachCount
from fieldkit.domain.sarpras.checklist import Checklist, CheckOut
from fieldkit.domain.sop.glance import SopGlance, StepGlance
from fieldkit.domain.sop.run import StepState
from fieldkit.domain.targets.requests import Applicant, SuratPermohonan
from fieldkit.services.context.list_duties import Duties
from fieldkit.services.planning.list_activities import ActivityLine
from ui.presenters.home.more import Waits
from ui.presenters.home.office import duties_of, numbers_of
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
