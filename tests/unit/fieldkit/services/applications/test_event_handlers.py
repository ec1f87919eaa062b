from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.cards_sent import LOKET, follow_sop, steps
from support.counter import Counter, for_card, for_kk
from support.letters import KASI

from fieldkit.domain.applications import ApplicationState
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Permission, Role
from fieldkit.domain.sop.profile import SopActors, StepRoles
from fieldkit.domain.sop.run import StepState
from fieldkit.services.applications.event_handlers import applications_moved, demand_role


def test_without_an_sop_the_usual_accounts_do_each_step(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    kit.plan()
    application = kit.context.office.applications.register("a1", for_kk())
    with kit.context.office.units.write(Permission.SERVE_KK) as work:
        demand_role(work, application, ApplicationState.DIINPUT)
        with pytest.raises(RuleError, match=r"application\.not_yours"):
            demand_role(work, application, ApplicationState.DIPERIKSA)
    kit.store.close()


def test_a_dinas_may_give_a_step_to_others(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    application = counter.by(LOKET).register("a1", for_kk()).thing_id
    with counter.kit.store.write() as unit:
        unit.repository(SopActors).save(SopActors("grobogan_kk_wni", (StepRoles(2, (Role.KASI,)),)))
    with pytest.raises(RuleError, match=r"application\.not_yours"):
        counter.by(LOKET).check(application)
    assert counter.by(KASI).check(application).state is ApplicationState.DIPERIKSA
    counter.close()


def test_an_sop_hears_nothing_of_steps_that_the_service_does_not_have(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    application = counter.by(LOKET).register("a1", for_card()).thing_id
    counter.by(LOKET).check(application)
    counter.by(KASI).verify(application)
    assert steps(counter.kit)[3] is not StepState.DONE
    counter.close()


def test_an_activity_without_applications_is_told_nothing(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    kit.plan()
    follow_sop(kit, "grobogan_kk_wni")
    with kit.context.office.units.write(Permission.SERVE_KK) as work:
        applications_moved(work, "a1")
    assert steps(kit)[1] is StepState.READY
    kit.store.close()
