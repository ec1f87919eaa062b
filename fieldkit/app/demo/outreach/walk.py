"""Walks SOPs from step to step, each in a world of its own, and counts what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from fieldkit.app.demo.clock import DemoClock
from fieldkit.app.demo.day import clear, demand_ours, write_pictures_page
from fieldkit.app.demo.outreach.blitar import BLITAR
from fieldkit.app.demo.outreach.counter import BECAK, KK
from fieldkit.app.demo.outreach.grobogan import GROBOGAN
from fieldkit.app.demo.outreach.madiun import MADIUN
from fieldkit.app.demo.outreach.office_acts import ClockTold, SopReport, StepTold, acts_of
from fieldkit.app.demo.outreach.stage import Script, Stage
from fieldkit.app.demo.people import grow
from fieldkit.app.demo.world import alone_in
from fieldkit.domain.errors import InputError
from fieldkit.domain.visits import Perekaman
from fieldkit.services.context.office import Office

SCRIPTS: Mapping[str, Script] = {script.sop_id: script for script in (GROBOGAN, KK, BECAK, MADIUN, BLITAR)}
_PEOPLE = 4


def perform(
    out: Path,
    seed: int,
    only: str,
    until: int,
    language: str,
    told: Callable[[SopReport], None],
    perekaman: Perekaman = Perekaman.KIT,
) -> list[SopReport]:
    """Walk every SOP that records in this program, or `only` one, up to step `until`; `told` after each.

    Raise `InputError("demo.unknown_sop")`, `KnownError` when a step does not come to its end.
    """
    if only and only not in SCRIPTS:
        raise InputError("demo.unknown_sop", sop=only, known=", ".join(SCRIPTS))
    demand_ours(out)
    reports = []
    with alone_in(out):
        for script in SCRIPTS.values():
            if only in ("", script.sop_id) and (perekaman is Perekaman.KIT or script.records):
                clear(out / script.sop_id)
                reports.append(_walk(script, out / script.sop_id, seed, until, language, perekaman))
                told(reports[-1])
    return reports


def _walk(script: Script, out: Path, seed: int, until: int, language: str, perekaman: Perekaman) -> SopReport:
    clock = DemoClock.of_office_day()
    residents = grow(_PEOPLE, seed, clock.today())
    with Stage(out, seed, residents, language, clock, script.dinas, perekaman) as stage:
        clerk, report = stage.clerk, SopReport(script.sop_id)
        begun = time.monotonic() - clerk.picture_seconds
        stage.at("08:00")
        for no, step in script.steps.items():
            if no > until:
                break
            step(stage)
        view = clerk.sop()
        report.seconds = time.monotonic() - clerk.picture_seconds - begun
        report.steps_total, report.steps_done = len(view.steps), view.done
        report.standard_minutes = view.standard_minutes
        report.steps = [StepTold.of(step, clock.local) for step in view.steps]
        report.outsiders = acts_of(clerk.context.office, clerk.activity_id)
        report.planned_on = _planned(clerk.context.office, clerk.activity_id)
        report.keystrokes, report.screenshots = clerk.keystrokes, clerk.screenshots
        report.signed_in = clerk.signed_in
        report.documents = clerk.save_papers(out / "papers")
        write_pictures_page(out, language, report.screenshots, report.documents)
        report.sla = _promises(clerk.context.office, clerk.activity_id)
    return report


def _planned(office: Office, activity_id: str) -> list[str]:
    plan = office.planning.plan(activity_id)
    return [on.isoformat() for on in plan.days] if plan else []


def _promises(office: Office, activity_id: str) -> list[ClockTold]:
    """Return the clocks of the cards, and what applications took against the standard of their SOP."""
    cards = [reading for clocks in office.clocks.all(activity_id) for reading in clocks.readings]
    served = [view for view in office.applications.board(activity_id) if view.due_at]
    return [
        *(ClockTold(each.rule.words, _told(each.due_at), each.state.value) for each in cards),
        *(ClockTold(f"standar {each.standard_minutes} menit", _told(each.due_at), each.standing) for each in served),
    ]


def _told(at: datetime | None) -> str:
    return at.isoformat() if at else ""
