"""What an office of population administration prints for people here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Document(StrEnum):
    """What was printed, or applied for."""

    KTP_EL = "ktp_el"
    KIA = "kia"
    KK = "kk"


SHORT_NAMES: Mapping[Document, str] = {Document.KTP_EL: "KTP-el", Document.KIA: "KIA", Document.KK: "KK"}
DOCUMENT_NAMES: Mapping[Document, str] = {**SHORT_NAMES, Document.KK: "Kartu Keluarga (KK)"}
