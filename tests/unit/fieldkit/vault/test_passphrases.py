from __future__ import annotations

import pytest

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


def test_a_pin_is_known_by_its_hash_and_may_be_absent() -> None:
    pin = Pin.of("204060")
    assert pin is not None
    assert (pin.is_right("204060"), pin.is_right("204061"), pin.is_right("")) == (True, False, False)
    assert Pin.of("") is None
    with pytest.raises(InputError, match=r"vault\.pin_form"):
        Pin.of("12345")
