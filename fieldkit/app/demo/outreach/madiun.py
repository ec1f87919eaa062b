"""Madiun/Dolopo (130/547/402.403/2020): the desa brings data, the kecamatan meets and sets the days."""

from __future__ import annotations

from fieldkit.app.demo.kit import COUNTER, KASI, PETUGAS
from fieldkit.app.demo.outreach.field_acts import (
    Receiver,
    coordinate_aid,
    deliver,
    hand_on,
    judge,
    note_prints,
    propose,
    send,
    visit_everybody,
    write_ba,
)
from fieldkit.app.demo.outreach.files import write_letter as scan_letter
from fieldkit.app.demo.outreach.files import write_list
from fieldkit.app.demo.outreach.office_acts import import_targets, open_letters, plan, register_request, write_letter
from fieldkit.app.demo.outreach.stage import IN_MADIUN, Script, Stage
from fieldkit.app.demo.people import DISTRICT, VILLAGE
from fieldkit.domain.cards.card import Place
from fieldkit.domain.letters.letter import LetterKind

SOP = "madiun_dolopo_jemput_bola"


def receive(stage: Stage) -> None:
    """1: the desa hands in its data; the staff of the kecamatan write it down."""
    stage.at("08:05")
    register_request(stage, PETUGAS, SOP, scan_letter(stage.out / "surat-pengantar.pdf", stage.residents))
    stage.clerk.demand_over(1)
    stage.clerk.tick(PETUGAS, 1)


def collect(stage: Stage) -> None:
    """2: the staff collect the lists."""
    clerk = stage.clerk
    stage.at("08:30")
    import_targets(clerk, PETUGAS, 2, write_list(stage.out / "data-kaum-rentan.xlsx", stage.residents))
    clerk.demand_over(2)


def meet(stage: Stage) -> None:
    """3: everybody meets about data and days; the minutes are kept."""
    clerk = stage.clerk
    stage.at("11:05")
    open_letters(clerk, KASI, 3)
    texts = {
        "surat.field_hours": "09.00 sampai 11.00",
        "surat.field_attendees": "Kepala Desa (contoh) | Kepala Desa",
        "common.results": "Perekaman mulai minggu depan",
    }
    write_letter(clerk, LetterKind.DAFTAR_SASARAN, "")
    write_letter(clerk, LetterKind.NOTULEN, "301", texts)
    clerk.demand_over(3)


def schedule(stage: Stage) -> None:
    """4: the days are set."""
    clerk = stage.clerk
    stage.at("11:30")
    clerk.open_screen(KASI, 4, "plan")
    plan(clerk)
    open_letters(clerk, KASI, 4)
    write_letter(clerk, LetterKind.JADWAL, "302")
    clerk.demand_over(4)


def record(stage: Stage) -> None:
    """5: staff and dinas record from door to door; the signal is back in the evening."""
    stage.on_planned_day("08:00")
    visit_everybody(stage, 5)
    stage.at("16:30")
    send(stage)


def print_cards(stage: Stage) -> None:
    """6: the dinas prints."""
    stage.on_next_workday("08:10")
    note_prints(stage.clerk, 6)
    stage.clerk.demand_over(6)


def to_kecamatan(stage: Stage) -> None:
    """7: the cards go to the kecamatan with a BA."""
    stage.at("10:00")
    receiver = Receiver("Kasi Pelayanan (contoh)", "Kasi Pelayanan", f"Kecamatan {DISTRICT.title()}")
    write_ba(stage.clerk, COUNTER, 7, receiver, "303")
    hand_on(stage, COUNTER, 7, Place.KECAMATAN, "Kasi Pelayanan (contoh)")


def to_desa(stage: Stage) -> None:
    """8: the staff of the kecamatan hand them to the desa, with a BA of their own."""
    stage.on_next_workday("09:00")
    receiver = Receiver("Sekretaris Desa (contoh)", "Sekretaris Desa", f"Pemerintah Desa {VILLAGE.title()}")
    write_ba(stage.clerk, PETUGAS, 8, receiver, "304")
    hand_on(stage, PETUGAS, 8, Place.DESA, "Sekretaris Desa (contoh)")


def aid(stage: Stage) -> None:
    """9: Dinsos and desa are asked."""
    stage.at("13:00")
    coordinate_aid(stage.clerk, KASI, 9)


def ask_for_aid(stage: Stage) -> None:
    """10: the desa proposes after its musdes."""
    stage.on_next_workday("10:00")
    propose(stage.clerk, KASI, 10)


def judge_aid(stage: Stage) -> None:
    """11: the result is judged."""
    stage.on_next_workday("09:00")
    judge(stage.clerk, KASI, 11)


def give_aid(stage: Stage) -> None:
    """12: Dinsos granted the aid, people received it."""
    stage.on_next_workday("09:00")
    deliver(stage.clerk, PETUGAS, 12)


MADIUN = Script(
    SOP,
    IN_MADIUN,
    {
        1: receive,
        2: collect,
        3: meet,
        4: schedule,
        5: record,
        6: print_cards,
        7: to_kecamatan,
        8: to_desa,
        9: aid,
        10: ask_for_aid,
        11: judge_aid,
        12: give_aid,
    },
)
