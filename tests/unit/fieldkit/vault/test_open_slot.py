from __future__ import annotations

import pytest

from fieldkit.domain.errors import VaultError
from fieldkit.domain.people import Role, User
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.keyslots import OpenSlot
from fieldkit.vault.passphrases import Pin

RINA = User("rina", "Rina", Role.PETUGAS_PEREKAMAN)


def slot(pin: str) -> OpenSlot:
    return OpenSlot(RINA, b"k" * 32, SigningKey(b"certificate", b"private"), _pin=Pin.of(pin))


def refused(opened: OpenSlot, pin: str) -> tuple[str, object]:
    with pytest.raises(VaultError) as caught:
        opened.check_pin(pin)
    return caught.value.code, caught.value.problem.params.get("left")


def test_a_right_pin_gives_all_tries_back_and_five_wrong_ones_end_them() -> None:
    opened = slot("270845")
    assert opened.has_pin
    assert refused(opened, "270846") == ("vault.wrong_pin", 4)
    opened.check_pin("270845")
    assert [refused(opened, "270846")[1] for _ in range(5)] == [4, 3, 2, 1, None]
    assert refused(opened, "270845") == ("vault.pin_exhausted", None)


def test_without_a_pin_only_the_passphrase_helps() -> None:
    opened = slot("")
    assert not opened.has_pin
    assert refused(opened, "270845") == ("vault.pin_exhausted", None)


def test_what_is_shown_of_it_holds_no_key() -> None:
    assert "kkkk" not in repr(slot("270845"))
