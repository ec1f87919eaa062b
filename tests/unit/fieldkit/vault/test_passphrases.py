from __future__ import annotations

import pytest

from fieldkit.app.bootstrap.kit import DEMO_PASSPHRASE
from fieldkit.app.demo.kit import PINS
from fieldkit.domain.errors import InputError
from fieldkit.vault import passphrases
from fieldkit.vault.passphrases import Hardness, Pin

SOFT = Hardness(memory_kib=64, iterations=1, lanes=1)


def test_a_passphrase_opens_what_it_closed_and_nothing_else() -> None:
    kdf = passphrases.new_kdf(SOFT)
    sealed = passphrases.cipher_of("kopi pagi di balai", kdf).encrypt(b"n" * 12, b"secret", None)
    assert passphrases.cipher_of("kopi pagi di balai", kdf).decrypt(b"n" * 12, sealed, None) == b"secret"
    assert passphrases.cipher_of("kopi sore di balai", kdf).encrypt(b"n" * 12, b"secret", None) != sealed


def test_each_slot_has_a_salt_of_its_own() -> None:
    assert passphrases.new_kdf(SOFT).salt != passphrases.new_kdf(SOFT).salt


def test_short_passphrases_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        passphrases.check_passphrase("pendek")
    assert caught.value.code == "vault.weak_passphrase"
    passphrases.check_passphrase("kopi pagi di balai")


@pytest.mark.parametrize(
    ("passphrase", "code"),
    [
        ("12345678", "vault.passphrase_common"),
        ("password1", "vault.passphrase_common"),
        ("aaaaaaaaaaa", "vault.passphrase_pattern"),
        ("abcdefghij", "vault.passphrase_pattern"),
        ("17081945", "vault.passphrase_date"),
        ("Rina Wulandari", "vault.passphrase_named"),
        ("wulandari1", "vault.passphrase_named"),
        ("qwertyuiop[]", "vault.passphrase_pattern"),
    ],
)
def test_passphrases_that_are_guessed_soon_are_refused_and_never_echoed(passphrase: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        passphrases.check_passphrase(passphrase, ("Rina Wulandari", "KIT-07"))
    assert caught.value.code == code
    assert caught.value.problem.params == {}


@pytest.mark.parametrize(
    "passphrase", ["sawah hijau subuh", "kopi pagi di balai", "kopi pagi di balai " * 9, "kafé pagi hari"]
)
def test_some_unrelated_words_are_taken(passphrase: str) -> None:
    passphrases.check_passphrase(passphrase, ("Rina Wulandari", "KIT-07"))


def test_the_demos_passphrases_are_taken() -> None:
    for user_id, pin in PINS.items():
        passphrases.check_passphrase(DEMO_PASSPHRASE.format(pin=pin), (user_id, "K07"))


@pytest.mark.days
def test_a_new_slot_costs_this_machine_half_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    hardness = passphrases.measured()
    assert (hardness.memory_kib, hardness.lanes) == (128 * 1024, 4)
    assert 3 <= hardness.iterations <= 64
    ticks = iter([0.0, 0.05, 0.0, 9.0])
    monkeypatch.setattr(passphrases.time, "perf_counter", lambda: next(ticks))
    assert passphrases.measured() == Hardness(iterations=30)  # a fast machine
    assert passphrases.measured() == Hardness()  # a slow one: never less than the least


def test_a_pin_is_known_by_its_hash_and_may_be_absent() -> None:
    pin = Pin.of("204060")
    assert pin is not None
    assert (pin.kdf.memory_kib, pin.kdf.iterations, pin.kdf.lanes) == (19 * 1024, 2, 1)
    assert (pin.is_right("204060"), pin.is_right("204061"), pin.is_right("")) == (True, False, False)
    assert Pin.of("") is None
    with pytest.raises(InputError, match=r"vault\.pin_form"):
        Pin.of("12345")


def test_what_a_pin_is_checked_by_is_not_shown() -> None:
    assert "hash=" not in repr(passphrases.Pin.of("204060"))
