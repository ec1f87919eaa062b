from __future__ import annotations

import pytest
from support.sops import SMALL

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.profile import SopActors, StepRoles, roles_of


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
