"""Grobogan, jemput bola (SOP-DKC.IP-08): the office schedules itself, kabid and kepala dinas agree first."""

from __future__ import annotations

from fieldkit.app.demo.kit import COUNTER, HEAD, KABID, KASI
from fieldkit.app.demo.outreach.field_acts import (
    Receiver,
    hand_to_person,
    note_prints,
    plan_stops,
    send,
    visit_everybody,
    write_ba,
)
from fieldkit.app.demo.outreach.files import write_list
from fieldkit.app.demo.outreach.office_acts import begin_activity, import_targets, open_letters, plan, write_letter
from fieldkit.app.demo.outreach.stage import IN_GROBOGAN, Script, Stage
from fieldkit.domain.letters.letter import LetterKind
from ui.presenters.planning.plan import PlanPresenter

SOP = "grobogan_jemput_bola"


def schedule(stage: Stage) -> None:
    """1: the kasi makes the schedule."""
    stage.at("08:05")
    begin_activity(stage, KASI, "Jemput bola SMK Contoh", "SMK Contoh", SOP)
    plan(stage.clerk)
    stage.clerk.demand_over(1)
    stage.clerk.tick(KASI, 1)


def approve(stage: Stage) -> None:
    """2: the kabid agrees and directs."""
    clerk = stage.clerk
    stage.at("09:00")
    clerk.open_screen(KABID, 2, "plan")
    clerk.arrive(PlanPresenter)
    clerk.do("approve")
    clerk.demand_over(2)


def direct(stage: Stage) -> None:
    """3: the head receives the report and gives directions."""
    clerk = stage.clerk
    stage.at("09:30")
    clerk.open_screen(HEAD, 3, "plan")
    clerk.arrive(PlanPresenter)
    clerk.do("direct")
    clerk.demand_over(3)


def tell_the_applicant(stage: Stage) -> None:
    """4: the kasi agrees with those who will be recorded and takes their list over; a surat pemberitahuan goes out."""
    clerk = stage.clerk
    stage.at("10:00")
    import_targets(clerk, KASI, 4, write_list(stage.out / "daftar-siswa.xlsx", stage.residents))
    open_letters(clerk, KASI, 4)
    write_letter(clerk, LetterKind.JADWAL, "101")
    write_letter(clerk, LetterKind.SURAT_PEMBERITAHUAN, "102")
    clerk.demand_over(4)


def assign_the_team(stage: Stage) -> None:
    """5: the kasi has PIAK prepare tools and people."""
    clerk = stage.clerk
    stage.at("13:00")
    open_letters(clerk, KASI, 5)
    write_letter(clerk, LetterKind.SURAT_TUGAS, "103")
    clerk.demand_over(5)


def record(stage: Stage) -> None:
    """6: the team records whoever is on the list."""
    stage.on_planned_day("08:00")
    visit_everybody(stage, 6)


def deliver(stage: Stage) -> None:
    """7: what was recorded is sent to the data center."""
    stage.at("16:30")
    send(stage)
    stage.clerk.demand_over(7)


def print_cards(stage: Stage) -> None:
    """8: those of seventeen and older get their cards printed."""
    stage.on_next_workday("08:10")
    note_prints(stage.clerk, 8)
    stage.clerk.demand_over(8)


def write_handover(stage: Stage) -> None:
    """9: the counter writes the BA serah terima."""
    stage.at("09:00")
    kasi = Receiver(KASI.name, "Sub Koordinator Identitas Penduduk", "Disdukcapil")
    write_ba(stage.clerk, COUNTER, 9, kasi, "104")
    stage.clerk.demand_over(9)


def plan_distribution(stage: Stage) -> None:
    """10: the kasi plans where the cards go."""
    stage.at("09:30")
    plan_stops(stage.clerk, KASI, 10)
    stage.clerk.demand_over(10)
    open_letters(stage.clerk, KASI, 10)
    write_letter(stage.clerk, LetterKind.JADWAL_DISTRIBUSI, "105")


def distribute(stage: Stage) -> None:
    """11: the school takes them over with a BA of its own, and each person signs for the own card."""
    stage.on_next_workday("08:30")
    school = Receiver("Kepala SMK (contoh)", "Kepala Sekolah", "SMK Contoh")
    write_ba(stage.clerk, COUNTER, 11, school, "106")
    stage.at("09:00")
    hand_to_person(stage, COUNTER, 11)
    stage.clerk.demand_over(11)


GROBOGAN = Script(
    SOP,
    IN_GROBOGAN,
    {
        1: schedule,
        2: approve,
        3: direct,
        4: tell_the_applicant,
        5: assign_the_team,
        6: record,
        7: deliver,
        8: print_cards,
        9: write_handover,
        10: plan_distribution,
        11: distribute,
    },
)
