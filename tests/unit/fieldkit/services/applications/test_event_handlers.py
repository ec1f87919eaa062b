from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.cards_sent import LOKET, follow_sop, sop, steps
from support.counter import CHILD, SCAN, Counter, for_card, for_kk
from support.letters import KASI, office

from fieldkit.domain.applications import KIA_PHOTO, ApplicationState, Parents, Requirement, Service
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Permission, Role
from fieldkit.domain.sop.profile import Branch, SopActors, StepRoles
from fieldkit.domain.sop.run import SopRun, StepState, begin_run
from fieldkit.services.applications.begin_application import Handed
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


def test_photos_are_taken_when_everybody_who_waits_has_one(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "kia_di_sekolah")
    child = replace(CHILD, parents=Parents(mother="SITI AMINAH"))
    handed = Handed(Service.SOP, Document.KIA, child, (Requirement(KIA_PHOTO, False),))
    first, second = (counter.by(LOKET).register("a1", handed).thing_id for _ in range(2))
    counter.kit.context.office.application_papers.scan(first, 0, [SCAN])
    assert steps(counter.kit)[5] is not StepState.DONE
    counter.by(LOKET).withdraw(second, "pindah sekolah")
    assert steps(counter.kit)[5] is StepState.DONE
    counter.close()


@pytest.mark.parametrize(
    ("sop_id", "branches", "rounds"),
    [
        ("", (), 0),
        ("blitar_si_jaran_ijo", (), 1),  # its SOP knows no check
        ("grobogan_becak_pintar", (("lengkap", 3), ("kurang", 1)), 2),
        ("grobogan_becak_pintar", (("lengkap", 3), ("periksa lagi", 2), ("kurang", 1)), 2),
        ("grobogan_becak_pintar", (("lengkap", 3),), 1),
    ],
)
def test_sending_back_takes_the_way_to_the_applicant_where_the_sop_has_one(
    tmp_path: Path, sop_id: str, branches: tuple[tuple[str, int], ...], rounds: int
) -> None:
    with office(tmp_path, PETUGAS) as kit:
        if sop_id:
            profile = sop(sop_id)
            ways = tuple(Branch(when, "", to) for when, to in branches)
            changed = tuple(replace(step, branches=ways) if step.no == 2 else step for step in profile.steps)
            with kit.store.write() as unit:
                unit.repository(SopRun).save(begin_run(replace(profile, steps=changed), "a1", "u1", kit.clock.now()))
        applications = kit.context.office.applications
        back = applications.send_back(applications.register("a1", for_card()).thing_id, "foto buram")
        with kit.store.read() as unit:
            run = unit.repository(SopRun).find("a1")
    assert back.state is ApplicationState.PERLU_DILENGKAPI
    assert (len(run.of(1).rounds) if run else 0) == rounds
