"""Letters: data → Typst template in `assets/letters` → PDF/A-2b, offline and byte for byte the same."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

from assets import FOLDER
from fieldkit.documents.spoken import spoken
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.fields import FIELDS
from fieldkit.domain.letters.forms import check
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Slip
from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from fieldkit.ports.delivery import Receipt, ReceiptLine
from fieldkit.ports.documents import PaperSheet

# Slips for a receipt printer: plain lines with fields. `^` centres a line, `*` makes it strong.


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


# Sheets that the office keeps and that are no letters: the recovery sheet, spare codes, slips of enrolment.

_PRINT_PPI = 200


class TypstSheets:
    """Implements `Sheets`."""

    def __init__(self, assets: Path = FOLDER) -> None:
        self._assets = assets

    def recovery(self, facts: Mapping[str, str]) -> PaperSheet:
        """Return the sheet with its code: `kit`, `dinas`, `user`, `name`, `at`, `code`."""
        return self._rendered("recovery_sheet", facts)

    def spare_codes(self, facts: Mapping[str, str], codes: Sequence[str]) -> PaperSheet:
        """Return the spare codes of a second factor: `kit`, `dinas`, `user`, `name`, `at`, and the codes."""
        return self._rendered("spare_codes", {**facts, "codes": list(codes)})

    def qr(self, line: str) -> bytes:
        """Return a PNG, large enough for the camera of a phone."""
        made = BytesIO()
        segno.make(line, error="m", micro=False).save(made, kind="png", scale=8, border=4)
        return made.getvalue()

    def slips(self, dinas: str, slips: Sequence[Slip], until: datetime) -> PaperSheet:
        """Return the slips, six on a page; `until` is when their codes end, in the time of the dinas."""
        each = [
            {
                "kit": slip.kit,
                "admin": slip.admin,
                "url": slip.url,
                "code": slip.code,
                "fingerprint": slip.ca_fingerprint,
                "until": f"{until:%d-%m-%Y %H.%M}",
                "qr": _sheet_qr(slip.line),
            }
            for slip in slips
        ]
        return self._rendered("enrolment_slips", {"dinas": dinas, "slips": each})

    def _rendered(self, name: str, fields: Mapping[str, object]) -> PaperSheet:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(self._assets / "fonts")]
        )
        compiler = typst.Compiler(root=str(self._assets / "sheets"), font_paths=fonts)
        file, inputs = str(self._assets / "sheets" / f"{name}.typ"), {"fields": json.dumps(fields, ensure_ascii=False)}
        pdf = compiler.compile(file, format="pdf", sys_inputs=inputs)
        pages = compiler.compile(file, format="png", ppi=_PRINT_PPI, sys_inputs=inputs)
        assert isinstance(pdf, bytes)
        return PaperSheet(
            pdf, tuple(page for page in (pages if isinstance(pages, list) else [pages]) if page is not None)
        )


def _sheet_qr(line: str) -> str:
    out = BytesIO()
    segno.make(line, error="m", micro=False).save(
        out, kind="svg", border=1, dark="#000000", light="#FFFFFF", xmldecl=False
    )
    return out.getvalue().decode()
