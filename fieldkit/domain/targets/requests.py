"""The surat permohonan of an applicant, and what the head of the dinas writes on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.people import Role

# What a target list brings beyond the KK, and what the team should know before it knocks.


class LegalCategory(StrEnum):
    """Penduduk rentan administrasi kependudukan (UU 24/2013); another question than the service category."""

    KORBAN_BENCANA_ALAM = "korban_bencana_alam"
    KORBAN_BENCANA_SOSIAL = "korban_bencana_sosial"
    ORANG_TERLANTAR = "orang_terlantar"
    KOMUNITAS_TERPENCIL = "komunitas_terpencil"


@dataclass(frozen=True, slots=True)
class TargetNotes:
    """One per target that has any; its id is the target's. Never printed, never on courier lists."""

    KIND: ClassVar[str] = "target_notes"

    thing_id: str
    activity_id: str
    legal: LegalCategory | None = None
    access: str = ""  # how to get to the house
    contact: str = ""  # of the family
    safety: str = ""  # private: what calms, what to beware of
    latitude: float | None = None
    longitude: float | None = None
    check: str = ""  # what SIAK or the desa answered about the person
    needs_escort: bool = False  # somebody for the safety of the team comes along to this door

    @property
    def words(self) -> str:
        """Nothing: these notes are not to be found by words."""
        return ""


class Applicant(StrEnum):
    """Who asks for the outreach; others than the desa only in the cases that the SOP names."""

    PEMERINTAH_DESA = "pemerintah_desa"
    PENANGANAN_MEDIS = "penanganan_medis"
    BANTUAN_SOSIAL = "bantuan_sosial"
    KONDISI_DARURAT = "kondisi_darurat"


class Sifat(StrEnum):
    """How urgent or closed a letter is."""

    BIASA = "biasa"
    SEGERA = "segera"
    SANGAT_SEGERA = "sangat_segera"
    RAHASIA = "rahasia"


class Harapan(StrEnum):
    """What a disposisi asks for ("dengan hormat harap")."""

    TANGGAPAN = "tanggapan"
    PROSES_LEBIH_LANJUT = "proses_lebih_lanjut"
    KOORDINASI = "koordinasi"


@dataclass(frozen=True, slots=True)
class SuratPermohonan:
    """A request as staff registered it. The scans of letter and list are attachments of this thing."""

    KIND: ClassVar[str] = "surat_permohonan"

    thing_id: str
    activity_id: str
    applicant: Applicant
    sender: str  # "Pemerintah Desa Jimbe"
    number: str  # as the sender wrote it
    dated: date
    received_on: date
    subject: str
    village: str
    district: str
    region: str  # kode wilayah of the desa or kecamatan, "" when not known
    targets: int  # how many the letter asks for
    contact: str
    sifat: Sifat = Sifat.BIASA
    lampiran: str = ""
    dasar: str = ""
    agenda: str = ""  # number in the office's agenda, typed in

    @property
    def words(self) -> str:
        """Sender, number, subject and place."""
        return f"{self.sender} {self.number} {self.subject} {self.village} {self.district} {self.agenda}"


@dataclass(frozen=True, slots=True)
class Disposisi:
    """What the head of the dinas decided about a request."""

    KIND: ClassVar[str] = "disposisi"

    thing_id: str
    activity_id: str
    request_id: str
    sifat: Sifat
    forwarded_to: tuple[Role, ...]
    harapan: tuple[Harapan, ...]
    note: str
    disposed_by: str  # user_id
    disposed_at: datetime

    @property
    def words(self) -> str:
        """The note."""
        return self.note
