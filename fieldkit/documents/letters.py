"""Letters: data → Typst template in `assets/letters` → PDF/A-2b, offline and byte for byte the same."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

from fieldkit.documents.receipts import qr_content, write_receipt
from fieldkit.documents.spoken import spoken
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.fields import FIELDS
from fieldkit.domain.letters.forms import check
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.ports.receipts import Receipt

PREVIEW_PPI = 110
PRINT_PPI = 220

_SEALED = ("record_id", "sha256", "sealed_at")
_RESIDENT = ("dinas", "name", "nik", "place", "activity", "surat_tugas", "recorded", "exceptions", "attendants")

# What each letter needs; `sealed_at` or `made_at` (local ISO time with its offset) dates the paper.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "bukti_perekaman": (*_RESIDENT, "card_from", *_SEALED),
    "berita_acara_pengecualian": (*_RESIDENT, *_SEALED),
    "ba_pengiriman": ("dinas", "made_at", "sealed", "received", "missing", "attendants", "records"),
    "laporan_periode": ("dinas", "made_at", "title", "about", "mark", "headlines", "sections"),  # never numbered
    # Letters of the office have these besides their own fields (`fieldkit.domain.letters.fields`).
    **{kind.value: ("dinas", "letter_id", "title", "provisional", "number", "digest", "made_at") for kind in FIELDS},
}


class TypstLetters:
    """The port `Documents`. A compiler is kept warm (3 ms a letter instead of 10); threads take turns."""

    def __init__(self, assets: Path | None = None) -> None:
        root = assets or Path(str(files("assets")))
        self._letters = root / "letters"
        self._compiler, self._turn = _compiler(root)

    def render(self, letter: str, fields: Mapping[str, object]) -> bytes:
        """Return a PDF/A-2b. Raise `InputError("letter.…")` when a field is missing or the letter is unknown."""
        pages = self._compile(letter, fields, "pdf")
        return pages[0]

    def preview(self, letter: str, fields: Mapping[str, object]) -> Sequence[bytes]:
        """Return the pages as PNG, for the screen."""
        return self._compile(letter, fields, "png")

    def sheets(self, letter: str, fields: Mapping[str, object]) -> Sequence[bytes]:
        """Return the pages as PNG, fine enough for a printer."""
        return self._compile(letter, fields, "png", PRINT_PPI)

    def receipt(self, letter: str, fields: Mapping[str, object]) -> Receipt:
        """Return the short form for a receipt printer. Raise `InputError` likewise."""
        _check(letter, fields)
        return write_receipt(self._letters / f"{letter}.struk.txt", fields)

    def wording(self, letter: str) -> Mapping[str, Any]:
        """Return what a letter proposes to say, from `wording.toml`."""
        said: Mapping[str, Any] = self._wording.get(letter, {})
        return said

    @cached_property
    def _wording(self) -> dict[str, Any]:
        return tomllib.loads((self._letters / "wording.toml").read_text("utf-8"))

    def _compile(
        self, letter: str, fields: Mapping[str, object], form: Literal["pdf", "png"], ppi: int = PREVIEW_PPI
    ) -> list[bytes]:
        made_at = _check(letter, fields)
        stated = {**fields, "spoken": spoken(LetterKind(letter), fields)} if letter in FIELDS else fields
        with self._turn:
            pages = self._compiler.compile(
                str(self._letters / f"{letter}.typ"),
                format=form,
                ppi=ppi,
                sys_inputs={"fields": json.dumps(stated, ensure_ascii=False), "qr": _qr(fields)},
                pdf_standards="a-2b" if form == "pdf" else None,
                timestamp=int(made_at.timestamp()),
            )
        return [page for page in (pages if isinstance(pages, list) else [pages]) if page is not None]


@cache
def _compiler(root: Path) -> tuple[typst.Compiler, Lock]:
    """Return the one compiler of these assets, and the turn that its users take: each would read all fonts anew."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(root / "fonts")])
    return typst.Compiler(root=str(root / "letters"), font_paths=fonts), Lock()


def _check(letter: str, fields: Mapping[str, object]) -> datetime:
    """Return when the paper is made. Raise `InputError`."""
    if letter not in REQUIRED:
        raise InputError("letter.unknown", letter=letter)
    for name in REQUIRED[letter]:
        if name not in fields:
            raise InputError("letter.field_missing", letter=letter, field=name)
    if letter in FIELDS:
        kind = LetterKind(letter)
        check(kind, fields, FIELDS[kind])
    name = next(name for name in ("sealed_at", "made_at") if name in REQUIRED[letter])
    try:
        made_at = datetime.fromisoformat(str(fields[name]))
    except ValueError as wrong:
        raise InputError("letter.field_wrong", letter=letter, field=name) from wrong
    if made_at.tzinfo is None:  # the paper states WIB, WITA or WIT
        raise InputError("letter.field_wrong", letter=letter, field=name)
    return made_at


def _qr(fields: Mapping[str, object]) -> str:
    """Return the QR code as SVG: id of record or letter, and the digest."""
    if "record_id" in fields:
        content = qr_content(fields)
    elif "letter_id" in fields:
        content = letter_qr(str(fields["letter_id"]), str(fields["digest"]))
    else:
        return ""
    return _drawn(content)


@lru_cache(maxsize=16)
def _drawn(content: str) -> str:
    """Draw a QR code: 1.5 ms, once for all pictures and papers of the same data."""
    out = BytesIO()
    # Readers take any mask; trying all eight takes longer than the whole letter.
    code = segno.make(content, error="m", micro=False, mask=2)
    code.save(out, kind="svg", border=0, dark="#0B1B2B", xmldecl=False)
    return out.getvalue().decode()


def letter_qr(letter_id: str, digest: str) -> str:
    """Return what the QR code of a letter says: its id and the digest of its data."""
    return f"FKL1:{letter_id}:{digest}".upper()
