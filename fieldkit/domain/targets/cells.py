"""What a cell of a list says: numbers that spreadsheets spoil, dates in many forms, words for a few choices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TypeVar

from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.nik import Sex
from fieldkit.domain.planning.outreach import ServiceCategory, TargetVerdict
from fieldkit.domain.targets.notes import LegalCategory
from fieldkit.domain.targets.sheets import Cell, CellError, Reason
from fieldkit.domain.typed import day_at_end

E = TypeVar("E", bound=Enum)

_EXACT = 2**53  # above it a double does not hold every whole number
_DIGITS = 16
_SERIALS = range(1, 60_000)  # Excel's day 1 is 1 January 1900; its 29 February 1900 never was
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$")
_SCIENTIFIC = re.compile(r"\d[.,]?\d*\s*[eE]\s*\+?\s*\d+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_BETWEEN_DIGITS = re.compile(r"[\s.\-]")
_RT = re.compile(r"['’]?(?:r[tw]\.?\s*)?0*(\d{1,3})", re.IGNORECASE)
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


def number_text(cell: Cell) -> str:
    """Return the digits of a NIK or No.KK as the file holds them.

    Raise `CellError` `lost_digits` when a spreadsheet has rounded them: it keeps 15 significant digits.
    """
    if isinstance(cell, (bool, date, datetime)):
        raise CellError(Reason.NO_NUMBER)
    if isinstance(cell, (int, float)):
        return _typed_number(cell)
    text = _UNSEEN.sub("", cell or "").strip().lstrip("'’‘`´").strip()
    if text.startswith("="):
        text = text[1:].strip('"')  # ="3505…" keeps Excel from making it a number
    if _SCIENTIFIC.fullmatch(text):
        raise CellError(Reason.LOST_DIGITS)
    return _BETWEEN_DIGITS.sub("", text)


def _typed_number(cell: float) -> str:
    if cell != cell or cell < 0 or cell == float("inf") or cell != int(cell):
        raise CellError(Reason.NO_NUMBER)
    digits = str(int(cell))
    if len(digits) >= _DIGITS and (int(cell) >= _EXACT or digits.endswith("0")):
        raise CellError(Reason.LOST_DIGITS)
    return digits


def is_typed_number(cell: Cell) -> bool:
    """Return whether the file holds a number where text belongs; its digits are to be compared with the KK."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def cell_text(cell: Cell) -> str:
    """Return a cell as people read it."""
    if isinstance(cell, (date, datetime)):
        return cell.strftime("%d-%m-%Y")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split()) if cell is not None else ""


