"""What stands on every letter of a dinas: its letterhead (kop), who signs, and how its numbers are built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import ClassVar

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.terbilang import ROMAN_MONTHS

THE_LETTERHEAD = "letterhead"
PLACEHOLDERS = frozenset({"nomor", "kode", "bulan", "bulan_romawi", "tahun"})

_K = LetterKind
# A beginning that each dinas edits: the classification of Permendagri 83/2022 throughout.
PATTERNS: Mapping[LetterKind, str] = {
    _K.JADWAL: "400.12/{nomor}/{kode}/{tahun}",
    _K.SURAT_TUGAS: "800.1.11.1/{nomor}/{kode}/{tahun}",
    _K.SURAT_BALASAN: "400.12/{nomor}/{kode}/{tahun}",
    _K.SURAT_PEMBERITAHUAN: "400.12/{nomor}/{kode}/{tahun}",
    _K.NOTULEN: "000.1.5/{nomor}/{kode}/{tahun}",
    _K.SPPD: "000.1.2.3/{nomor}/{kode}/{tahun}",
    _K.SPJ: "900.1/{nomor}/{kode}/{tahun}",
    _K.BA_PENGECUALIAN: "{nomor}/BA/{kode}/{bulan_romawi}/{tahun}",
    _K.BA_PENGIRIMAN: "{nomor}/BA/{kode}/{bulan_romawi}/{tahun}",
    _K.BA_SERAH_TERIMA: "{nomor}/BA/{kode}/{bulan_romawi}/{tahun}",
    _K.BA_SARPRAS: "{nomor}/BA/{kode}/{bulan_romawi}/{tahun}",
    _K.BA_PENGEMBALIAN: "{nomor}/BA/{kode}/{bulan_romawi}/{tahun}",
    _K.JADWAL_DISTRIBUSI: "400.12/{nomor}/{kode}/{tahun}",
    _K.LAPORAN_KEGIATAN: "400.12/{nomor}/{kode}/{tahun}",
    _K.REKAPITULASI: "400.12/{nomor}/{kode}/{tahun}",
}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """One per dinas. `patterns` has the number patterns that differ from `PATTERNS`, by letter."""

    KIND: ClassVar[str] = "letterhead"

    dinas: str
    regency: str = ""
    address: str = ""
    contact: str = ""
    city: str = ""  # where letters are dated
    code: str = ""  # of the office within a number
    head: str = ""  # thing_id of the Staff who signs
    logo: str = ""  # attachment_id of a PNG or JPEG
    patterns: Mapping[str, str] = field(default_factory=dict)
    thing_id: str = THE_LETTERHEAD
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Name and regency."""
        return f"{self.dinas} {self.regency}"

    def pattern(self, kind: LetterKind) -> str:
        """Return the number pattern of a letter, "" when it has none."""
        return self.patterns.get(kind.value, PATTERNS.get(kind, ""))

    def number(self, kind: LetterKind, typed: str, day: date) -> str:
        """Return the official number: as typed, or the pattern around the running number that was typed.

        Raise `InputError("letter.code_missing")` when the pattern wants the code of the office and there is none.
        """
        typed, pattern = typed.strip(), self.pattern(kind)
        if not pattern or not (typed.isascii() and typed.isdigit()):
            return typed
        if "{kode}" in pattern and not self.code:
            raise InputError("letter.code_missing", pattern=pattern)
        return pattern.format(
            nomor=typed,
            kode=self.code,
            bulan=f"{day.month:02}",
            bulan_romawi=ROMAN_MONTHS[day.month - 1],
            tahun=day.year,
        )


def check_pattern(pattern: str) -> None:
    """Raise `InputError("letter.pattern_wrong")` unless a number can be built by the pattern."""
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError:
        parts = [("", "", "", None)]
    names = [name for _, name, _, _ in parts if name is not None]
    plain = all(not spec and not conversion for _, _, spec, conversion in parts)
    if "nomor" not in names or not PLACEHOLDERS.issuperset(names) or not plain:
        raise InputError("letter.pattern_wrong", pattern=pattern).at("pattern")
