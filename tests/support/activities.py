"""Activities for lists: many of them, each at another step of its SOP."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from support.app_context import ACTIVITY, TODAY, Kit
from support.clock import NOW

from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Activity
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.sop.run import Ending, begin_run
from fieldkit.services.sop.run_sop import keep_run
from fieldkit.services.sop.view import StepView


def add_activity(
    kit: Kit, name: str, profile: SopProfile, on: date = TODAY, done: int = 0, begun: datetime | None = None
) -> Activity:
    """Lay in an activity whose SOP is over up to a step, each begun a minute before where a time is given; its own
    decisions go on.
    """
    activity = replace(ACTIVITY, activity_id=name, name=f"Jemput bola {name}", place=name, on=on, sop=profile.sop_id)
    run, at = begin_run(profile, name, "u1", begun or NOW), begun or NOW
    for step in profile.steps[:done]:
        if not step.ends_itself:
            on_to = next((branch.when for branch in step.branches if branch.to > step.no), "")
            run = run.start(step.no, "u1", at + timedelta(minutes=step.no - 1)) if begun else run
            run = run.complete(step.no, Ending(at + timedelta(minutes=step.no), "u1", branch=on_to))
    kit.context.visits.take_over(activity, ())
    with kit.context.office.units.write(Permission.FOLLOW_SOP) as work:
        keep_run(work, run, "sop_begun")
    return activity


def step_of(kit: Kit, no: int, activity_id: str = "x") -> StepView:
    """Return what a screen shows of a step."""
    view = kit.context.office.sop.view(activity_id)
    assert view is not None
    return view.steps[no - 1]
