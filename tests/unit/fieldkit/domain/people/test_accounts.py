from __future__ import annotations

from fieldkit.domain.people.accounts import PERMISSIONS, Permission, Role, User


def test_every_role_stands_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_only_the_lead_lets_failures_pass() -> None:
    assert [r for r in Role if User("u", "U", r).may(Permission.ALLOW_FAILURE)] == [Role.KETUA_TIM]


def test_who_may_record() -> None:
    assert {r for r in Role if User("u", "U", r).may(Permission.RECORD)} == {Role.PETUGAS_PEREKAMAN, Role.KETUA_TIM}
