from __future__ import annotations

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission, Role, User, checked_id, checked_name

READING = "read_status read_reports follow_sop"
RECORDING = "record send register verify_targets write_letters check_sarpras visit follow_up_aid evaluate"
LEADING_OFFICE = "register verify_targets plan write_letters type_status follow_up_aid evaluate_aid evaluate"
# Everything that a role may do, besides reading.
ACTS = {
    Role.PETUGAS_PEREKAMAN: f"{RECORDING} hand_over serve_kk",
    Role.KETUA_TIM: f"{RECORDING} hand_over serve_kk allow_failure skip_steps",
    Role.PENGURUS_BARANG: "allow_sarpras keep_inventory check_sarpras",
    Role.LOKET: "register write_letters type_status hand_over serve_kk",
    Role.KASI: f"{LEADING_OFFICE} send approve serve_kk hand_over skip_steps",
    Role.KABID: f"{LEADING_OFFICE} approve serve_kk skip_steps",
    Role.KEPALA_DINAS: "dispose approve direct sign send serve_kk skip_steps evaluate_aid evaluate",
    Role.OPERATOR_CETAK: "register print_cards type_status hand_over serve_kk write_letters",
    Role.ADMIN_DINAS: "send add_users register keep_profile keep_inventory",
}


@pytest.mark.parametrize("role", Role)
def test_role_may_do_its_acts_and_no_other(role: Role) -> None:
    may = {each for each in Permission if User("u", "U", role).may(each)}
    assert may == set(f"{READING} {ACTS[role]}".split())


def test_a_name_is_what_the_data_center_takes() -> None:
    assert checked_name("  Ani \t Wijaya ") == "Ani Wijaya"
    assert checked_name("a" * 120) == "a" * 120
    for name, code in (("  ", "no_name"), ("a" * 121, "name_form"), ("Ani\x1b", "name_form"), ("\udcff", "name_form")):
        with pytest.raises(InputError, match=rf"^account\.{code}"):
            checked_name(name)


@pytest.mark.parametrize("user_id", ["ani", "7", "ani.w-2_b", "a" * 32])
def test_user_id_is_short_and_plain(user_id: str) -> None:
    assert checked_id(user_id) == user_id


@pytest.mark.parametrize("text", ["", "Ani", ".ani", "ani w", "ani/w", "a" * 33, "ani\n"])
def test_another_user_id_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^cli\.user_id_form"):
        checked_id(text)
