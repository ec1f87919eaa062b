"""Registration numbers of applications and documents: they travel in messages, so none may be, or hold, a NIK."""

from __future__ import annotations

import re

from fieldkit.domain.errors import InputError

_LIMIT = 40
# Sixteen digits however they are grouped.
_LIKE_A_NIK = re.compile(r"(?:[0-9][ .\-/]?){15}[0-9]")
# The id of a record, whose groups hold that many digits in a row now and then.
_UUID = r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
_ID_OR_LIKE_A_NIK = re.compile(f"({_UUID})|{_LIKE_A_NIK.pattern}", re.IGNORECASE)


def read_registration(text: str) -> str:
    """Return a number as typed. Raise `InputError`: empty, unreadable, too long, or with 16 digits like a NIK."""
    number = " ".join(text.split())
    if not number:
        raise InputError("registration.empty").at("registration")
    if len(number) > _LIMIT or not (number.isascii() and number.isprintable()):
        raise InputError("registration.unreadable", limit=_LIMIT).at("registration")
    if _LIKE_A_NIK.search(number):
        raise InputError("registration.like_a_nik").at("registration")
    return number


def without_niks(text: str) -> str:
    """Return a text in which every number with 16 digits like a NIK is hidden; ids of records stay."""
    return _ID_OR_LIKE_A_NIK.sub(lambda found: found[1] or "••••", text)
