from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.tokens import Token

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.vault import age, identity_file
from fieldkit.vault.identity_file import Secret, close_by_passphrase, close_by_token, open_identities, read_identities

IDENTITY = age.generate_identity()
PLAIN = f"# public key: {IDENTITY.recipient}\n{IDENTITY.secret_text}\n".encode()


def kept(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "opener.identity"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def nobody(secret: Secret) -> str:
    raise AssertionError(secret)


def says(word: str, expected: Secret) -> Callable[[Secret], str]:
    def answer(secret: Secret) -> str:
        assert secret is expected
        return word

    return answer


def test_a_plain_file_asks_for_nothing(tmp_path: Path) -> None:
    assert read_identities(kept(tmp_path, PLAIN), nobody) == (IDENTITY,)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(InputError) as caught:
        read_identities(kept(tmp_path, PLAIN, mode), nobody)
    assert caught.value.code == "vault.identity_readable"


def test_a_file_that_is_not_there_or_no_identity_is_named(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "nothing", "vault.identity_absent"),
        (tmp_path, "vault.identity_absent"),
        (kept(tmp_path, b"hello"), "vault.age_identity"),
    ):
        path.chmod(0o700 if path.is_dir() else 0o600) if path.exists() else None
        with pytest.raises(InputError) as caught:
            read_identities(path, nobody)
        assert caught.value.code == code


@pytest.mark.timeout(60)
def test_a_link_to_a_mounted_secret_is_read_and_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(kept(tmp_path, PLAIN))
    assert read_identities(tmp_path / "link", nobody) == open_identities(tmp_path / "link") == (IDENTITY,)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(InputError) as caught:
        read_identities(tmp_path / "pipe", nobody)
    assert caught.value.code == "vault.identity_absent"
    with pytest.raises(OSError, match="not supported"):
        open_identities(tmp_path / "pipe")


def test_a_passphrase_opens_and_another_does_not(tmp_path: Path) -> None:
    path = kept(tmp_path, close_by_passphrase(PLAIN, "beras merah pagi", log_n=4))
    assert IDENTITY.secret_text.encode() not in path.read_bytes()
    assert read_identities(path, says("beras merah pagi", Secret.PASSPHRASE)) == (IDENTITY,)
    with pytest.raises(InputError) as caught:
        read_identities(path, says("beras merah sore", Secret.PASSPHRASE))
    assert caught.value.code == "vault.identity_passphrase"


def test_a_guess_costs_what_age_itself_asks() -> None:
    assert identity_file._LOG_N == 18


def test_what_was_sealed_for_a_recipient_is_no_identity_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_identities(kept(tmp_path, age.encrypt(PLAIN, [IDENTITY.recipient])), nobody)
    assert caught.value.code == "vault.age_identity"


def test_only_identities_are_closed(token: Token) -> None:
    for close in (
        lambda: close_by_passphrase(b"hello", "x", log_n=4),
        lambda: close_by_token(b"hello", token.key, token.pin),
    ):
        with pytest.raises(InputError) as caught:
            close()
        assert caught.value.code == "vault.age_identity"


def test_a_token_opens_what_it_closed(tmp_path: Path, token: Token) -> None:
    path = kept(tmp_path, close_by_token(PLAIN, token.key, token.pin))
    assert IDENTITY.secret_text.encode() not in path.read_bytes()
    assert read_identities(path, says(token.pin, Secret.PIN)) == (IDENTITY,)
    with pytest.raises(VaultError) as caught:
        read_identities(path, says("999999", Secret.PIN))
    assert caught.value.code == "vault.token_pin"


def test_what_is_locked_is_named_where_nobody_can_be_asked(tmp_path: Path, token: Token) -> None:
    assert open_identities(kept(tmp_path, PLAIN)) == (IDENTITY,)
    for locked in (close_by_passphrase(PLAIN, "x", log_n=4), close_by_token(PLAIN, token.key, token.pin)):
        with pytest.raises(InputError) as caught:
            open_identities(kept(tmp_path, locked))
        assert caught.value.code == "vault.identity_locked"


@pytest.mark.parametrize("harm", [lambda text: text[:-6] + b"AAAA\n\n", lambda text: text.replace(b"pkcs11:", b"x:")])
def test_a_damaged_file_of_a_token_is_no_identity_file(
    tmp_path: Path, token: Token, harm: Callable[[bytes], bytes]
) -> None:
    path = kept(tmp_path, harm(close_by_token(PLAIN, token.key, token.pin)))
    with pytest.raises(InputError) as caught:
        read_identities(path, says(token.pin, Secret.PIN))
    assert caught.value.code == "vault.age_identity"
