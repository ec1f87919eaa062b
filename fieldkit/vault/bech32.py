"""Bech32 (BIP 173) without its length limit, as age uses it for keys."""

from __future__ import annotations

from functools import reduce
from operator import xor

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
# What each five bits that leave the checksum put back into it; the key of a hybrid identity has two thousand letters.
_BACK = [reduce(xor, (term for bit, term in enumerate(_GENERATOR) if top >> bit & 1), 0) for top in range(32)]


def encode(prefix: str, content: bytes) -> str:
    """Return lower-case Bech32 of the bytes."""
    words = _regroup(content, 8, 5, pad=True)
    checksum = _polymod([*_expanded(prefix), *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [checksum >> shift & 31 for shift in (25, 20, 15, 10, 5, 0)]
    return prefix + "1" + "".join(_ALPHABET[word] for word in words)


def decode(text: str) -> tuple[str, bytes]:
    """Return the prefix in lower case and the bytes. Raise `ValueError` when it is not Bech32."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("mixed case")
    prefix, one, body = text.lower().rpartition("1")
    if not one or not prefix or not prefix.isascii() or not prefix.isprintable():
        raise ValueError("no prefix")
    if len(body) < 6 or not set(body) <= _VALUES.keys():
        raise ValueError("not the Bech32 alphabet")
    words = [_VALUES[letter] for letter in body]
    if _polymod([*_expanded(prefix), *words]) != 1:
        raise ValueError("wrong checksum")
    return prefix, bytes(_regroup(words[:-6], 5, 8, pad=False))


def _expanded(prefix: str) -> list[int]:
    codes = prefix.encode()
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(words: list[int]) -> int:
    state = 1
    for word in words:
        state = (state & 0x1FFFFFF) << 5 ^ word ^ _BACK[state >> 25]
    return state


def _regroup(words: bytes | list[int], width: int, into: int, *, pad: bool) -> list[int]:
    held = bits = 0
    regrouped: list[int] = []
    for word in words:
        held = held << width | word
        bits += width
        while bits >= into:
            bits -= into
            regrouped.append(held >> bits)
            held &= (1 << bits) - 1
    if pad and bits:
        regrouped.append(held << (into - bits))
    elif not pad and (bits >= width or held):
        raise ValueError("padding is not zero")
    return regrouped
