from __future__ import annotations

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import PERMISSIONS, Permission, Role, User, checked_name


def test_every_role_stands_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_only_the_lead_lets_failures_pass() -> None:
    assert [r for r in Role if User("u", "U", r).may(Permission.ALLOW_FAILURE)] == [Role.KETUA_TIM]


def test_who_may_record() -> None:
    assert {r for r in Role if User("u", "U", r).may(Permission.RECORD)} == {Role.PETUGAS_PEREKAMAN, Role.KETUA_TIM}


def test_a_name_is_what_the_data_center_takes() -> None:
    assert checked_name("  Ani \t Wijaya ") == "Ani Wijaya"
    assert checked_name("a" * 120) == "a" * 120
    for name, code in (("  ", "no_name"), ("a" * 121, "name_form"), ("Ani\x1b", "name_form"), ("\udcff", "name_form")):
        with pytest.raises(InputError, match=rf"^account\.{code}"):
            checked_name(name)
