"""What an app for applications exports: which column means what, and which file belongs to which application."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Sheet

_LOOKED_AT = 20  # rows, for the header
_NO_WORD = re.compile(r"[\W_]+")


class Field(StrEnum):
    """What a column of an export can mean."""

    REGISTRATION = "registration"
    DOCUMENT = "document"
    NIK = "nik"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    MARITAL_STATUS = "marital_status"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    VILLAGE = "village"
    WISH = "wish"


REQUIRED = (Field.REGISTRATION, Field.NIK, Field.NAME)
_WORDS: Mapping[Field, tuple[str, ...]] = {
    Field.REGISTRATION: (
        *("nomor registrasi", "no registrasi", "no reg", "registrasi", "nomor permohonan", "no permohonan"),
        *("nomor pendaftaran", "no pendaftaran", "kode permohonan", "kode registrasi", "registration", "nomor tiket"),
    ),
    Field.DOCUMENT: (
        *("dokumen", "jenis dokumen", "layanan", "jenis layanan", "jenis permohonan", "permohonan", "document"),
    ),
    Field.NIK: ("nik", "no nik", "nomor nik", "nik pemohon", "nomor induk kependudukan"),
    Field.NAME: ("nama", "nama lengkap", "nama pemohon", "pemohon", "name"),
    Field.BIRTH_DATE: ("tanggal lahir", "tgl lahir", "tgl lhr", "birth date"),
    Field.MARITAL_STATUS: ("status kawin", "status perkawinan", "marital status"),
    Field.PHONE: (
        *("no hp", "nomor hp", "hp", "no wa", "nomor wa", "wa", "whatsapp", "no whatsapp", "telepon", "no telepon"),
        *("no telp", "telp", "no hp wa", "hp wa", "phone"),
    ),
    Field.EMAIL: ("email", "e mail", "surel", "alamat email"),
    Field.ADDRESS: ("alamat", "alamat lengkap", "alamat pengiriman", "address"),
    Field.VILLAGE: ("desa", "kelurahan", "desa kelurahan", "kelurahan desa", "village"),
    Field.WISH: ("keperluan", "alasan", "keterangan", "alasan permohonan", "catatan", "wish"),
}
_FIELD_OF = {words: field for field, all_words in _WORDS.items() for words in all_words}
# Words in the name of a file, and the paper that they tell of; the first that fits counts.
_PAPERS: Mapping[Document, tuple[tuple[str, int], ...]] = {
    Document.KTP_EL: (("kk", 0), ("keluarga", 0), ("ktp", 1), ("hilang", 1), ("polisi", 1)),
    Document.KIA: (("akta", 0), ("akte", 0), ("kk", 1), ("keluarga", 1), ("ktp", 2), ("foto", 3), ("photo", 3)),
    Document.KK: (),
}


@dataclass(frozen=True, slots=True)
class ExportLayout:
    """Where the header stands and which column, from 0, means what."""

    sheet: int
    header: tuple[str, ...]
    first_row: int  # index into the rows of the sheet
    columns: Mapping[Field, int]


def layout_of(sheets: Sequence[Sheet]) -> ExportLayout:
    """Return the header that names the most columns. Raise `InputError("export.no_header")` without the needed ones."""
    best: ExportLayout | None = None
    for at, sheet in enumerate(sheets):
        for row in range(min(_LOOKED_AT, len(sheet.rows))):
            header = tuple(str(cell or "") for cell in sheet.rows[row].cells)
            columns: dict[Field, int] = {}
            for place, words in enumerate(header):
                field = _FIELD_OF.get(_NO_WORD.sub(" ", words.lower()).strip())
                if field is not None:
                    columns.setdefault(field, place)
            if all(field in columns for field in REQUIRED) and (best is None or len(columns) > len(best.columns)):
                best = ExportLayout(at, header, row + 1, columns)
    if best is None:
        raise InputError("export.no_header", name=sheets[0].name)
    return best


def document_of(words: str) -> Document | None:
    """Return which document the words of an app ask for, None when they name none."""
    told = f" {_NO_WORD.sub(' ', words.lower()).strip()} "
    if " kia " in told or "identitas anak" in told:
        return Document.KIA
    if " ktp " in told or "ktpel" in told or "tanda penduduk" in told:
        return Document.KTP_EL
    return Document.KK if " kk " in told or "kartu keluarga" in told else None


def names(registration: str, words: str) -> bool:
    """Return whether a text names a registration number, however its parts are divided, and no longer one."""
    parts = [re.escape(part) for part in _NO_WORD.split(registration) if part]
    pattern = r"(?<![0-9A-Za-z])" + r"[\W_]*".join(parts) + r"(?![0-9A-Za-z])"
    return bool(parts) and re.search(pattern, words, re.IGNORECASE) is not None


def paper_of(document: Document, words: str, papers: int) -> int | None:
    """Return which of the needed papers a file is, by the words of its name; None when they tell of none."""
    told = words.lower()
    return next((place for part, place in _PAPERS[document] if part in told and place < papers), None)
