"""Slips for a receipt printer: plain lines with fields. `^` centres a line, `*` makes it strong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from fieldkit.ports.receipts import Receipt, ReceiptLine


def write_receipt(template: Path, fields: Mapping[str, object]) -> Receipt:
    """Fill a template with the fields of the proof slip, which are checked already."""
    at = datetime.fromisoformat(str(fields["sealed_at"]))
    dinas, recorded = fields["dinas"], fields["recorded"]
    assert isinstance(dinas, Mapping)
    assert isinstance(recorded, Iterable)
    kept = set(recorded)
    words = {
        **fields,
        "dinas": dinas.get("dinas", ""),
        "day": f"{at:%d-%m-%Y}",
        "clock": f"{at:%H.%M}",
        "fingers": len(kept.intersection(FINGERS)),
        "irises": len(kept.intersection(EYES)),
        "portraits": len(kept & {Position.PORTRAIT}),
        "signatures": len(kept & {Position.SIGNATURE}),
    }
    lines = tuple(_line(line, words) for line in template.read_text("utf-8").splitlines())
    return Receipt(lines, qr_content(fields))


def qr_content(fields: Mapping[str, object]) -> str:
    """Return record id and digest; capitals keep the code in the small alphanumeric mode."""
    return f"FK1:{fields['record_id']}:{fields['sha256']}".upper()


def _line(template: str, words: Mapping[str, object]) -> ReceiptLine:
    marks = template[: len(template) - len(template.lstrip("^*"))]
    # The marks are those of the template: a name that begins with one is only a name.
    return ReceiptLine(template[len(marks) :].format_map(words), "*" in marks, "^" in marks)
