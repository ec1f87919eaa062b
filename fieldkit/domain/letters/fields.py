"""The one table of what every letter of the office says. Papers of a recording have their fields from its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fieldkit.domain.letters.forms import PERSON, Column, Field, Form
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.official_forms import OFFICIAL_FORMS
from fieldkit.domain.sarpras import IN_BOOKS

_K, _F = LetterKind, Form

BY_HAND, BY_TTE = "tangan", "tte"

# Papers whose fields come from a recording or from the queue, never from a form.
OF_RECORDS = frozenset({_K.BUKTI_PEREKAMAN, _K.BA_PENGECUALIAN, _K.BA_PENGIRIMAN})
# Papers that a resident takes home or signs: "Gratis" stands on each. The official forms have no such badge.
FOR_RESIDENTS = frozenset({_K.BUKTI_PEREKAMAN, _K.TANDA_TERIMA, _K.FORMULIR, _K.BUKTI_PENGAMBILAN, _K.KABAR_WARGA})

_DATED = Field("dated", _F.DAY)
_SIGNER = Field("signer", _F.PERSON)
_SIGNING = Field("signing", _F.CHOICE, choices=(BY_HAND, BY_TTE))
_TEMBUSAN = Field("tembusan", _F.LINES, is_required=False)
_PEOPLE = Field("people", _F.ROWS, columns=PERSON)
_NOTE = Field("note", _F.TEXT, is_required=False)
_DASAR = Field("dasar", _F.TEXT, is_required=False)  # the law and the SOP that a letter rests on, mid-sentence


def _text(name: str, form: Form = _F.LINE) -> Field:
    return Field(name, form)


def _maybe(name: str, form: Form = _F.LINE) -> Field:
    return Field(name, form, is_required=False)


def _rows(name: str, *columns: Column | str, is_required: bool = True) -> Field:
    made = tuple(Column(column) if isinstance(column, str) else column for column in columns)
    return Field(name, _F.ROWS, is_required, made)


_HEAD = (_text("sifat"), _maybe("lampiran"), _text("hal"))  # of a letter to somebody
_WAITING = (*map(Column, ("name", "nik", "village")), Column("on", _F.DAY))
_DESTROYED = (*map(Column, ("number", "type", "why")), Column("on", _F.DAY), Column("count", _F.COUNT))
_VISIT = (_text("activity"), _text("place"), _text("days"), _maybe("hours"))

_BA_SARPRAS = (
    Field("direction", _F.CHOICE, choices=("keluar", "masuk")),
    _DATED,
    _text("place"),
    _maybe("activity"),
    _text("kit"),
    _DASAR,
    Field("keeper", _F.PERSON),
    Field("lead", _F.PERSON),
    _rows(
        "items",
        *("name", "serial", *IN_BOOKS),
        Column("count", _F.COUNT),
        *("condition", "clean", "complete", "note"),
    ),
    _rows("supplies", "name", Column("count", _F.COUNT), "unit", "note", is_required=False),
    _NOTE,
    Field("mark", is_required=False, is_shown=False),  # attachment of what the pengurus barang signed on the pad
)

FIELDS: Mapping[LetterKind, tuple[Field, ...]] = {
    _K.SURAT_PERMOHONAN: (
        _text("village"),
        _text("district"),
        _maybe("village_address"),
        _DATED,
        *_HEAD,
        _text("to"),
        _maybe("dasar", _F.TEXT),
        _text("targets", _F.COUNT),
        _maybe("contact"),
        _maybe("village_head"),
    ),
    _K.LEMBAR_DISPOSISI: (
        _text("sender"),
        _text("letter_number"),
        _text("letter_dated", _F.DAY),
        _text("received", _F.DAY),
        _maybe("agenda"),
        Field("sifat", _F.CHOICE, choices=("biasa", "segera", "sangat_segera", "rahasia")),
        _text("hal"),
        _text("forwarded", _F.LINES),
        _text("harapan", _F.LINES),
        _maybe("note", _F.TEXT),
        _DATED,
        _SIGNER,
    ),
    _K.JADWAL: (
        _text("activity"),
        _rows("schedule", Column("on", _F.DAY), "time", "place", "work", "team"),
        _NOTE,
        _DATED,
        _SIGNER,
        _SIGNING,
    ),
    _K.JADWAL_DISTRIBUSI: (
        _text("activity"),
        _rows("schedule", Column("on", _F.DAY), "place", "team"),
        _NOTE,
        _DATED,
        _SIGNER,
        _SIGNING,
    ),
    _K.TANDA_TERIMA_SURAT: (
        _text("reply_number"),
        _text("reply_dated", _F.DAY),
        _text("hal"),
        _text("to"),
        _text("receiver"),
        _text("place"),
        _text("officer"),
        _DATED,
    ),
    _K.SURAT_TUGAS: (_text("dasar", _F.LINES), _PEOPLE, *_VISIT, _DATED, _SIGNER, _SIGNING, _TEMBUSAN),
    _K.SURAT_BALASAN: (
        _DATED,
        *_HEAD,
        _text("to"),
        _text("letter_number"),
        _text("letter_dated", _F.DAY),
        _DASAR,
        *_VISIT,
        _text("targets", _F.COUNT),
        _text("companions"),
        _maybe("requirements", _F.LINES),
        _maybe("contact"),
        _SIGNER,
        _SIGNING,
        _TEMBUSAN,
    ),
    _K.SURAT_PEMBERITAHUAN: (
        _DATED,
        *_HEAD,
        _text("to"),
        _DASAR,
        *_VISIT,
        _maybe("requirements", _F.LINES),
        _maybe("contact"),
        _SIGNER,
        _SIGNING,
        _TEMBUSAN,
    ),
    _K.NOTULEN: (
        _text("meeting"),
        _text("on", _F.DAY),
        _text("hours"),
        _text("place"),
        _text("leader"),
        _text("writer"),
        _rows("attendees", "name", "jabatan"),
        _text("agenda", _F.LINES),
        _text("results", _F.LINES),
        _DATED,
        _SIGNER,
    ),
    _K.SPPD: (
        _text("ordered_by"),
        Field("traveller", _F.PERSON),
        _maybe("level"),
        _text("purpose", _F.TEXT),
        _text("vehicle"),
        _text("from_place"),
        _text("to_place"),
        _text("leaves", _F.DAY),
        _text("returns", _F.DAY),
        _rows("companions", "name", "born", "note", is_required=False),
        _text("budget_office"),
        _maybe("budget_account"),
        _maybe("other", _F.TEXT),
        _DATED,
        _SIGNER,
        _SIGNING,
    ),
    _K.SPJ: (
        _text("activity"),
        _text("place"),
        _text("days"),
        _maybe("sppd_number"),
        _rows("visum", "place", "arrived", "back", "name", "jabatan", is_required=False),
        _rows("expenses", "what", Column("count", _F.COUNT), "unit", Column("price", _F.MONEY), "proof"),
        Field("receiver", _F.PERSON),
        _maybe("treasurer", _F.PERSON),
        _DATED,
        _SIGNER,
        Field("report", _F.TEXT),
        _maybe("attachments", _F.LINES),
    ),
    _K.DAFTAR_SASARAN: (
        _text("activity"),
        _text("place"),
        _text("days"),
        Field(
            "targets",
            _F.ROWS,
            columns=(
                *map(Column, ("name", "nik", "sex")),
                Column("born", _F.DAY),
                *map(Column, ("address", "rt", "rw", "village")),
            ),
            is_shown=False,
        ),
        _DATED,
        _SIGNER,
    ),
    _K.BA_SERAH_TERIMA: (
        _DATED,
        _text("place"),
        Field("first", _F.PERSON),
        Field("second", _F.PERSON),
        _maybe("second_office"),
        _DASAR,
        _maybe("duty", _F.TEXT),
        _rows("cards", "name", "nik", "village", "type", Column("printed", _F.DAY), "condition"),
        _maybe("witnesses", _F.LINES),
        _maybe("acknowledged", _F.PERSON),
        Field("mark", is_required=False, is_shown=False),  # attachment of what the receiver signed on the pad
    ),
    _K.BA_PEMUSNAHAN: (
        _DATED,
        _text("place"),
        Field("operator", _F.PERSON),
        Field("kasi", _F.PERSON),
        _text("witnesses", _F.LINES),
        _maybe("dasar", _F.TEXT),
        _text("manner"),
        # What is destroyed follows the ledger: a line struck out here would still count as destroyed there.
        Field("spoilt", _F.ROWS, is_required=False, columns=_DESTROYED, is_shown=False),
        Field(
            "withdrawn",
            _F.ROWS,
            is_required=False,
            columns=(*_DESTROYED, *map(Column, ("name", "nik"))),
            is_shown=False,
        ),
        Field("entries", _F.LINES, is_shown=False),
        _NOTE,
    ),
    _K.BA_SARPRAS: _BA_SARPRAS,
    _K.BA_PENGEMBALIAN: _BA_SARPRAS,
    _K.TANDA_TERIMA: (
        _maybe("registration"),
        _text("type"),
        _text("name"),
        _text("nik"),
        _maybe("village"),
        _maybe("receiver"),  # what is empty is filled in by hand at the door
        _maybe("relation"),
        _maybe("proof"),
        _maybe("dated", _F.DAY),
        _maybe("place"),
        _maybe("officer"),
        Field("mark", is_required=False, is_shown=False),  # attachment of the signature on the pad
    ),
    _K.LAPORAN_KEGIATAN: (
        _text("activity"),
        _text("place"),
        _text("days"),
        _maybe("surat_tugas"),
        _maybe("dasar", _F.LINES),
        _maybe("team", _F.LINES),
        _text("targets", _F.COUNT),
        _rows("outcomes", "outcome", Column("count", _F.COUNT), is_required=False),
        _rows("exceptions", "part", "seen", Column("count", _F.COUNT), is_required=False),
        _rows("times", "step", "standard", "real", is_required=False),
        _maybe("obstacles", _F.LINES),
        _maybe("advice", _F.LINES),
        _DATED,
        _SIGNER,
        _maybe("acknowledged", _F.PERSON),
        Field(  # attachments with what they show
            "photos", _F.ROWS, is_required=False, columns=(Column("what"), Column("picture")), is_shown=False
        ),
    ),
    _K.FORMULIR: (
        _maybe("registration"),
        _text("service"),
        _maybe("name"),
        _maybe("nik"),
        _maybe("no_kk"),
        _maybe("address", _F.TEXT),
        _maybe("phone"),
        _maybe("reason", _F.TEXT),
        _text("requirements", _F.LINES),
        _DATED,
        _maybe("officer"),
    ),
    _K.BUKTI_PENGAMBILAN: (
        _text("registration"),
        _text("service"),
        _text("name"),
        _maybe("nik"),
        _DATED,
        _maybe("ready", _F.DAY),
        _maybe("bring", _F.LINES),
        _text("officer"),
    ),
    _K.KABAR_WARGA: (
        _text("name"),
        _maybe("nik"),
        _maybe("record"),
        _text("said", _F.TEXT),
        _text("then", _F.TEXT),
        _DATED,
        _text("officer"),
    ),
    _K.DAFTAR_CETAK: (
        _text("place"),
        *(Field(name, _F.ROWS, is_required=False, columns=_WAITING, is_shown=False) for name in ("ready", "later")),
        _NOTE,
        _DATED,
        _SIGNER,
    ),
    _K.REKAPITULASI: (
        _text("period"),
        _rows("printed", Column("on", _F.DAY), "type", "village", Column("count", _F.COUNT), "note"),
        _NOTE,
        _DATED,
        _SIGNER,
    ),
    **OFFICIAL_FORMS,
}


def fields_of(kind: LetterKind) -> Sequence[Field]:
    """Return the fields of a letter; none for papers of records."""
    return FIELDS.get(kind, ())
