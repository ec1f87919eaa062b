"""Which column of a list means what: guessed from its words and, where they may mean several things, its values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TypeVar

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import MaritalStatus, Sex
from fieldkit.domain.planning.outreach import ServiceCategory, TargetVerdict
from fieldkit.domain.targets.requests import LegalCategory
from fieldkit.domain.targets.sheets import Cell, CellError, Field, Layout, Reason, Sheet, SheetRow
from fieldkit.domain.typed import day_at_end

# What a cell of a list says: numbers that spreadsheets spoil, dates in many forms, words for a few choices.

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


REQUIRED = (Field.NIK, Field.NAME)
_LOOKED_AT = 40  # rows in which the header is looked for
_AT_LEAST = 2  # columns that a header must be known by

# Words as desa, kecamatan and SIAK write them, without signs and in small letters. Of several columns that may mean
# the same, the one whose words stand first here is taken.
_WORDS: Mapping[Field, tuple[str, ...]] = {
    Field.TARGET_ID: ("id sasaran", "target id", "id fieldkit"),
    Field.NO_KK: ("no kk", "nomor kk", "nokk", "kk", "nomor kartu keluarga", "no kartu keluarga", "nkk"),
    Field.NIK: ("nik", "no nik", "nomor nik", "nomor induk kependudukan", "no induk kependudukan", "no ktp"),
    Field.NAME: ("nama lengkap", "nama lgkp", "nama", "nama warga", "nama penduduk", "nama sasaran", "name"),
    Field.SEX: (
        *("jenis kelamin", "jenis klmin", "jenis klm", "jns klmin", "jk", "l p", "kelamin", "jenkel", "lk pr"),
        *("sex", "gender"),
    ),
    Field.BIRTH: (*("tempat tanggal lahir", "tempat tgl lahir", "tempat dan tanggal lahir", "tmpt tgl lahir", "ttl"),),
    Field.BIRTH_DATE: (
        *("tanggal lahir", "tgl lahir", "tgl lhr", "tanggal lhr", "lahir tanggal", "tgl bln th", "tgl bln thn"),
        "birth date",
    ),
    Field.BIRTH_PLACE: ("tempat lahir", "tmpt lahir", "tmpt lhr", "tpt lahir", "lahir tempat", "tempat", "birth place"),
    Field.MOTHER_NAME: ("nama ibu", "nama ibu kandung", "ibu kandung", "nama lgkp ibu", "ibu", "mother name"),
    Field.RT_RW: ("rt rw", "alamat rt rw"),
    Field.RT: ("rt", "no rt", "alamat rt"),
    Field.RW: ("rw", "no rw", "alamat rw"),
    Field.VILLAGE: (
        *("desa", "kelurahan", "desa kelurahan", "desa kel", "kel desa", "nama desa", "nama kel", "kel name", "kel"),
        *("alamat desa", "village"),
    ),
    Field.DISTRICT: ("kecamatan", "nama kec", "kec name", "kec", "alamat kecamatan", "district"),
    Field.STREET: ("alamat", "dusun", "jalan", "alamat lengkap", "alamat dusun", "alamat jalan", "kampung", "address"),
    Field.MARITAL_STATUS: (
        *("status kawin", "status perkawinan", "stat kwn", "stat kawin", "status kwn", "kawin", "marital status"),
    ),
    Field.LEGAL: ("kategori rentan", "rentan", "kategori penduduk rentan", "rentan adminduk"),
    Field.CATEGORY: ("kategori", "kategori layanan", "layanan", "kondisi", "jenis layanan", "category", "ragam"),
    Field.ACCESS: ("akses", "akses lokasi", "akses jalan", "medan", "akses ke rumah", "access"),
    Field.CONTACT: (
        *("kontak keluarga", "kontak", "no hp", "hp", "no telp", "telepon", "nomor hp", "no hp keluarga", "contact"),
    ),
    Field.SAFETY: ("catatan keselamatan", "catatan khusus", "keselamatan", "safety"),
    Field.LATITUDE: ("lintang", "latitude", "lat"),
    Field.LONGITUDE: ("bujur", "longitude", "long", "lng", "lon"),
    Field.VERDICT: (
        *("hasil", "hasil verifikasi", "hasil cek", "status verifikasi", "verdict", "status perekaman", "stat rkm"),
        *("current status code", "ektp status", "ktp el", "ktpel"),
    ),
    Field.REMARK: ("keterangan", "ket", "catatan", "remark", "note"),
}
# Heads that mean the marriage in one list, in the next one whether somebody lives or is obliged: the values decide.
_UNSURE = ("status", "stat", "sts")
_MOST = 0.8  # of the values of a column that decide what it means
_SAMPLE = 200  # rows whose values are looked at
# What such a column says where it is not about the marriage.
_OTHER_STATUS = re.compile(
    r"hidup|mati|meninggal|pindah|datang|aktif|non ?aktif|(tidak )?valid|(belum |tidak )?wajib( ktp)?|wktp|"
    r"(blm|belum|sdh|sudah) (rkm|rekam|cetak|dpt)( ktp)?|bio captured|processing|card [a-z]+|prr|"
    r"[a-z ]+ (central|regional|record|printing)|sfe|unregistered|adjudicate[a-z ]*|duplicate"
)
_COUNTED = re.compile(r"\(?-?(\d{1,3})\)?")
_IN_BRACKETS, _NO_WORD = re.compile(r"\(.*?\)"), re.compile(r"[\W_]+")
_RANK_OF = {words: (rank, field) for field, all_words in _WORDS.items() for rank, words in enumerate(all_words)}


def guess_layout(sheets: Sequence[Sheet]) -> Layout:
    """Return the sheet, its header and its columns. Raise `InputError("list.no_header")` when no row is a header.

    A header may stand below title rows and may be two rows high where cells were merged ("ALAMAT" over "RT", "RW").
    """
    found = [
        (len(layout.columns), -height, -at, -row, layout)
        for at, sheet in enumerate(sheets)
        for row in range(min(_LOOKED_AT, len(sheet.rows)))
        for height in (1, 2)
        if (layout := _layout(at, sheet, row, height)) is not None
    ]
    if not found:
        raise InputError("list.no_header", name=sheets[0].name)
    return max(found, key=lambda rated: rated[:-1])[-1]


def remapped(layout: Layout, field: Field, column: int | None) -> Layout:
    """Return the layout with a field at another column, or at none; a column means one thing only."""
    columns = {known: at for known, at in layout.columns.items() if known is not field and at != column}
    if column is not None:
        columns[field] = column
    return replace(layout, columns=columns, unsure=tuple(at for at in layout.unsure if at != column))


def recalled(layout: Layout, columns: Mapping[str, int]) -> Layout:
    """Return the layout with the columns that somebody chose for this header before, by name of the field.

    Programs before this one took any "Status" for the marriage and remember it so: where its values now say something
    else, that is forgotten.
    """
    known = {Field(name): at for name, at in columns.items() if name in tuple(Field) and at < len(layout.header)}
    at = known.get(Field.MARITAL_STATUS)
    is_refuted = at is not None and _last_line(layout.header[at]) in _UNSURE and at not in layout.unsure
    if is_refuted and at != layout.columns.get(Field.MARITAL_STATUS):
        del known[Field.MARITAL_STATUS]
        if Field.MARITAL_STATUS in layout.columns:
            known[Field.MARITAL_STATUS] = layout.columns[Field.MARITAL_STATUS]
    return replace(layout, columns=known, unsure=tuple(set(layout.unsure) - set(known.values())))


def check_layout(layout: Layout) -> None:
    """Raise `InputError` `list.no_nik_column`, `list.no_name_column` or `list.no_birth_date_column`."""
    for field in (*REQUIRED, Field.BIRTH_DATE):
        if not layout.has(field) and not (field is Field.BIRTH_DATE and layout.has(Field.BIRTH)):
            raise InputError(f"list.no_{field.value}_column")


def is_header_again(layout: Layout, row: SheetRow) -> bool:
    """Return whether a row repeats the header, as printed pages do."""
    nik = layout.columns.get(Field.NIK, len(row.cells))
    if nik < len(row.cells) and str(row.cells[nik]).isdigit():
        return False  # spares nearly every row of a long list the comparison
    known = [at for at in layout.columns.values() if at < len(row.cells)]
    same = sum(plain_words(row.cells[at]) == plain_words(layout.header[at].split("\n")[-1]) for at in known)
    return same >= max(_AT_LEAST, len(layout.columns) // 2)


def is_numbering(row: SheetRow) -> bool:
    """Return whether a row only counts the columns: 1 2 3 4 …"""
    first, count = 0, 0
    for cell in row.cells:
        if cell is None:
            continue
        number = _number(cell)
        if count == 0:
            first = number or 0
        if number != first + count:
            return False
        count += 1
    return count >= 3


def _number(cell: Cell) -> int | None:
    if isinstance(cell, float) and cell.is_integer():
        return abs(int(cell))
    if isinstance(cell, int):
        return abs(cell)  # SIAK numbers its columns −1, −2, …
    found = _COUNTED.fullmatch(cell) if isinstance(cell, str) else None
    return int(found[1]) if found else None


def _layout(at: int, sheet: Sheet, row: int, height: int) -> Layout | None:
    rows = [sheet.rows[row + line].cells for line in range(height) if row + line < len(sheet.rows)]
    if len(rows) < height or any(not isinstance(cell, str | None) for cells in rows for cell in cells):
        return None
    header = _joined(*rows) if height == 2 else tuple(str(cell or "") for cell in rows[0])
    ranked: dict[Field, tuple[int, int]] = {}
    for place, words in enumerate(header):
        if known := head_meaning(words):
            rank, field = known
            ranked[field] = min(ranked.get(field, (rank, place)), (rank, place))
    columns = {field: place for field, (_, place) in ranked.items()}
    if len(columns) < _AT_LEAST or not (Field.NIK in columns or Field.NAME in columns):
        return None
    return _by_values(Layout(at, header, row + height, columns), sheet)


def _by_values(layout: Layout, sheet: Sheet) -> Layout:
    """Return the layout with the column of the marriage found by its values, where no head names it exactly.

    A column that says something else is left out; one whose values decide nothing is `unsure`, for a person to say.
    """
    columns, unsure = dict(layout.columns), []
    for at, words in enumerate(layout.header):
        if _last_line(words) not in _UNSURE:
            continue
        values = [
            plain_words(cell) for row in sheet.rows[layout.first_row :][:_SAMPLE] if (cell := _at(row, at)) is not None
        ]
        most = _MOST * len(values)
        if values and sum(map(_is_marriage, values)) >= most:
            columns.setdefault(Field.MARITAL_STATUS, at)
        elif sum(_OTHER_STATUS.fullmatch(value) is not None for value in values) < most:
            unsure.append(at)
    return replace(layout, columns=columns, unsure=tuple(unsure))


def _at(row: SheetRow, at: int) -> Cell:
    return row.cells[at] if at < len(row.cells) else None


def _is_marriage(value: str) -> bool:
    """Return whether words say that somebody is married or not; a bare code may mean anything."""
    try:
        return not value.isdigit() and read_marital_status(value) is not None
    except CellError:
        return False


def _joined(upper: tuple[Cell, ...], lower: tuple[Cell, ...]) -> tuple[str, ...]:
    """Return each column's words; a merged cell has its words in the first column only."""
    width = max(len(upper), len(lower))
    above = tuple(str(cell or "") for cell in (*upper, *[None] * (width - len(upper))))
    below = tuple(str(cell or "") for cell in (*lower, *[None] * (width - len(lower))))
    joined, over = [], ""
    for head, sub in zip(above, below, strict=True):
        over = head or (over if sub else "")
        joined.append(f"{over}\n{sub}" if over and sub else over if head else sub)
    return tuple(joined)


def head_meaning(words: str) -> tuple[int, Field] | None:
    """Return what a head means and how exactly it says so: as a whole, or by the lower one of two lines."""
    return _RANK_OF.get(plain_words(words)) or _RANK_OF.get(_last_line(words))


def _last_line(words: str) -> str:
    return plain_words(words.split("\n")[-1])


def plain_words(cell: Cell) -> str:
    """Return the words of a head in small letters, without signs and what stands in brackets."""
    return _NO_WORD.sub(" ", _IN_BRACKETS.sub(" ", str(cell or "").lower())).strip()


# Rows that stand above a family: its No.KK and address hold for the people below (BIP of SIAK).

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
