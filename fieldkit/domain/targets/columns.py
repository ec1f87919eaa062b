"""Which column of a list means what, guessed from its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Cell, Field, Layout, Sheet, SheetRow

REQUIRED = (Field.NIK, Field.NAME)
_LOOKED_AT = 40  # rows in which the header is looked for
_AT_LEAST = 2  # columns that a header must be known by

# Words as desa, kecamatan and SIAK write them, without signs and in small letters. What stands first wins.
_WORDS: Mapping[Field, tuple[str, ...]] = {
    Field.TARGET_ID: ("id sasaran", "target id", "id fieldkit"),
    Field.NO_KK: ("no kk", "nomor kk", "nokk", "kk", "nomor kartu keluarga", "no kartu keluarga", "nkk"),
    Field.NIK: ("nik", "no nik", "nomor nik", "nomor induk kependudukan", "no induk kependudukan", "no ktp"),
    Field.NAME: ("nama", "nama lengkap", "nama lgkp", "nama warga", "nama penduduk", "nama sasaran", "name"),
    Field.SEX: ("l p", "jk", "jenis kelamin", "jns klmin", "kelamin", "jenkel", "lk pr", "l/p", "sex", "gender"),
    Field.BIRTH: (*("tempat tanggal lahir", "tempat tgl lahir", "tempat dan tanggal lahir", "tmpt tgl lahir", "ttl"),),
    Field.BIRTH_DATE: ("tanggal lahir", "tgl lahir", "tgl lhr", "tanggal lhr", "lahir tanggal", "birth date"),
    Field.BIRTH_PLACE: ("tempat lahir", "tmpt lahir", "tmpt lhr", "tpt lahir", "lahir tempat", "tempat", "birth place"),
    Field.MOTHER_NAME: ("nama ibu", "nama ibu kandung", "ibu kandung", "nama lgkp ibu", "ibu", "mother name"),
    Field.RT_RW: ("rt rw", "alamat rt rw"),
    Field.RT: ("rt", "no rt", "alamat rt"),
    Field.RW: ("rw", "no rw", "alamat rw"),
    Field.VILLAGE: ("desa", "kelurahan", "desa kelurahan", "kel", "nama kel", "kel desa", "alamat desa", "village"),
    Field.DISTRICT: ("kecamatan", "kec", "nama kec", "alamat kecamatan", "district"),
    Field.STREET: ("alamat", "dusun", "jalan", "alamat lengkap", "alamat dusun", "alamat jalan", "kampung", "address"),
    Field.MARITAL_STATUS: ("status kawin", "status perkawinan", "status", "stat kwn", "kawin", "marital status"),
    Field.LEGAL: ("kategori rentan", "rentan", "kategori penduduk rentan", "rentan adminduk"),
    Field.CATEGORY: ("kategori", "kategori layanan", "layanan", "kondisi", "jenis layanan", "category", "ragam"),
    Field.ACCESS: ("akses", "akses lokasi", "akses jalan", "medan", "akses ke rumah", "access"),
    Field.CONTACT: (
        *("kontak keluarga", "kontak", "no hp", "hp", "no telp", "telepon", "nomor hp", "no hp keluarga", "contact"),
    ),
    Field.SAFETY: ("catatan keselamatan", "catatan khusus", "keselamatan", "safety"),
    Field.LATITUDE: ("lintang", "latitude", "lat"),
    Field.LONGITUDE: ("bujur", "longitude", "long", "lng", "lon"),
    Field.VERDICT: ("hasil", "hasil verifikasi", "hasil cek", "status verifikasi", "verdict"),
    Field.REMARK: ("keterangan", "ket", "catatan", "remark", "note"),
}
_COUNTED = re.compile(r"\(?(\d{1,3})\)?")
_IN_BRACKETS, _NO_WORD = re.compile(r"\(.*?\)"), re.compile(r"[\W_]+")
_FIELD_OF = {words: field for field, all_words in reversed(list(_WORDS.items())) for words in all_words}


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
    return Layout(layout.sheet, layout.header, layout.first_row, columns)


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
    same = sum(_plain(row.cells[at]) == _plain(layout.header[at].split("\n")[-1]) for at in known)
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
        return int(cell)
    if isinstance(cell, int):
        return cell
    found = _COUNTED.fullmatch(cell) if isinstance(cell, str) else None
    return int(found[1]) if found else None


def _layout(at: int, sheet: Sheet, row: int, height: int) -> Layout | None:
    rows = [sheet.rows[row + line].cells for line in range(height) if row + line < len(sheet.rows)]
    if len(rows) < height or any(not isinstance(cell, str | None) for cells in rows for cell in cells):
        return None
    header = _joined(*rows) if height == 2 else tuple(str(cell or "") for cell in rows[0])
    columns: dict[Field, int] = {}
    for place, words in enumerate(header):
        field = _field(words)
        if field is not None and field not in columns:
            columns[field] = place
    is_header = len(columns) >= _AT_LEAST and (Field.NIK in columns or Field.NAME in columns)
    return Layout(at, header, row + height, columns) if is_header else None


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


def _field(words: str) -> Field | None:
    """Return what a head means: as a whole, or by the lower one of two lines."""
    whole = _plain(words)
    return _FIELD_OF.get(whole) or _FIELD_OF.get(_plain(words.split("\n")[-1]))


def _plain(cell: Cell) -> str:
    return _NO_WORD.sub(" ", _IN_BRACKETS.sub(" ", str(cell or "").lower())).strip()
