from __future__ import annotations

from datetime import date

from support.clock import NOW

from fieldkit.domain.requests import Applicant, SuratPermohonan
from fieldkit.domain.sarpras_list import Checklist, CheckOut
from fieldkit.services.list_duties import Duties
from ui.presenters.home_office import duties_of, numbers_of
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
