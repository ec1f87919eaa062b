"""Grobogan, jemput bola (SOP-DKC.IP-08): the office schedules itself, kabid and kepala dinas agree first."""

from __future__ import annotations

from fieldkit.demo.kit import HEAD, KABID, KASI
from fieldkit.demo.outreach.office_acts import begin_activity, open_letters, plan, write_letter
from fieldkit.demo.outreach.script import Script
from fieldkit.demo.outreach.stage import Stage
from fieldkit.domain.letters import LetterKind
from ui.presenters.plan import PlanPresenter

SOP = "grobogan_jemput_bola"


def schedule(stage: Stage) -> None:
    """1: the kasi makes the schedule."""
    begin_activity(stage.clerk, KASI, "Jemput bola SMK Contoh", "SMK Contoh", SOP)
    plan(stage.clerk)
    stage.clerk.demand_over(1)


def approve(stage: Stage) -> None:
    """2: the kabid agrees and directs."""
    clerk = stage.clerk
    clerk.open_screen(KABID, 2, "plan")
    clerk.arrive(PlanPresenter)
    clerk.do("approve")
    clerk.demand_over(2)


def direct(stage: Stage) -> None:
    """3: the head receives the report and gives directions."""
    clerk = stage.clerk
    clerk.open_screen(HEAD, 3, "plan")
    clerk.arrive(PlanPresenter)
    clerk.do("direct")
    clerk.demand_over(3)


def tell_the_applicant(stage: Stage) -> None:
    """4: the kasi agrees with those who will be recorded; the surat pemberitahuan goes out."""
    clerk = stage.clerk
    open_letters(clerk, KASI, 4)
    write_letter(clerk, LetterKind.JADWAL, "101")
    write_letter(clerk, LetterKind.SURAT_PEMBERITAHUAN, "102")
    if not clerk.is_over(4):
        clerk.complete(KASI, 4)


def assign_the_team(stage: Stage) -> None:
    """5: the kasi has PIAK prepare tools and people."""
    clerk = stage.clerk
    open_letters(clerk, KASI, 5)
    write_letter(clerk, LetterKind.SURAT_TUGAS, "103")
    if not clerk.is_over(5):
        clerk.complete(KASI, 5)


GROBOGAN = Script(SOP, {1: schedule, 2: approve, 3: direct, 4: tell_the_applicant, 5: assign_the_team})
