"""Rows that stand above a family: its No.KK and address hold for the people below (BIP of SIAK)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fieldkit.domain.targets.cells import cell_text, read_rt
from fieldkit.domain.targets.sheets import SheetRow

_LABELS: Mapping[str, str] = {
    "no_kk": r"n(?:o|omor)\.?\s*k\.?k\.?|n(?:o|omor)\.?\s*kartu\s+keluarga",
    "head": r"(?:nama\s+)?kepala\s+keluarga",
    "street": r"alamat",
    "hamlet": r"(?:nama\s+)?dusun(?:\s*/\s*lingkungan)?",
    "rt_rw": r"rt\.?\s*/\s*rw\.?",
    "rt": r"rt\.?",
    "rw": r"rw\.?",
    "village": r"(?:nama\s+)?(?:desa\s*/\s*kel(?:urahan)?|desa|kel(?:urahan)?)\.?",
    "other": r"kode\s*pos|(?:nama\s+)?kec(?:amatan)?\.?|jumlah\s+anggota(?:\s+keluarga)?",
}
_ANY = "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
_LABEL = re.compile(rf"\b(?:{_ANY})\s*:", re.IGNORECASE)
_BARE_RT_RW = re.compile(r"\brt\.?\s*/\s*rw\.?\s*(\d{1,3})\s*/\s*(\d{1,3})", re.IGNORECASE)
_ALONE = re.compile(_ANY, re.IGNORECASE)
_BEGINS = frozenset(("no_kk", "head", "street"))  # what a family row may begin with


@dataclass(frozen=True, slots=True)
class Family:
    """What the rows above a family say; all as text, "" where they say nothing."""

    no_kk: str = ""
    street: str = ""
    rt: str = ""
    rw: str = ""
    village: str = ""


NO_FAMILY = Family()


def read_family(row: SheetRow, before: Family) -> Family | None:
    """Return the family that a row tells of, None for any other row. A No.KK begins another family."""
    texts = list(filter(None, map(cell_text, row.cells)))
    if not texts or not _begins(texts[0]):
        return None
    told = _told(" ".join(text if _LABEL.search(text) or not _is_label(text) else f"{text} :" for text in texts))
    if "no_kk" in told:
        before = NO_FAMILY
    rt, _, rw = told.get("rt_rw", "").partition("/")
    found = {
        "no_kk": "".join(re.findall(r"\d", told.get("no_kk", ""))),
        "street": ", ".join(filter(None, (told.get("street", ""), told.get("hamlet", "")))),
        "rt": read_rt(told.get("rt", rt).strip()),
        "rw": read_rt(told.get("rw", rw).strip()),
        "village": told.get("village", ""),
    }
    return replace(before, **{name: text for name, text in found.items() if text})


def _begins(text: str) -> bool:
    found = _LABEL.match(text) or (_ALONE.fullmatch(text) if _is_label(text) else None)
    return found is not None and found.lastgroup in _BEGINS


def _is_label(text: str) -> bool:
    return _ALONE.fullmatch(text) is not None


def _told(text: str) -> dict[str, str]:
    """Return what follows each label up to the next one."""
    text = _BARE_RT_RW.sub(r"RT/RW : \1/\2", text)
    found = list(_LABEL.finditer(text))
    ends = [later.start() for later in found[1:]] + [len(text)]
    pairs = ((label.lastgroup or "", text[label.end() : end]) for label, end in zip(found, ends, strict=True))
    return {name: value.strip(" :,;") for name, value in pairs}
