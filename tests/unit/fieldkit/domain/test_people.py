from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Thing
from fieldkit.domain.people import (
    NO_SLIP,
    Permission,
    Role,
    SecondFactor,
    Slip,
    Staff,
    User,
    begun,
    checked_id,
    checked_name,
    digest_of,
    is_expected,
    nobody_has,
    qualified,
    slip_in,
)

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


NOW = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def code_at(step: int) -> str:
    return f"{step % 1_000_000:06d}"


@pytest.fixture
def kept() -> SecondFactor:
    made = begun("SECRET", code_at(STEP), NOW, ("ABCD-EFGH", "IJKL-MNOP"), code_at)
    assert made is not None
    return made


def test_who_signs_letters_or_administers_should_have_one() -> None:
    assert {role for role in Role if is_expected(role)} == {Role.KEPALA_DINAS, Role.ADMIN_DINAS}


def test_a_code_counts_once_and_none_before_it(kept: SecondFactor) -> None:
    assert kept.spend(code_at(STEP), NOW, code_at) is None  # it set the factor up
    after = kept.spend(code_at(STEP + 1), NOW, code_at)
    assert after is not None
    assert after.spend(code_at(STEP + 1), NOW, code_at) is None
    assert after.spend(code_at(STEP), NOW, code_at) is None
    assert after.spend(code_at(STEP + 2), NOW, code_at) is not None


@pytest.mark.parametrize(("minutes", "is_right"), [(1, True), (-1, True), (2, False), (-2, False)])
def test_a_clock_may_go_a_minute_wrong(kept: SecondFactor, minutes: int, is_right: bool) -> None:
    later = NOW + timedelta(hours=1)
    spent = kept.spend(code_at(int(later.timestamp()) // 30 + 2 * minutes), later, code_at)
    assert (spent is not None) is is_right


def test_how_far_the_phone_is_ahead_is_learnt_and_a_clock_that_is_mended_does_no_harm() -> None:
    ahead = begun("SECRET", code_at(STEP + 14), NOW, (), code_at)
    assert ahead is not None
    assert ahead.drift == 14
    later = NOW + timedelta(hours=1)
    here = int(later.timestamp()) // 30
    drifted = ahead.spend(code_at(here + 16), later, code_at)
    assert drifted is not None
    assert drifted.drift == 16
    mended = ahead.spend(code_at(here), later, code_at)
    assert mended is not None
    assert mended.drift == 0
    assert begun("SECRET", code_at(STEP + 21), NOW, (), code_at) is None


def test_a_spare_code_counts_once_however_it_is_spelled(kept: SecondFactor) -> None:
    after = kept.spend("abcd efgh", NOW, code_at)
    assert after is not None
    assert after.spares == (digest_of("IJKLMNOP"),)
    assert after.spend("ABCD-EFGH", NOW, code_at) is None
    assert after.last_step == kept.last_step


def test_after_five_wrong_codes_each_costs_more_patience(kept: SecondFactor) -> None:
    waits = []
    for _ in range(10):
        kept = kept.failed(NOW)
        waits.append(kept.locked_for(NOW) // timedelta(minutes=1))
    assert waits == [0, 0, 0, 0, 1, 5, 15, 60, 60, 60]
    assert kept.tries_left == 0
    assert kept.locked_for(NOW + timedelta(hours=1)) == timedelta()
    assert kept.locked_for(NOW - timedelta(days=400)) == timedelta(hours=1)  # the clock was set back
    assert replace(kept, failed_at=None).locked_for(NOW) == timedelta()
    right = kept.spend(code_at(STEP + 1), NOW, code_at)
    assert right is not None
    assert (right.failures, right.failed_at) == (0, None)


@pytest.mark.parametrize(("failed", "counted"), [(None, None), (-1, -1), (0, 0), (1, 0)])
def test_wait_begins_anew_where_the_clock_was_set_back(
    kept: SecondFactor, failed: int | None, counted: int | None
) -> None:
    wrong, right = (None if at is None else NOW + timedelta(minutes=at) for at in (failed, counted))
    assert replace(kept, failed_at=wrong).by_clock(NOW) == replace(kept, failed_at=right)


@pytest.mark.parametrize("typed", ["", "١٢٣٤٥٦", "²²²²²²", "12345A"])
def test_what_is_no_code_is_wrong(kept: SecondFactor, typed: str) -> None:
    assert kept.spend(typed, NOW, code_at) is None


def test_what_is_kept_comes_back_and_shows_no_secret(kept: SecondFactor) -> None:
    for each in (kept, kept.failed(NOW), replace(kept, spares=())):
        assert SecondFactor.of_value(each.as_value()) == each
    assert "SECRET" not in repr(kept)
    assert digest_of("ABCDEFGH") not in repr(kept)


SLIP = Slip("https://pusat.test:8443", "ABCD-EFGH-IJKL-MNOP-EF23", ":".join(["AB", "CD"] * 16), "K-01", "ani")
PLAIN = json.dumps({"url": SLIP.url, "code": SLIP.code, "ca_fingerprint": SLIP.ca_fingerprint, "kit": "K-01"})


@pytest.mark.parametrize(
    "text",
    [
        SLIP.line,
        SLIP.line.replace(" ", "\n"),
        f"Laptop: K-01\nAlamat: {SLIP.url}\nKode: {SLIP.code}\nSidik jari CA: {SLIP.ca_fingerprint}\nAdmin: ani",
        PLAIN[:-1] + ', "admin": "ani"}',
    ],
)
def test_a_slip_is_found_however_it_is_laid_out(text: str) -> None:
    assert slip_in(text) == SLIP
    assert SLIP.is_whole


def test_a_fingerprint_without_colons_and_a_code_before_it_stay_apart() -> None:
    plain = SLIP.ca_fingerprint.replace(":", "").lower()
    found = slip_in(f"{SLIP.url} {SLIP.code} {plain}")
    assert (found.code, found.ca_fingerprint, found.kit) == (SLIP.code, plain, "")


def test_what_is_missing_is_empty() -> None:
    assert slip_in("surat biasa") == NO_SLIP


@pytest.mark.parametrize("missing", ["url", "code", "ca_fingerprint"])
def test_slip_without_one_of_its_three_parts_is_not_whole(missing: str) -> None:
    assert not replace(SLIP, **{missing: ""}).is_whole


@pytest.mark.parametrize("named", [{}, {"kit": ""}, {"admin": ""}, {"kit": "", "admin": ""}])
def test_line_names_kit_and_admin_where_they_are_known(named: dict[str, str]) -> None:
    slip = replace(SLIP, **named)
    assert slip_in(slip.line) == slip
    assert ("kit=" in slip.line, "admin=" in slip.line) == (bool(slip.kit), bool(slip.admin))


def test_staff_is_found_by_name_nip_and_jabatan() -> None:
    siti = Staff("s1", "Siti Aminah", "19720524 199703 1 004", "Penata (III/c)", "Operator")
    assert isinstance(siti, Thing)
    assert siti.words == "Siti Aminah 19720524 199703 1 004 Operator"
    assert siti.activity_id == ""


def test_nothing_is_asked_of_a_crew_that_is_not_chosen_yet() -> None:
    able = Staff("s1", "Siti", qualifications=("Mampu  Mengoperasikan komputer",))
    asked = ("mampu mengoperasikan komputer", "Memahami SIAK")
    assert qualified([able], asked[0]) == (able,)
    assert nobody_has(asked, [able]) == ("Memahami SIAK",)
    assert nobody_has(asked, []) == ()
