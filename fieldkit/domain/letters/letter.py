"""A letter or other paper as the office keeps it: its data, its number, its state; the PDF is an attachment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar


class LetterKind(StrEnum):
    """Every paper that the SOPs name; the value is the name of its template."""

    SURAT_PERMOHONAN = "surat_permohonan"
    LEMBAR_DISPOSISI = "lembar_disposisi"
    JADWAL = "jadwal"
    SURAT_TUGAS = "surat_tugas"
    SURAT_BALASAN = "surat_balasan"
    SURAT_PEMBERITAHUAN = "surat_pemberitahuan"
    NOTULEN = "notulen"
    SPPD = "sppd"
    SPJ = "spj"
    DAFTAR_SASARAN = "daftar_sasaran"
    BA_PENGECUALIAN = "berita_acara_pengecualian"
    BA_PENGIRIMAN = "ba_pengiriman"
    BA_SERAH_TERIMA = "ba_serah_terima"
    BA_SARPRAS = "ba_sarpras"  # check-out; of older programs check-in too
    BA_PENGEMBALIAN = "ba_pengembalian"  # check-in
    TANDA_TERIMA = "tanda_terima"
    LAPORAN_KEGIATAN = "laporan_kegiatan"
    BUKTI_PEREKAMAN = "bukti_perekaman"
    FORMULIR = "formulir"
    BUKTI_PENGAMBILAN = "bukti_pengambilan"
    REKAPITULASI = "rekapitulasi"
    DAFTAR_CETAK = "daftar_cetak"
    BA_PEMUSNAHAN = "ba_pemusnahan"  # of spoilt blanks and withdrawn cards
    JADWAL_DISTRIBUSI = "jadwal_distribusi"
    KABAR_WARGA = "kabar_warga"  # how a recording stands, for the person
    TANDA_TERIMA_SURAT = "tanda_terima_surat"  # of a letter of the office, never of a document
    F_1_01 = "f_1_01"  # biodata of a family
    F_1_02 = "f_1_02"  # registration of a population event
    F_1_04 = "f_1_04"  # statement of having no population documents
    F_1_06 = "f_1_06"  # statement of changed data elements
    SPTJM = "sptjm"  # statement of full responsibility for data


class LetterState(StrEnum):
    """How far a letter is."""

    DRAFT = "draft"
    WAITING = "waiting"  # for the signature (TTE); offline it waits here
    UNKNOWN = "unknown"  # sent to the signing service, no answer: never retried by itself
    ISSUED = "issued"  # printed and signed by hand, or signed electronically
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `provisional` is ours; `number` is the office's, typed in, never invented."""

    KIND: ClassVar[str] = "letter"

    thing_id: str
    activity_id: str
    letter: LetterKind
    title: str
    provisional: str
    fields: Mapping[str, Any]  # JSON values for the template
    made_by: str  # user_id
    made_at: datetime
    state: LetterState = LetterState.DRAFT
    number: str = ""
    digest: str = ""  # hex SHA-256 over the canonical JSON of `fields`, in the QR code of the paper
    pdf: str = ""  # attachment_id of the paper as issued, before an electronic signature
    signed_pdf: str = ""  # attachment_id
    signer: str = ""  # user_id of who signed or shall sign electronically
    issued_at: datetime | None = None
    void_reason: str = ""

    @property
    def words(self) -> str:
        """Title and both numbers."""
        return f"{self.title} {self.number} {self.provisional} {self.letter.value.replace('_', ' ')}"
