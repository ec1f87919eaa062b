"""The official forms of population registration (Permendagri 109/2019) and what stands on each; layouts are our own."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.documents import Document
from fieldkit.domain.letters.forms import Column, Field, Form
from fieldkit.domain.letters.letter import LetterKind

_K, _F = LetterKind, Form

# What F-1.02 is handed in for; the first of each group is "not asked for".
NOT_ASKED = "tidak"
KK_REQUESTS = (
    *(NOT_ASKED, "kk_keluarga_baru", "kk_ganti_kepala", "kk_pisah", "kk_pindah_datang", "kk_dari_luar_negeri"),
    *("kk_rentan", "kk_menumpang", "kk_peristiwa_penting", "kk_elemen_data", "kk_hilang", "kk_rusak"),
)
KTP_REQUESTS = (
    *(NOT_ASKED, "ktp_baru", "ktp_pindah_datang", "ktp_hilang", "ktp_rusak", "ktp_perpanjangan"),
    *("ktp_kewarganegaraan", "ktp_luar_domisili", "ktp_transmigrasi"),
)
KIA_REQUESTS = (NOT_ASKED, "kia_baru", "kia_hilang", "kia_rusak", "kia_perpanjangan", "kia_lainnya")
REQUESTS = {Document.KK: KK_REQUESTS, Document.KTP_EL: KTP_REQUESTS, Document.KIA: KIA_REQUESTS}
CHANGE_REQUESTS = (NOT_ASKED, "ubah_kk", "ubah_ktp", "ubah_kia")

MEMBER = (
    *map(Column, ("name", "nik", "sex", "birth_place")),
    Column("born", _F.DAY),
    *map(Column, ("citizenship", "birth_certificate", "blood", "religion", "marital", "marriage_certificate")),
    Column("married", _F.DAY),
    Column("divorce_certificate"),
    Column("divorced", _F.DAY),
    *map(Column, ("relation", "disability", "education", "occupation")),
    *map(Column, ("mother_nik", "mother", "father_nik", "father")),
)
WITNESS = (*map(Column, ("name", "nik", "address", "relation")),)


def _maybe(name: str, form: Form = _F.LINE) -> Field:
    return Field(name, form, is_required=False)


def _choice(name: str, choices: tuple[str, ...]) -> Field:
    return Field(name, _F.CHOICE, choices=choices)


_HOME = (_maybe("address", _F.TEXT), *map(_maybe, ("rt", "rw", "village", "district", "regency")))
_BORN = (_maybe("birth_place"), _maybe("born", _F.DAY), _maybe("sex"))
_WITNESSES = Field("witnesses", _F.ROWS, is_required=False, columns=WITNESS)
_DATED = Field("dated", _F.DAY)
_OFFICER = _maybe("officer")

OFFICIAL_FORMS: Mapping[LetterKind, tuple[Field, ...]] = {
    _K.F_1_01: (
        _maybe("head"),
        *_HOME,
        *map(_maybe, ("hamlet", "postcode", "phone", "email", "region")),
        Field("members", _F.ROWS, is_required=False, columns=MEMBER, is_shown=False),
        _maybe("name"),
        _OFFICER,
        _DATED,
    ),
    _K.F_1_02: (
        *map(_maybe, ("name", "nik", "no_kk", "phone", "email")),
        _choice("kk_request", KK_REQUESTS),
        _choice("ktp_request", KTP_REQUESTS),
        _choice("kia_request", KIA_REQUESTS),
        _choice("change_request", CHANGE_REQUESTS),
        _maybe("attached", _F.LINES),
        _OFFICER,
        _DATED,
    ),
    _K.F_1_04: (
        *map(_maybe, ("name", "nik")),
        *_BORN,
        *_HOME,
        _maybe("phone"),
        _maybe("lacks", _F.LINES),
        _maybe("reason", _F.TEXT),
        _WITNESSES,
        _OFFICER,
        _DATED,
    ),
    _K.F_1_06: (
        *map(_maybe, ("name", "nik", "no_kk", "phone")),
        *_HOME,
        Field("family", _F.ROWS, is_required=False, columns=(*map(Column, ("name", "nik", "relation", "note")),)),
        Field(
            "changes",
            _F.ROWS,
            is_required=False,
            columns=(*map(Column, ("name", "element", "before", "after", "basis")),),
        ),
        _OFFICER,
        _DATED,
    ),
    _K.SPTJM: (
        *map(_maybe, ("name", "nik", "no_kk")),
        *_BORN,
        _maybe("occupation"),
        *_HOME,
        _maybe("phone"),
        _maybe("stated", _F.LINES),
        _maybe("reason", _F.TEXT),
        _WITNESSES,
        _DATED,
    ),
}
