from __future__ import annotations

from dataclasses import replace

import pytest
from support.tokens import Token

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.vault.token import TokenKey


def refused(key: TokenKey, pin: str) -> str:
    with pytest.raises(VaultError) as caught:
        key.open(bytes(40), pin)
    return caught.value.code


def test_an_address_is_read_as_it_is_written() -> None:
    key = TokenKey("pusat data", "kunci;1", "/usr/lib/softhsm/libsofthsm2.so")
    text = "pkcs11:token=pusat%20data;object=kunci%3B1?module-path=/usr/lib/softhsm/libsofthsm2.so"
    assert TokenKey.parse(text) == key
    assert TokenKey.parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "pkcs11:", "pkcs11:token=a;object=b", "token=a;object=b?module-path=c"])
def test_an_address_that_names_too_little_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        TokenKey.parse(text)
    assert caught.value.code == "vault.token_address"


def test_the_key_is_made_once_stays_inside_and_opens_what_it_closed(token: Token) -> None:
    import pkcs11

    token.key.make(token.pin)
    closed = token.key.close(b"rahasia", token.pin)
    token.key.make(token.pin)
    assert token.key.open(closed, token.pin) == b"rahasia"
    assert b"rahasia" not in closed
    with pkcs11.lib(token.key.module).get_token(token_label=token.key.token).open(user_pin=token.pin) as session:
        key = session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, label=token.key.key)
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            key[pkcs11.Attribute.VALUE]


def test_what_was_changed_is_refused(token: Token) -> None:
    token.key.make(token.pin)
    closed = bytearray(token.key.close(b"rahasia", token.pin))
    closed[-1] ^= 1
    with pytest.raises(VaultError) as caught:
        token.key.open(bytes(closed), token.pin)
    assert caught.value.code == "vault.token_refuses"


def test_each_thing_that_is_missing_or_wrong_has_its_own_name(token: Token) -> None:
    key = token.key
    assert refused(key, token.pin) == "vault.token_key"
    assert refused(key, "000000") == "vault.token_pin"
    assert refused(key, "1") == "vault.token_pin"
    assert refused(key, "") == "vault.token_pin"
    assert refused(replace(key, token="tidak ada"), token.pin) == "vault.token_absent"
    assert refused(replace(key, module="/nowhere/lib.so"), token.pin) == "vault.token_module"
