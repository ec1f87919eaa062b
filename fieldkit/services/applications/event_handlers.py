"""What applications mean for the SOP of their activity, and whose act the SOP says each is."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.applications import FACTS, USUAL_ROLES, Application, ApplicationState
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import SopActors, SopStep, roles_of
from fieldkit.domain.sop.run import Ending, SopRun
from fieldkit.ports.store import Unit
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.sop.keep_run import keep_run
from fieldkit.services.unit_of_work import UnitOfWork

# Who takes in and who hands over where no SOP of the activity says it.
_AT_BOTH_ENDS: Mapping[Fulfilment, tuple[Role, ...]] = {
    Fulfilment.APPLICATION_RECEIVED: (Role.LOKET, Role.PETUGAS_PEREKAMAN),
    Fulfilment.DOCUMENT_HANDED_OVER: (Role.LOKET,),
    Fulfilment.COURIER_TOLD: (Role.LOKET, Role.PETUGAS_PEREKAMAN, Role.OPERATOR_CETAK),
    Fulfilment.COURIER_DELIVERED: (Role.LOKET, Role.PETUGAS_PEREKAMAN),
}
_BY = {ApplicationState.DISETUJUI: ApplicationState.TTE}  # the approval and its signature are one step


def demand_role(work: UnitOfWork, application: Application, state: ApplicationState) -> None:
    """Raise `RuleError("application.not_yours")` unless the user's role brings an application into a state."""
    run = work.unit.repository(SopRun).find(application.activity_id)
    roles = doers(work.unit, run, application, FACTS[_BY.get(state, state)])
    if work.user.role not in roles:
        raise RuleError("application.not_yours", role=work.user.role.value)


def applications_moved(work: UnitOfWork, activity_id: str) -> None:
    """Tell what all applications of an activity have come through."""
    counted = [each for each in work.unit.repository(Application).of(activity_id) if each.counts]
    for state, fact in FACTS.items():
        if counted and all(each.goes_through(state) and each.has_reached(state) for each in counted):
            fulfil(work, activity_id, fact, counted[-1].thing_id)
    if counted and not any(each.lacks_photo for each in counted):
        fulfil(work, activity_id, Fulfilment.PHOTOS_TAKEN, counted[-1].thing_id)


def application_sent_back(work: UnitOfWork, application: Application) -> None:
    """Take the way back to the applicant that the SOP names for its check, while that is still open."""
    run = work.unit.repository(SopRun).find(application.activity_id)
    step = step_of(run, Fulfilment.APPLICATION_CHECKED)
    if run is None or step is None or step.no not in run.ready:
        return
    back = next((branch.when for branch in step.branches if branch.to < step.no), "")
    if back:
        ending = Ending(work.at, work.user.user_id, branch=back)
        keep_run(work, run.complete(step.no, ending), "sop_step_done", step=step.no, branch=back)


def doers(unit: Unit, run: SopRun | None, application: Application, fact: Fulfilment) -> tuple[Role, ...]:
    """Return who brings a fact of an application about, or writes down an outsider's: as the run's SOP says it."""
    step = step_of(run, fact)
    if run is not None and step is not None:
        told = roles_of(run.profile, step.no, unit.repository(SopActors).find(run.profile.sop_id))
        return (*told.roles, *told.recorded_by)
    usual = {FACTS[state]: roles for state, roles in USUAL_ROLES[application.service].items()}
    return {**_AT_BOTH_ENDS, **usual}[fact]


def step_of(run: SopRun | None, fact: Fulfilment) -> SopStep | None:
    """Return the step of a run that a fact completes."""
    steps = run.profile.steps if run else ()
    return next((step for step in steps if any(fact in group for group in step.fulfilled_by)), None)
