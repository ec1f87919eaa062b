from __future__ import annotations

from dataclasses import replace

import pytest
from support.sops import SMALL, small_with

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import Actor, SopActors, StepRoles, roles_of


def test_a_step_comes_after_all_before_it_but_those_beside_it() -> None:
    assert SMALL.before(3) == (1, 2)
    assert SMALL.before(4) == (1, 2)
    assert SMALL.before(5) == (1, 2, 3, 4)


def test_an_unknown_step_is_named() -> None:
    with pytest.raises(RuleError) as caught:
        SMALL.step(9)
    assert caught.value.code == "sop.unknown_step"


def test_the_doer_stands_before_who_looks_on() -> None:
    doer = SMALL.step(2).doer
    assert doer is not None
    assert doer.column == "Kasi"
    assert SMALL.step(6).doer is None


def test_outsiders_have_no_account_but_somebody_who_records() -> None:
    assert SMALL.column("Pemohon").is_outsider
    assert roles_of(SMALL, 1) == StepRoles(1, (), (Role.LOKET, Role.KASI))
    assert roles_of(SMALL, 4) == StepRoles(4, (Role.PETUGAS_PEREKAMAN, Role.KETUA_TIM))
    assert roles_of(SMALL, 6) == StepRoles(6)


def test_a_dinas_sets_its_own_actors() -> None:
    mine = SopActors("kecil").setting(StepRoles(4, (Role.KASI,))).setting(StepRoles(2, (Role.KABID,)))
    assert [step.no for step in mine.steps] == [2, 4]
    assert roles_of(SMALL, 4, mine).roles == (Role.KASI,)
    assert roles_of(SMALL, 5, mine).roles == (Role.PETUGAS_PEREKAMAN, Role.KETUA_TIM)
    assert mine.setting(StepRoles(4, (Role.KABID,))).of(4) == StepRoles(4, (Role.KABID,))


def test_standard_times_add_up() -> None:
    assert SMALL.standard_minutes == 150


def test_short_words_stand_before_those_of_the_document() -> None:
    for short, title in (("", "Mengajukan"), ("Aju", "Aju")):
        assert small_with(1, short=short).step(1).title == title
        assert replace(SMALL, short=short).title == (short or SMALL.name)


def test_only_who_does_a_step_is_its_doer() -> None:
    received = small_with(2, actors=(Actor("Pemohon", "penerima"), Actor("Kasi"))).step(2).doer
    assert received is not None
    assert received.column == "Kasi"


@pytest.mark.parametrize(
    ("is_terminator", "facts", "ends_itself"),
    [(True, (), True), (True, ((Fulfilment.RECORDED,),), False), (False, (), False)],
)
def test_a_terminator_that_waits_for_no_fact_ends_itself(
    is_terminator: bool, facts: tuple[tuple[Fulfilment, ...], ...], ends_itself: bool
) -> None:
    step = small_with(6, is_terminator=is_terminator, fulfilled_by=facts).step(6)
    assert step.ends_itself is ends_itself


def test_steps_run_beside_each_other_whichever_of_them_says_so() -> None:
    alone = small_with(3, beside=())
    later = replace(alone, steps=(*alone.steps[:3], *small_with(4, beside=(3,)).steps[3:]))
    assert [profile.before(4) for profile in (SMALL, later, alone)] == [(1, 2), (1, 2), (1, 2, 3)]


def test_roles_that_a_step_names_itself_do_it_and_nobody_records_it() -> None:
    own = small_with(1, actors=(Actor("Pemohon", roles=(Role.ADMIN_DINAS,)),))
    assert roles_of(own, 1) == StepRoles(1, (Role.ADMIN_DINAS,), ())
