from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from support.clock import NOW
from support.sops import small_run

from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.glance import glance_of
from fieldkit.domain.sop.profile import SopActors, StepRoles
from fieldkit.domain.sop.run import Ending, SopRun, StepState


def up_to(no: int) -> SopRun:
    run = small_run()
    for step in range(1, no):
        run = run.complete(step, Ending(NOW + timedelta(minutes=step), "u1", branch="lengkap" if step == 2 else ""))
    return run


def test_a_new_run_waits_for_its_first_step_and_for_whoever_records_it() -> None:
    glance = glance_of(small_run())
    assert (glance.done, glance.total, glance.is_finished) == (0, 6, False)
    assert glance.next is not None
    assert (glance.next.no, glance.next.column, glance.next.wanted) == (1, "Pemohon", (Fulfilment.REQUEST_RECEIVED,))
    assert glance.turn_of(Role.LOKET) is glance.next
    assert glance.turn_of(Role.KETUA_TIM) is None


def test_of_steps_beside_each_other_everybody_sees_his_own() -> None:
    glance = glance_of(up_to(3).start(4, "u1", NOW))
    mine, theirs = glance.turn_of(Role.KETUA_TIM), glance.turn_of(Role.KASI)
    assert mine is not None
    assert theirs is not None
    assert (mine.no, mine.state) == (4, StepState.RUNNING)
    assert (theirs.no, theirs.state) == (3, StepState.READY)


def test_the_end_that_ends_itself_is_nobodys_turn() -> None:
    glance = glance_of(up_to(6))
    assert (glance.done, glance.is_finished, glance.next) == (6, True, None)


def test_the_dinas_may_give_a_step_to_another_role() -> None:
    actors = SopActors("kecil", (StepRoles(1, (Role.ADMIN_DINAS,)),))
    glance = glance_of(small_run(), actors)
    assert glance.turn_of(Role.LOKET) is None
    assert glance.turn_of(Role.ADMIN_DINAS) == replace(glance.turn[0], roles=(Role.ADMIN_DINAS,), recorded_by=())
