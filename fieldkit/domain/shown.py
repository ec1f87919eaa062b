"""Text of strangers as it may be shown: a name on a stick can hold what moves a cursor or turns a line around."""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides, zero width), half a surrogate pair, and what breaks a line (UAX #9, UTR #36).
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def shown(text: str) -> str:
    r"""Return a text with everything that is not seen, or that changes what is seen, as `\x1b` or `\u202e`."""
    if text.isprintable():
        return text
    return "".join(escaped(letter) if unicodedata.category(letter) in _HIDDEN else letter for letter in text)


def escaped(letter: str) -> str:
    """Return one letter by its number."""
    number = ord(letter)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
