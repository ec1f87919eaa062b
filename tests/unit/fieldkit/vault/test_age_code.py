from __future__ import annotations

import re

import pytest

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.vault import age, age_code

CODE = "7K2M-9QXD-0ABC-ZZ42"


@pytest.fixture(scope="module")
def file() -> bytes:
    return age_code.encrypt(b"rahasia" * 20_000, CODE)


def refusal(file: bytes, code: str = CODE) -> str:
    with pytest.raises(VaultError) as error:
        age_code.decrypt(file, code)
    return error.value.code


def test_the_code_opens_it(file: bytes) -> None:
    assert age_code.decrypt(file, CODE) == b"rahasia" * 20_000
    assert age_code.wants_code(file)
    assert b"rahasia" not in file


@pytest.mark.days
def test_another_code_or_a_changed_byte_does_not(file: bytes) -> None:
    assert refusal(file, "7K2M-9QXD-0ABC-ZZ43") == "vault.age_no_identity"
    assert refusal(file[:-1] + bytes([file[-1] ^ 1])) == "vault.age_tampered"
    assert refusal(file.replace(b" 16\n", b" 17\n")) == "vault.age_no_identity"


@pytest.mark.parametrize(
    ("old", "new"), [(b" 16\n", b" 30\n"), (b" 16\n", b" x\n"), (b" 16\n", b"\n"), (b"-> scrypt ", b"-> scrypt A")]
)
def test_a_file_may_not_ask_for_gigabytes_or_nonsense(file: bytes, old: bytes, new: bytes) -> None:
    assert refusal(file.replace(old, new, 1)) == "vault.age_malformed"


@pytest.mark.parametrize("spelling", ["02", "002", "+2", "2x", "x2", "0x2", "-2", "2.0", "0", "19", "100", "\u0662"])
def test_the_work_factor_has_one_spelling(spelling: str) -> None:
    """As in the vectors `scrypt_work_factor_…` of C2SP's CCTV."""
    file = age_code.encrypt(b"x", CODE, log_n=2)
    assert age_code.decrypt(file, CODE) == b"x"
    assert refusal(file.replace(b" 2\n", f" {spelling}\n".encode(), 1)) == "vault.age_malformed"


def test_a_code_is_of_one_stanza_alone(file: bytes) -> None:
    stanza = file[file.index(b"-> ") : file.index(b"---")]
    assert refusal(file.replace(stanza, stanza * 2, 1)) == "vault.age_no_identity"


def test_files_for_kits_want_no_code() -> None:
    assert not age_code.wants_code(age.encrypt(b"x", [age.generate_identity().recipient]))
    with pytest.raises(VaultError):
        age_code.wants_code(b"x")


def test_codes_are_random_and_easy_to_say() -> None:
    codes = {age_code.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)


@pytest.mark.parametrize("typed", ["7k2m 9qxd oabc zz42", "7K2M9QXDOABCZZ42", " 7K2M-9QXD-0ABC-ZZ42 "])
def test_a_code_is_known_however_it_was_typed(typed: str) -> None:
    assert age_code.spelled(typed) == CODE


@pytest.mark.parametrize("typed", ["", "7K2M", "7K2M-9QXD-0ABC-ZZ4U", "7K2M-9QXD-0ABC-ZZ421"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(InputError) as error:
        age_code.spelled(typed)
    assert error.value.code == "exchange.wrong_code"
