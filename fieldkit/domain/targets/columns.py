"""Which column of a list means what: guessed from its words and, where they may mean several things, its values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets import cells
from fieldkit.domain.targets.sheets import Cell, CellError, Field, Layout, Sheet, SheetRow

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
        if known := _meaning(words):
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
            _plain(cell) for row in sheet.rows[layout.first_row :][:_SAMPLE] if (cell := _at(row, at)) is not None
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
        return not value.isdigit() and cells.read_marital_status(value) is not None
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


def _meaning(words: str) -> tuple[int, Field] | None:
    """Return what a head means and how exactly it says so: as a whole, or by the lower one of two lines."""
    return _RANK_OF.get(_plain(words)) or _RANK_OF.get(_last_line(words))


def _last_line(words: str) -> str:
    return _plain(words.split("\n")[-1])


def _plain(cell: Cell) -> str:
    return _NO_WORD.sub(" ", _IN_BRACKETS.sub(" ", str(cell or "").lower())).strip()
