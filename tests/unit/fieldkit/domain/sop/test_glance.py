from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from support.clock import NOW
from support.sops import small_run, small_with

from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.glance import glance_of
from fieldkit.domain.sop.profile import SopActors, StepRoles
from fieldkit.domain.sop.run import Ending, SopRun, StepState, begin_run
from fieldkit.domain.sop.standing import How


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


def test_what_did_not_end_by_facts_and_papers_is_told_and_words_are_counted() -> None:
    run = small_run().apply(Fulfilment.REQUEST_RECEIVED, "u1", NOW).complete(2, Ending(NOW, "u1", branch="lengkap"))
    run = run.skip(3, Ending(NOW, "u1", reason="lisan")).apply(Fulfilment.SARPRAS_OUT, "u1", NOW)
    glance = glance_of(run.apply(Fulfilment.RECORDED, "u1", NOW))
    assert [(end.no, end.how) for end in glance.ends] == [
        (2, How.DECLARED),
        (3, How.SKIPPED),
        (6, How.DECLARED),
    ]
    assert glance.by_word == 3
    assert glance_of(small_run()).by_word == 0
    seen = small_run().apply(Fulfilment.SCHEDULED, "u1", NOW).apply(Fulfilment.TEAM_ASSIGNED, "u1", NOW)
    assert [end.how for end in glance_of(seen).ends] == [How.INCOMPLETE]
    assert glance_of(seen).by_word == 0


def test_a_step_of_nobody_has_no_column() -> None:
    glance = glance_of(begin_run(small_with(1, actors=()), "a1", "u1", NOW))
    assert glance.next is not None
    assert (glance.next.column, glance.next.roles, glance.next.recorded_by) == ("", (), ())
