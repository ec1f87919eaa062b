from __future__ import annotations

import json

import pytest

from fieldkit.domain.errors import VaultError
from fieldkit.vault import locked_file
from fieldkit.vault.passphrases import Hardness

SOFT = Hardness(64, 1, 1)
LOCKED = locked_file.lock(b"keys", "kopi pagi di balai", "enrolment", SOFT)


def test_the_passphrase_opens_it() -> None:
    assert locked_file.unlock(LOCKED, "kopi pagi di balai", "enrolment") == b"keys"
    assert b"keys" not in LOCKED


@pytest.mark.parametrize(
    ("content", "passphrase", "purpose"),
    [
        (LOCKED, "kopi sore di balai", "enrolment"),
        (LOCKED, "kopi pagi di balai", "recovery"),
        (LOCKED[:-9], "kopi pagi di balai", "enrolment"),
        (b"", "kopi pagi di balai", "enrolment"),
        (b"[]", "kopi pagi di balai", "enrolment"),
        (json.dumps({**json.loads(LOCKED), "argon2id": [1 << 30, 3, 4, "AAAA"]}).encode(), "kopi", "enrolment"),
    ],
    ids=["passphrase", "purpose", "cut", "empty", "list", "costs"],
)
def test_nothing_else_does(content: bytes, passphrase: str, purpose: str) -> None:
    with pytest.raises(VaultError, match=r"vault\.not_opened"):
        locked_file.unlock(content, passphrase, purpose)


def test_costs_that_nobody_writes_are_not_paid() -> None:
    with pytest.raises(VaultError, match=r"vault\.not_opened"):
        locked_file.unlock(locked_file.lock(b"keys", "kopi", "enrolment", Hardness(256, 1, 32)), "kopi", "enrolment")


@pytest.mark.parametrize(
    ("costs", "is_tried"),
    [((2**20, 64, 16), True), ((2**20 + 1, 1, 1), False), ((64, 65, 1), False), ((64, 1, 17), False)],
)
def test_absurd_costs_are_refused_before_they_are_paid(
    monkeypatch: pytest.MonkeyPatch, costs: tuple[int, int, int], is_tried: bool
) -> None:
    tried: list[str] = []

    def cipher_of(passphrase: str, kdf: object) -> object:
        tried.append(passphrase)
        raise ValueError

    monkeypatch.setattr(locked_file, "cipher_of", cipher_of)
    content = json.dumps({"argon2id": [*costs, "c2FsdA=="], "sealed": "AAAA"}).encode()
    with pytest.raises(VaultError, match=r"vault\.not_opened"):
        locked_file.unlock(content, "kopi", "x")
    assert tried == ["kopi"][:is_tried]
