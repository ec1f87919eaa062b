"""The register of requests, supporting papers and boxes: each case, what it needs, and what F-1.02 ticks for it.

The counter asks from it and F-1.02 is drawn and ticked from it. Law: Perpres 96/2018 and Permendagri 108/2019 (KK and
KTP-el), Permendagri 2/2016 (KIA), Permendagri 96/2019 (rentan); forms and boxes: Permendagri 109/2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fieldkit.domain.documents import Document
from fieldkit.domain.nik import age_on

KIA_PHOTO_FROM_YEARS = 5
NOT_ASKED = "tidak"


class AttachmentBox(StrEnum):
    """The sixteen circles of F-1.02 part III, in the order of the form: two columns of eight, read downwards."""

    OLD_KK = "KK lama atau KK rusak"
    MARRIAGE = "Buku nikah atau kutipan akta perkawinan"
    DIVORCE = "Kutipan akta perceraian"
    MOVE = "Surat keterangan pindah"
    MOVE_ABROAD = "Surat keterangan pindah luar negeri"
    OLD_KTP_EL = "KTP-el lama atau rusak"
    TRAVEL_DOCUMENT = "Dokumen perjalanan"
    LOSS = "Surat keterangan hilang dari kepolisian"
    EVENT = "Bukti perubahan peristiwa kependudukan atau peristiwa penting"
    UNREGISTERED_MARRIAGE = "SPTJM perkawinan atau perceraian belum tercatat"
    DEATH = "Kutipan akta kematian"
    CAUSE_OF_LOSS = "Surat pernyataan penyebab hilang atau rusak"
    MOVE_FROM_MISSION = "Surat keterangan pindah dari perwakilan RI"
    ACCEPTANCE = "Pernyataan bersedia menerima sebagai anggota keluarga"
    CUSTODY = "Surat kuasa pengasuhan anak dari orang tua atau wali"
    RESIDENCE_PERMIT = "Kartu izin tinggal tetap"


@dataclass(frozen=True, slots=True)
class RequestBox:
    """One box of F-1.02 part II: its code as printed beside the label ("A.1"), and the heading above it."""

    name: str
    code: str
    label: str
    heading: str = ""


_B = RequestBox
_NEW, _CHANGED, _LOST = "Baru", "Perubahan data", "Hilang atau rusak"
# Part II of F-1.02, column by column; names are kept in letters.
REQUEST_BOXES: Mapping[str, tuple[RequestBox, ...]] = {
    "kk_request": (
        _B("kk_keluarga_baru", "A.1", "Membentuk keluarga baru", _NEW),
        _B("kk_ganti_kepala", "A.2", "Penggantian kepala keluarga", _NEW),
        _B("kk_pisah", "A.3", "Pisah KK", _NEW),
        _B("kk_pindah_datang", "A.4", "Pindah datang", _NEW),
        _B("kk_dari_luar_negeri", "A.5", "WNI datang dari luar negeri karena pindah", _NEW),
        _B("kk_rentan", "A.6", "Rentan Adminduk", _NEW),
        _B("kk_menumpang", "B.1", "Menumpang dalam KK", _CHANGED),
        _B("kk_peristiwa_penting", "B.2", "Peristiwa penting", _CHANGED),
        _B("kk_elemen_data", "B.3", "Perubahan elemen data dalam KK", _CHANGED),
        _B("kk_hilang", "C.1", "Hilang", _LOST),
        _B("kk_rusak", "C.2", "Rusak", _LOST),
    ),
    "ktp_request": (
        _B("ktp_baru", "A", "Baru"),
        _B("ktp_pindah_datang", "B", "Pindah datang"),
        _B("ktp_hilang", "C.1", "Hilang", _LOST),
        _B("ktp_rusak", "C.2", "Rusak", _LOST),
        _B("ktp_perpanjangan", "D", "Perpanjangan ITAP"),
        _B("ktp_kewarganegaraan", "E", "Perubahan status kewarganegaraan"),
        _B("ktp_luar_domisili", "F", "Luar domisili"),
        _B("ktp_transmigrasi", "G", "Transmigrasi"),
    ),
    "kia_request": (
        _B("kia_baru", "A", "Baru"),
        _B("kia_hilang", "B.1", "Hilang", _LOST),
        _B("kia_rusak", "B.2", "Rusak", _LOST),
        _B("kia_perpanjangan", "C", "Perpanjangan ITAP"),
        _B("kia_lainnya", "D", "Lainnya"),
    ),
    "change_request": (_B("ubah_kk", "A", "KK"), _B("ubah_ktp", "B", "KTP-el"), _B("ubah_kia", "C", "KIA")),
}


class SupportingPaper(StrEnum):
    """What an applicant hands in; the value is kept with an application."""

    F_1_01 = "f_1_01"
    F_1_02 = "f_1_02"
    F_1_04 = "f_1_04"
    F_1_05 = "f_1_05"
    F_1_06 = "f_1_06"
    F_2_03 = "f_2_03"
    F_2_04 = "f_2_04"
    KK = "kk"
    OLD_KK = "kk_lama"
    DAMAGED_KK = "kk_rusak"
    HOST_KK = "kk_ditumpangi"
    MARRIAGE = "buku_nikah"
    DIVORCE = "akta_cerai"
    BIRTH_PROOF = "surat_kelahiran"
    BIRTH_CERTIFICATE = "akta_lahir"
    DEATH = "akta_kematian"
    MOVE = "skpwni"
    MOVE_ABROAD = "skpln"
    MOVE_FROM_MISSION = "pindah_perwakilan"
    LOSS = "surat_hilang"
    KTP_EL = "ktp_el"
    OLD_KTP_EL = "ktp_el_lama"
    DAMAGED_KTP_EL = "ktp_el_rusak"
    PARENTS_KTP_EL = "ktp_el_orang_tua"
    NEW_HEAD = "ktp_el_kepala_pengganti"
    EVENT = "bukti_perubahan"
    ACCEPTANCE = "bersedia_menerima"
    CUSTODY = "kuasa_pengasuhan"
    RESIDENCE_PERMIT = "itap"
    TRAVEL_DOCUMENT = "dokumen_perjalanan"
    OLD_KIA = "kia_lama"
    DAMAGED_KIA = "kia_rusak"
    PHOTO = "foto_anak"
    RT_RW = "pengantar_rt_rw"
    DIPLOMA = "ijazah"
    OWNER_CONSENT = "persetujuan_pemilik_rumah"


_P, _A = SupportingPaper, AttachmentBox
# Words for the applicant, and the circle that F-1.02 fills; None for what the form has no circle for.
PAPERS: Mapping[SupportingPaper, tuple[str, AttachmentBox | None]] = {
    _P.F_1_01: ("Formulir F-1.01", None),
    _P.F_1_02: ("Formulir F-1.02", None),
    _P.F_1_04: ("Surat pernyataan tidak memiliki dokumen (F-1.04)", None),
    _P.F_1_05: ("SPTJM perkawinan atau perceraian belum tercatat (F-1.05)", _A.UNREGISTERED_MARRIAGE),
    _P.F_1_06: ("Surat pernyataan perubahan elemen data (F-1.06)", None),
    _P.F_2_03: ("SPTJM kebenaran data kelahiran (F-2.03)", None),
    _P.F_2_04: ("SPTJM kebenaran sebagai pasangan suami istri (F-2.04)", None),
    _P.KK: ("Kartu Keluarga (KK)", None),
    _P.OLD_KK: ("KK lama", _A.OLD_KK),
    _P.DAMAGED_KK: ("KK yang rusak", _A.OLD_KK),
    _P.HOST_KK: ("KK keluarga yang ditumpangi", _A.OLD_KK),
    _P.MARRIAGE: ("Buku nikah atau kutipan akta perkawinan", _A.MARRIAGE),
    _P.DIVORCE: ("Kutipan akta perceraian", _A.DIVORCE),
    _P.BIRTH_PROOF: ("Surat keterangan kelahiran atau kutipan akta kelahiran", _A.EVENT),
    _P.BIRTH_CERTIFICATE: ("Kutipan akta kelahiran", None),
    _P.DEATH: ("Kutipan akta kematian", _A.DEATH),
    _P.MOVE: ("Surat keterangan pindah (SKPWNI)", _A.MOVE),
    _P.MOVE_ABROAD: ("Surat keterangan pindah luar negeri (SKPLN)", _A.MOVE_ABROAD),
    _P.MOVE_FROM_MISSION: ("Surat keterangan pindah dari perwakilan RI", _A.MOVE_FROM_MISSION),
    _P.LOSS: ("Surat keterangan hilang dari kepolisian", _A.LOSS),
    _P.KTP_EL: ("KTP-el pemohon", None),
    _P.OLD_KTP_EL: ("KTP-el lama", _A.OLD_KTP_EL),
    _P.DAMAGED_KTP_EL: ("KTP-el yang rusak", _A.OLD_KTP_EL),
    _P.PARENTS_KTP_EL: ("KTP-el orang tua", None),
    _P.NEW_HEAD: ("KTP-el kepala keluarga pengganti bila semua anggota di bawah 17 tahun", None),
    _P.EVENT: ("Bukti perubahan peristiwa kependudukan atau peristiwa penting", _A.EVENT),
    _P.ACCEPTANCE: ("Pernyataan bersedia menerima sebagai anggota keluarga", _A.ACCEPTANCE),
    _P.CUSTODY: ("Surat kuasa pengasuhan anak dari orang tua atau wali", _A.CUSTODY),
    _P.RESIDENCE_PERMIT: ("Kartu izin tinggal tetap (ITAP)", _A.RESIDENCE_PERMIT),
    _P.TRAVEL_DOCUMENT: ("Dokumen perjalanan", _A.TRAVEL_DOCUMENT),
    _P.OLD_KIA: ("KIA lama", None),
    _P.DAMAGED_KIA: ("KIA yang rusak", None),
    _P.PHOTO: ("Pas foto anak berwarna 2×3, 2 lembar", None),
    _P.RT_RW: ("Surat pengantar RT dan RW", None),
    _P.DIPLOMA: ("Ijazah terakhir", None),
    _P.OWNER_CONSENT: ("Persetujuan pemilik rumah", None),
}


@dataclass(frozen=True, slots=True)
class ServiceCase:
    """What one person asks for. `boxes` are ticked in part II of F-1.02; `optional` papers count where they apply."""

    name: str
    boxes: tuple[str, ...]
    needed: tuple[SupportingPaper, ...]
    optional: tuple[SupportingPaper, ...] = ()
    law: str = ""


_KK_NEW, _CHANGE, _KK_LOST = (f"Perpres 96/2018 Pasal {article}" for article in (11, 12, 13))
_FIRST, _KTP, _KIA = "Perpres 96/2018 Pasal 15", "Perpres 96/2018; Permendagri 108/2019", "Permendagri 2/2016"
_RENTAN, _BIODATA = "Permendagri 96/2019", "Perpres 96/2018 Pasal 5 dan 11"
_C, _VITAL = ServiceCase, ("kk_peristiwa_penting",)
CASES: Mapping[Document, tuple[ServiceCase, ...]] = {
    Document.KK: (
        _C(NOT_ASKED, (), (_P.F_1_02,)),
        _C(
            "kk_pertama",
            ("kk_keluarga_baru",),
            (_P.F_1_01, _P.F_1_02, _P.RT_RW, _P.EVENT),
            (_P.DIPLOMA, _P.F_1_04, _P.OWNER_CONSENT),
            _BIODATA,
        ),
        _C(
            "kk_tanpa_dokumen",
            ("kk_keluarga_baru",),
            (_P.F_1_01, _P.F_1_02, _P.F_1_04, _P.RT_RW),
            (_P.OWNER_CONSENT,),
            _BIODATA,
        ),
        _C("kk_keluarga_baru", ("kk_keluarga_baru",), (_P.F_1_02, _P.MARRIAGE), (_P.F_1_01,), _KK_NEW),
        _C("kk_kawin_belum_tercatat", ("kk_keluarga_baru",), (_P.F_1_02, _P.F_1_05), (_P.F_1_01,), _KK_NEW),
        _C("kk_cerai", ("kk_keluarga_baru",), (_P.F_1_02, _P.DIVORCE), (_P.F_1_01,), _KK_NEW),
        _C("kk_ganti_kepala", ("kk_ganti_kepala",), (_P.F_1_02, _P.OLD_KK, _P.DEATH), (_P.NEW_HEAD,), _KK_NEW),
        _C("kk_pisah", ("kk_pisah",), (_P.F_1_02, _P.OLD_KK, _P.KTP_EL), (_P.MARRIAGE, _P.DIVORCE), _KK_NEW),
        _C("kk_pindah_datang", ("kk_pindah_datang",), (_P.F_1_02, _P.MOVE), (), _KK_NEW),
        _C("kk_dari_luar_negeri", ("kk_dari_luar_negeri",), (_P.F_1_02, _P.MOVE_ABROAD), (), _KK_NEW),
        _C("kk_dari_perwakilan", ("kk_dari_luar_negeri",), (_P.F_1_02, _P.MOVE_FROM_MISSION), (), _KK_NEW),
        _C("kk_rentan", ("kk_rentan",), (_P.F_1_01, _P.F_1_02, _P.F_1_04), (_P.RT_RW,), _RENTAN),
        _C(
            "kk_lahir",
            ("kk_peristiwa_penting",),
            (_P.F_1_02, _P.OLD_KK, _P.BIRTH_PROOF),
            (_P.F_2_03, _P.F_2_04),
            _CHANGE,
        ),
        _C("kk_mati", _VITAL, (_P.F_1_02, _P.OLD_KK, _P.DEATH), (), _CHANGE),
        _C(
            "kk_menumpang",
            ("kk_menumpang",),
            (_P.F_1_02, _P.HOST_KK),
            (_P.ACCEPTANCE, _P.CUSTODY, _P.MOVE),
            _CHANGE,
        ),
        _C("kk_peristiwa_penting", _VITAL, (_P.F_1_02, _P.OLD_KK, _P.EVENT), (), _CHANGE),
        _C(
            "kk_elemen_data",
            ("kk_elemen_data", "ubah_kk"),
            (_P.F_1_02, _P.F_1_06, _P.OLD_KK, _P.EVENT),
            (),
            _CHANGE,
        ),
        _C("kk_hilang", ("kk_hilang",), (_P.F_1_02, _P.LOSS, _P.KTP_EL), (), _KK_LOST),
        _C("kk_rusak", ("kk_rusak",), (_P.F_1_02, _P.DAMAGED_KK, _P.KTP_EL), (), _KK_LOST),
    ),
    Document.KTP_EL: (
        _C(NOT_ASKED, (), (_P.KK,), (_P.OLD_KTP_EL, _P.LOSS)),
        _C("ktp_baru", ("ktp_baru",), (_P.F_1_02, _P.KK), (), _FIRST),
        _C("ktp_rentan", ("ktp_baru",), (_P.F_1_01, _P.F_1_02, _P.F_1_04), (_P.RT_RW,), _RENTAN),
        _C("ktp_pindah_datang", ("ktp_pindah_datang",), (_P.F_1_02, _P.OLD_KTP_EL, _P.MOVE), (), _KTP),
        _C("ktp_hilang", ("ktp_hilang",), (_P.F_1_02, _P.LOSS), (_P.KK,), _KTP),
        _C("ktp_rusak", ("ktp_rusak",), (_P.F_1_02, _P.DAMAGED_KTP_EL), (_P.KK,), _KTP),
        _C("ktp_ubah_data", ("ubah_ktp",), (_P.F_1_02, _P.F_1_06, _P.OLD_KTP_EL, _P.EVENT), (), _KTP),
        _C(
            "ktp_perpanjangan",
            ("ktp_perpanjangan",),
            (_P.F_1_02, _P.OLD_KTP_EL, _P.TRAVEL_DOCUMENT, _P.RESIDENCE_PERMIT),
            (_P.KK,),
            _KTP,
        ),
        _C("ktp_kewarganegaraan", ("ktp_kewarganegaraan",), (_P.F_1_02, _P.OLD_KTP_EL, _P.EVENT), (), _KTP),
        _C("ktp_luar_domisili", ("ktp_luar_domisili",), (_P.F_1_02, _P.KK), (_P.LOSS, _P.DAMAGED_KTP_EL), _KTP),
        _C("ktp_transmigrasi", ("ktp_transmigrasi",), (_P.F_1_02, _P.OLD_KTP_EL, _P.MOVE), (), _KTP),
    ),
    Document.KIA: (
        _C(NOT_ASKED, (), (_P.BIRTH_CERTIFICATE, _P.KK, _P.PARENTS_KTP_EL)),
        _C("kia_baru", ("kia_baru",), (_P.F_1_02, _P.BIRTH_CERTIFICATE, _P.KK, _P.PARENTS_KTP_EL), (), _KIA),
        _C("kia_hilang", ("kia_hilang",), (_P.F_1_02, _P.LOSS), (), _KIA),
        _C("kia_rusak", ("kia_rusak",), (_P.F_1_02, _P.DAMAGED_KIA), (), _KIA),
        _C("kia_pindah_datang", ("kia_lainnya",), (_P.F_1_02, _P.MOVE), (), _KIA),
        _C("kia_perpanjangan", ("kia_perpanjangan",), (_P.F_1_02, _P.OLD_KIA, _P.RESIDENCE_PERMIT), (), _KIA),
        _C("kia_ubah_data", ("ubah_kia",), (_P.F_1_02, _P.F_1_06, _P.OLD_KIA, _P.EVENT), (), _KIA),
        _C("kia_lainnya", ("kia_lainnya",), (_P.F_1_02,), (_P.OLD_KIA,), _KIA),
    ),
}
_WITH_PHOTO = frozenset({NOT_ASKED, "kia_baru"})


def case_of(document: Document, request: str) -> ServiceCase:
    """Return the case of a request; the first, of which nothing is known, for "" and for one of an older program."""
    cases = CASES[document]
    return next((case for case in cases if case.name == request), cases[0])


def needed_papers(
    document: Document, request: str, birth_date: date | None, today: date
) -> tuple[SupportingPaper, ...]:
    """Return the papers without which a case is not served; a first KIA bears a photo from 5 years on."""
    needed = case_of(document, request).needed
    has_photo = document is Document.KIA and case_of(document, request).name in _WITH_PHOTO
    is_old_enough = birth_date is not None and age_on(birth_date, today) >= KIA_PHOTO_FROM_YEARS
    return (*needed, _P.PHOTO) if has_photo and is_old_enough else needed


def boxes_of(document: Document, request: str) -> Mapping[str, str]:
    """Return what part II of F-1.02 ticks for a request: the box by the field of its column."""
    ticked = case_of(document, request).boxes
    return {
        column: next((box.name for box in boxes if box.name in ticked), NOT_ASKED)
        for column, boxes in REQUEST_BOXES.items()
    }


def attachments_of(papers: Sequence[SupportingPaper | None]) -> tuple[AttachmentBox, ...]:
    """Return the circles that part III of F-1.02 fills for the papers that were handed in, in the order of the form."""
    filled = {PAPERS[paper][1] for paper in papers if paper is not None}
    return tuple(box for box in AttachmentBox if box in filled)
