"""What an office of population administration prints for people here."""

from __future__ import annotations

from enum import StrEnum


class Document(StrEnum):
    """What was printed, or applied for."""

    KTP_EL = "ktp_el"
    KIA = "kia"
    KK = "kk"
