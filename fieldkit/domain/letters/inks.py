"""Who signs a paper by hand on the pad, and at which place of it: not who signs for the dinas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldkit.domain.letters.letter import LetterKind

INKS = "inks"  # beside the fields that a letter prints: attachment of the ink by place
_PERSONS = ("first", "second", "lead", "keeper", "receiver")
_NAMES: Mapping[LetterKind, tuple[tuple[str, str], ...]] = {
    LetterKind.F_1_01: (("person", "head"), ("officer", "officer")),
    LetterKind.F_1_02: (("person", "name"), ("officer", "officer")),
    LetterKind.F_1_04: (("person", "name"), ("officer", "officer")),
    LetterKind.F_1_06: (("person", "name"), ("officer", "officer")),
    LetterKind.SPTJM: (("person", "name"),),
    LetterKind.TANDA_TERIMA_SURAT: (("receiver", "receiver"), ("officer", "officer")),
}
_BY_MARK: Mapping[LetterKind, str] = {  # whose signature came with the act that the paper tells
    LetterKind.BA_SERAH_TERIMA: "second",
    LetterKind.BA_SARPRAS: "keeper",
    LetterKind.BA_PENGEMBALIAN: "keeper",
}


def signers_of(kind: LetterKind, fields: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the names of those who may sign, by the place where their ink stands; nobody without a name."""
    found = {place: str(fields.get(name, "")) for place, name in _NAMES.get(kind, ())}
    found |= {name: who["name"] for name in _PERSONS if isinstance(who := fields.get(name), dict)}
    witnesses = [each["name"] if isinstance(each, dict) else each for each in fields.get("witnesses", ())]
    if kind is LetterKind.BA_PENGECUALIAN:
        marks = fields.get("exceptions", ())
        witnesses = list(dict.fromkeys(mark["witness"] for mark in marks))
        present = dict.fromkeys((*fields.get("attendants", ()), *(name for m in marks for name in m["attendants"])))
        found |= {f"attendant{at}": name for at, name in enumerate(present, 1)}
    found |= {f"witness{at}": name for at, name in enumerate(witnesses, 1)}
    found |= {f"visum{at}": row["name"] for at, row in enumerate(fields.get("visum", ()), 1)}
    drawn_before = _BY_MARK.get(kind, "") if fields.get("mark") else ""
    return {place: name for place, name in found.items() if name and place != drawn_before}
