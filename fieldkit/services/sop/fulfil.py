"""Another part of the program did what completes a step of the SOP: called within that part's own transaction."""

from __future__ import annotations

from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.sop.keep_run import glance_again, keep_run
from fieldkit.services.unit_of_work import UnitOfWork


def fulfil(work: UnitOfWork, activity_id: str, fact: Fulfilment, evidence: str = "") -> None:
    """Let the run of an activity hear a fact; `evidence` is the id of the thing or file that shows it.

    Does nothing when the activity runs no SOP.
    """
    repository = work.unit.repository(SopRun)
    run = repository.find(activity_id)
    if run is not None:
        heard = run.apply(fact, work.user.user_id, work.at, evidence)
        _keep(work, run, heard, "sop_fact_heard", fact)


def underway(work: UnitOfWork, activity_id: str, fact: Fulfilment) -> None:
    """Let the steps that wait for a fact run, because somebody began to bring it about."""
    run = work.unit.repository(SopRun).find(activity_id)
    if run is not None:
        _keep(work, run, run.underway(fact, work.user.user_id, work.at), "sop_fact_underway", fact)


def papers_changed(work: UnitOfWork, activity_id: str) -> None:
    """Let the lists show that a paper of an activity was issued or made void; the run itself stays as it is."""
    run = work.unit.repository(SopRun).find(activity_id)
    if run is not None:
        glance_again(work, run)


def _keep(work: UnitOfWork, before: SopRun, after: SopRun, act: str, fact: Fulfilment) -> None:
    """Keep what changed; the same news twice is no news."""
    if after != before:
        steps = [str(new.no) for old, new in zip(before.steps, after.steps, strict=True) if old != new]
        keep_run(work, after, act, fact=fact.value, steps=steps)