def read_date(cell: Cell) -> date:
    """Return a date: a real one, a serial number, or text. Raise `CellError` `no_date`, `short_year`.

    The century is never guessed: lansia are older than two digits can tell.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == int(cell) and int(cell) in _SERIALS:
        return date(1899, 12, 30) + timedelta(days=int(cell))
    found = _date_in(cell if isinstance(cell, str) else "")
    if found is None:
        raise CellError(Reason.NO_DATE)
    return found[0]


def read_birth(cell: Cell) -> tuple[str, date]:
    """Return place and date out of "Blitar, 12 Mei 1950". Raise `CellError` as `read_date`."""
    if not isinstance(cell, str):
        return "", read_date(cell)
    found = _date_in(cell)
    if found is None:
        raise CellError(Reason.NO_DATE)
    return found[1], found[0]


def _date_in(text: str) -> tuple[date, str] | None:
    """Return the date at the end of a text and what stands before it."""
    found = day_at_end(_TIME.sub("", text.strip()))
    if found is None:
        return None
    (day, month, year), before = found
    if year < 100:
        raise CellError(Reason.SHORT_YEAR)
    try:
        return date(year, month, day), before.strip(" ,/-")
    except ValueError:
        return None


def read_sex(cell: Cell) -> Sex | None:
    """Return L or P; None for an empty cell. Raise `CellError` `no_sex`."""
    return _choice(cell, _SEX, Reason.NO_SEX)


def read_marital_status(cell: Cell) -> MaritalStatus | None:
    """Return the status; None for an empty cell. Raise `CellError` `no_marital_status`."""
    return _choice(cell, _MARITAL, Reason.NO_MARITAL_STATUS)


def read_verdict(cell: Cell) -> TargetVerdict | None:
    """Return what SIAK said; None for an empty cell. Raise `CellError` `no_verdict`."""
    return _choice(cell, _VERDICT, Reason.NO_VERDICT)


def read_category(cell: Cell) -> ServiceCategory | None:
    """Return the service category that the words name, None when they name none."""
    return _named(cell, _CATEGORY)


def read_legal(cell: Cell) -> LegalCategory | None:
    """Return the legal category that the words name, None when they name none."""
    return _named(cell, _LEGAL)


def read_degrees(cell: Cell, most: int) -> float | None:
    """Return a coordinate in degrees, None for an empty cell. Raise `CellError` `no_coordinate`."""
    text = cell_text(cell).replace(",", ".")
    if not text:
        return None
    try:
        degrees = float(text)
    except ValueError:
        raise CellError(Reason.NO_COORDINATE) from None
    if not -most <= degrees <= most:
        raise CellError(Reason.NO_COORDINATE)
    return degrees


def read_rt_rw(cell: Cell) -> tuple[str, str]:
    """Return RT and RW out of "03/01"; a spreadsheet may have made a day and a month of them, which are read so too."""
    numbers = re.findall(r"\d+", cell_text(cell))
    padded = [f"{int(number):03}" for number in numbers[:2]]
    return (padded[0] if padded else "", padded[1] if len(padded) > 1 else "")


def read_rt(cell: Cell) -> str:
    """Return an RT or RW with its three digits, or the words as they stand."""
    text = cell_text(cell)
    number = _RT.fullmatch(text)
    return f"{int(number[1]):03}" if number else text


def _words(cell: Cell) -> str:
    return _NOT_WORDS.sub(" ", cell_text(cell).lower()).strip()


def _choice(cell: Cell, choices: Mapping[str, E], reason: Reason) -> E | None:
    words = _words(cell)
    if not words:
        return None
    if words not in choices:
        raise CellError(reason)
    return choices[words]


def _named(cell: Cell, choices: Mapping[str, E]) -> E | None:
    words = f" {_words(cell)} "
    return next((choice for part, choice in choices.items() if f" {part}" in words), None)


_SEX: Mapping[str, Sex] = {
    **dict.fromkeys(("l", "lk", "lki", "laki", "laki laki", "pria", "1", "m", "male"), Sex.MALE),
    **dict.fromkeys(("p", "pr", "prp", "perempuan", "wanita", "2", "f", "female"), Sex.FEMALE),
}
_MARITAL: Mapping[str, MaritalStatus] = {
    **{str(status.value): status for status in MaritalStatus},
    **dict.fromkeys(("belum kawin", "bk", "belum menikah", "b kawin", "bm"), MaritalStatus.BELUM_KAWIN),
    **dict.fromkeys(("kawin", "k", "menikah", "kawin tercatat", "kawin belum tercatat"), MaritalStatus.KAWIN),
    **dict.fromkeys(("cerai hidup", "ch"), MaritalStatus.CERAI_HIDUP),
    **dict.fromkeys(("cerai mati", "cm", "janda", "duda"), MaritalStatus.CERAI_MATI),
}
_VERDICT: Mapping[str, TargetVerdict] = {
    **{verdict.value.replace("_", " "): verdict for verdict in TargetVerdict},
    **dict.fromkeys(
        ("ok", "valid", "sesuai", "aktif", "ada", "belum merekam", "belum rekam", "blm rkm ktp", "unregistered"),
        TargetVerdict.TERVERIFIKASI,
    ),
    **dict.fromkeys(("sudah rekam", "sudah perekaman", "sudah ktp", "sdh rkm ktp"), TargetVerdict.SUDAH_MEREKAM),
    **dict.fromkeys(("prr", "print ready record", "sent for card printing"), TargetVerdict.SUDAH_MEREKAM),
    **dict.fromkeys(("card printed", "card shipped", "card issued"), TargetVerdict.SUDAH_MEREKAM),
    **dict.fromkeys(
        ("nik tidak ditemukan", "nik tidak valid", "tidak ditemukan", "tidak dikenal", "nik salah"),
        TargetVerdict.NIK_BERMASALAH,
    ),
    **dict.fromkeys(("tidak sesuai", "nik ganda"), TargetVerdict.NIK_BERMASALAH),
    **dict.fromkeys(("mati", "almarhum", "wafat", "meninggal dunia"), TargetVerdict.MENINGGAL),
    **dict.fromkeys(("pindah keluar", "pindah domisili"), TargetVerdict.PINDAH),
}
# Beginnings of words; what is more particular stands first.
_CATEGORY: Mapping[str, ServiceCategory] = {
    **dict.fromkeys(("odgj", "gangguan jiwa", "gangguan mental", "sakit jiwa", "jiwa"), ServiceCategory.ODGJ),
    **dict.fromkeys(("disab", "difabel", "cacat", "tuna", "lumpuh", "buta", "tuli"), ServiceCategory.DISABILITAS),
    **dict.fromkeys(("lansia", "lanjut usia", "jompo", "manula"), ServiceCategory.LANSIA),
    **dict.fromkeys(("sakit", "stroke", "terbaring", "rawat"), ServiceCategory.SAKIT),
    **dict.fromkeys(("pemula", "pelajar", "usia 16", "usia 17", "16 tahun", "17 tahun"), ServiceCategory.PEMULA),
    "umum": ServiceCategory.UMUM,
}
_LEGAL: Mapping[str, LegalCategory] = {
    **dict.fromkeys(("bencana sosial", "konflik", "pengungsi"), LegalCategory.KORBAN_BENCANA_SOSIAL),
    **dict.fromkeys(("bencana", "banjir", "gempa"), LegalCategory.KORBAN_BENCANA_ALAM),
    "terlantar": LegalCategory.ORANG_TERLANTAR,
    **dict.fromkeys(("terpencil", "adat"), LegalCategory.KOMUNITAS_TERPENCIL),
}
