"""What a letter says in words that its data has as numbers and days: derived here, so that both always agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from fieldkit.domain.letters.fields import fields_of
from fieldkit.domain.letters.forms import Form
from fieldkit.domain.letters.letter import LetterKind, counted, day_words, number_words, rupiah, rupiah_words
from fieldkit.domain.letters.requirements import REQUEST_BOXES, AttachmentBox


def spoken(kind: LetterKind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return words by the name of their field: days, counts, and the sums of tables."""
    said: dict[str, Any] = {}
    for field in fields_of(kind):
        value = fields[field.name]
        if field.form is Form.DAY and value:
            said[field.name] = day_words(date.fromisoformat(value))
        elif field.form is Form.COUNT:
            said[field.name] = counted(value)
    match kind:
        case LetterKind.SPJ:
            said |= _expenses(fields["expenses"])
        case LetterKind.SPPD if fields["leaves"] and fields["returns"]:
            span = date.fromisoformat(fields["returns"]) - date.fromisoformat(fields["leaves"])
            said["span"] = counted(max(span.days, 0) + 1)
        case LetterKind.F_1_02:
            said["requests"] = {name: [asdict(box) for box in boxes] for name, boxes in REQUEST_BOXES.items()}
            said["circles"] = list(AttachmentBox)
        case LetterKind.BA_SERAH_TERIMA:
            said["cards"] = counted(len(fields["cards"]))
        case LetterKind.REKAPITULASI:
            said["printed"] = counted(sum(row["count"] for row in fields["printed"]))
        case LetterKind.DAFTAR_CETAK:
            said |= {name: counted(len(fields[name])) for name in ("ready", "later")}
        case LetterKind.BA_PEMUSNAHAN:
            said |= {name: counted(sum(row["count"] for row in fields[name])) for name in ("spoilt", "withdrawn")}
        case LetterKind.DAFTAR_SASARAN:
            said["targets"] = counted(len(fields["targets"]))
    return said


def _expenses(rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    amounts = [row["count"] * row["price"] for row in rows]
    return {
        "prices": [rupiah(row["price"]) for row in rows],
        "amounts": [rupiah(amount) for amount in amounts],
        "total": rupiah(sum(amounts)),
        "total_words": rupiah_words(sum(amounts)).capitalize(),
        "lines": number_words(len(rows)),
    }
