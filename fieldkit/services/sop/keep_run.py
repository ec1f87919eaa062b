"""Keep an SOP's run together with what lists show of it."""

from __future__ import annotations

from fieldkit.domain.sop.glance import SopGlance, glance_of
from fieldkit.domain.sop.profile import SopActors
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.unit_of_work import Payload, UnitOfWork


def keep_run(work: UnitOfWork, run: SopRun, act: str, **payload: Payload) -> None:
    """Keep the run with the event of what was done; its glance is a projection and has no event of its own."""
    work.keep(run, act, **payload)
    glance_again(work, run)


def glance_again(work: UnitOfWork, run: SopRun) -> None:
    """Write the glance of a run that stays as it is: the dinas set other actors."""
    actors = work.unit.repository(SopActors).find(run.profile.sop_id)
    work.unit.repository(SopGlance).save(glance_of(run, actors))
