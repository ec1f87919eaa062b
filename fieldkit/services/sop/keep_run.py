"""Keep an SOP's run together with what lists show of it."""

from __future__ import annotations

from fieldkit.domain.sop.glance import SopGlance, glance_of
from fieldkit.domain.sop.profile import SopActors
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.acts import Payload, Writing


def keep_run(writing: Writing, run: SopRun, act: str, **payload: Payload) -> None:
    """Keep the run with the event of what was done; its glance is a projection and has no event of its own."""
    writing.keep(run, act, **payload)
    glance_again(writing, run)


def glance_again(writing: Writing, run: SopRun) -> None:
    """Write the glance of a run that stays as it is: the dinas set other actors."""
    actors = writing.unit.shelf(SopActors).find(run.profile.sop_id)
    writing.unit.shelf(SopGlance).save(glance_of(run, actors))
