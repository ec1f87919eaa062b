from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.vault import bech32


@given(st.binary(max_size=200))
def test_what_is_encoded_is_decoded(content: bytes) -> None:
    assert bech32.decode(bech32.encode("age1pq", content)) == ("age1pq", content)
    assert bech32.decode(bech32.encode("age1pq", content).upper()) == ("age1pq", content)


def test_vector_of_bip_173() -> None:
    assert (
        bech32.decode("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw")[1].hex()
        == "00443214c74254b635cf84653a56d7c675be77df"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "nopartsatall",
        "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxx",  # checksum
        "Abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",  # mixed case
        "abcdef1bpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",  # b is not in the alphabet
        "1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
        "abc1de",
    ],
)
def test_refuses_what_is_not_bech32(text: str) -> None:
    with pytest.raises(ValueError, match=r"case|prefix|alphabet|checksum"):
        bech32.decode(text)


def test_refuses_padding_that_is_not_zero() -> None:
    words = bech32._regroup(b"\xff", 8, 5, pad=True)
    assert bech32._regroup(words, 5, 8, pad=False) == [0xFF]
    words[-1] |= 1
    with pytest.raises(ValueError, match="padding"):
        bech32._regroup(words, 5, 8, pad=False)


@pytest.mark.parametrize("prefix", ["kunci\x7f", "kuncí"])
def test_refuses_a_prefix_that_cannot_be_typed(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        bech32.decode(bech32.encode(prefix, b"x"))
