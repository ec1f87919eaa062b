"""Text of strangers as it may be shown: a name on a stick can hold what moves a cursor or turns a line around."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

# Control, format (bidi overrides, zero width), half a surrogate pair, and what breaks a line (UAX #9, UTR #36).
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MAY_BREAK = "\u200b"  # where our own long words may go on in the next line; it moves nothing else


def by_number(letter: str) -> str:
    """Return one letter by its number."""
    number = ord(letter)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def shown(text: str, written: Callable[[str], str] = by_number) -> str:
    r"""Return a text with each letter that is not seen, or changes what is seen, `written`: `\x1b`, `\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        written(letter) if unicodedata.category(letter) in _HIDDEN and letter != _MAY_BREAK else letter
        for letter in text
    )
