"""Keep an SOP's run together with what lists show of it."""

from __future__ import annotations

from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.sarpras.checklist import CheckOut
from fieldkit.domain.sop.glance import SopGlance, glance_of
from fieldkit.domain.sop.profile import SopActors
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import Papers, papers_among
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import Payload, UnitOfWork


def keep_run(work: UnitOfWork, run: SopRun, act: str, **payload: Payload) -> None:
    """Keep the run with the event of what was done; its glance is a projection and has no event of its own."""
    work.keep(run, act, **payload)
    glance_again(work, run)


def glance_again(work: UnitOfWork, run: SopRun) -> None:
    """Write the glance of a run that stays as it is: the dinas set other actors, or a paper came or went."""
    work.unit.repository(SopGlance).save(read_glance(work.unit, run))


def read_glance(unit: Unit, run: SopRun) -> SopGlance:
    """Return what lists show of a run as everything stands now."""
    actors = unit.repository(SopActors).find(run.profile.sop_id)
    is_out = is_sarpras_out(unit, run.activity_id)
    return glance_of(run, actors, papers_of(unit, run.activity_id), is_sarpras_out=is_out)


def papers_of(unit: Unit, activity_id: str) -> Papers:
    """Return the kinds of paper that an activity has."""
    return papers_among(unit.repository(Letter).of(activity_id))


def is_sarpras_out(unit: Unit, activity_id: str) -> bool:
    """Return whether sarpras of an activity left and was not counted back."""
    return any(each.is_out for each in unit.repository(CheckOut).of(activity_id))
