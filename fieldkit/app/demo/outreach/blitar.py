"""Blitar, Si Jaran Ijo (B/069/2/409.20.1/2023): a desa asks, the head disposes and signs, the team leaves prepared."""

from __future__ import annotations

from drivers.simulators.bsre.server import KEPALA_DINAS
from fieldkit.app.demo.kit import COUNTER, HEAD, KABID, LEAD
from fieldkit.app.demo.outreach.field_acts import (
    Receiver,
    coordinate,
    hand_to_person,
    note_prints,
    reach,
    send,
    visit_everybody,
    write_ba,
)
from fieldkit.app.demo.outreach.files import write_letter as scan_letter
from fieldkit.app.demo.outreach.files import write_list
from fieldkit.app.demo.outreach.office_acts import (
    check_in,
    check_out,
    dispose,
    import_targets,
    open_letters,
    plan,
    register_request,
    sign_letters,
    verify_targets,
    write_letter,
)
from fieldkit.app.demo.outreach.stage import IN_BLITAR, Script, Stage
from fieldkit.app.demo.people import VILLAGE
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.visits import Leg

SOP = "blitar_si_jaran_ijo"


def ask(stage: Stage) -> None:
    """1: the desa brings letter and list; the counter writes both down."""
    clerk = stage.clerk
    stage.at("08:05")
    register_request(stage, COUNTER, SOP, scan_letter(stage.out / "surat-permohonan.pdf", stage.residents))
    import_targets(clerk, COUNTER, 1, write_list(stage.out / "daftar-sasaran.xlsx", stage.residents))
    clerk.demand_over(1)


def disposition(stage: Stage) -> None:
    """2: the head disposes to Bidang Dafduk."""
    stage.at("08:30")
    dispose(stage.clerk, HEAD, 2, "Segera jadwalkan")
    stage.clerk.demand_over(2)
    open_letters(stage.clerk, HEAD, 2)
    write_letter(stage.clerk, LetterKind.LEMBAR_DISPOSISI, "")


def prepare(stage: Stage) -> None:
    """3: Bidang Dafduk verifies the list, plans, and writes the letters."""
    clerk = stage.clerk
    stage.at("09:00")
    verify_targets(clerk, KABID, 3)
    stage.at("09:40")
    clerk.open_screen(KABID, 3, "plan")
    plan(clerk)
    stage.at("10:10")
    open_letters(clerk, KABID, 3)
    write_letter(clerk, LetterKind.JADWAL, "201")
    write_letter(clerk, LetterKind.SURAT_TUGAS, "202")
    write_letter(clerk, LetterKind.DAFTAR_SASARAN, "")
    write_letter(clerk, LetterKind.SURAT_BALASAN, "203")
    clerk.demand_over(3)


def sign(stage: Stage) -> None:
    """4: the head signs the reply electronically."""
    stage.at("10:45")
    sign_letters(stage.clerk, HEAD, 4, KEPALA_DINAS.passphrase)
    stage.clerk.demand_over(4)


def hand_over(stage: Stage) -> None:
    """5: the applicant receives the reply and signs its receipt."""
    stage.at("13:20")
    open_letters(stage.clerk, COUNTER, 5)
    write_letter(stage.clerk, LetterKind.TANDA_TERIMA_SURAT, "", {"surat.field_receiver": "Kepala Desa (contoh)"})
    stage.clerk.demand_over(5)


def leave(stage: Stage) -> None:
    """6: sarpras out with self-test and signature on the pad, and the SPPD."""
    clerk = stage.clerk
    stage.on_planned_day("06:40")
    clerk.open_screen(LEAD, 6, "check_out")
    check_out(stage)
    stage.at("06:55")
    open_letters(clerk, LEAD, 6)
    write_letter(clerk, LetterKind.SPPD, "204")
    clerk.demand_over(6)


def arrive(stage: Stage) -> None:
    """7: the team reaches the office of the desa."""
    stage.at("07:15")
    reach(stage, 7, Leg.ARRIVED)


def agree(stage: Stage) -> None:
    """8: it agrees with the desa on the place."""
    stage.at("08:25")
    coordinate(stage.clerk, 8)


def go_there(stage: Stage) -> None:
    """9: it goes where the people live."""
    stage.at("08:45")
    reach(stage, 9, Leg.AT_LOCATION)


def record(stage: Stage) -> None:
    """10: it records from door to door; the signal is back in the evening."""
    stage.at("08:55")
    visit_everybody(stage, 10)
    reach(stage, None, Leg.RETURNED)
    stage.at("16:30")
    send(stage)


def bring_back(stage: Stage) -> None:
    """11: sarpras comes back good, complete and clean."""
    clerk = stage.clerk
    stage.at("17:00")
    check_in(stage, LEAD, 11)
    clerk.demand_over(11)
    open_letters(clerk, LEAD, 6)
    texts = {
        "surat.field_expenses": "Uang harian | 2 | orang/hari | 150000 | Kuitansi",
        "surat.field_report": "Perekaman dari rumah ke rumah terlaksana.",
    }
    write_letter(clerk, LetterKind.SPJ, "208", texts)


def cards(stage: Stage) -> None:
    """12, of another SOP: the cards are printed, the BA is written, and each person signs for the own card."""
    clerk = stage.clerk
    stage.on_next_workday("08:10")
    note_prints(clerk, None)
    stage.at("09:00")
    receiver = Receiver("Sekretaris Desa (contoh)", "Sekretaris Desa", f"Pemerintah Desa {VILLAGE.title()}")
    write_ba(clerk, COUNTER, None, receiver, "206")
    stage.at("10:00")
    hand_to_person(stage, COUNTER, None)
    clerk.demand_over(12)


BLITAR = Script(
    SOP,
    IN_BLITAR,
    {
        1: ask,
        2: disposition,
        3: prepare,
        4: sign,
        5: hand_over,
        6: leave,
        7: arrive,
        8: agree,
        9: go_there,
        10: record,
        11: bring_back,
        12: cards,
    },
)
