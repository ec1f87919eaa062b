"""The fields of an SOP file, in the words of the people who write it, and what they become."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fieldkit.domain.documents import Document
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sarpras.inventory import SarprasKind
from fieldkit.domain.sop.document import Equipment, SopDocument
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import (
    DOES,
    Actor,
    Branch,
    ClockStart,
    Column,
    PauseReason,
    Sla,
    SlaKind,
    SopProfile,
    SopStep,
    StandardTime,
    StepInput,
    StepOutput,
    TimeUnit,
)

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Short = Annotated[str, Field(max_length=36)]
Number = Annotated[int, Field(ge=1, le=99)]
Minutes = Annotated[int, Field(ge=0, le=1_000_000)]
YES = frozenset({"ya", "true", "yes"})


def _alone(name: str) -> BeforeValidator:
    """Let the one value that matters stand without its field: `- Kalender` for `- {nama: Kalender}`."""

    def spell_out(value: Any) -> Any:
        return value if isinstance(value, dict) else {name: value}

    return BeforeValidator(spell_out)


def _answered(value: Any) -> Any:
    return {"ya": "true", "tidak": "false"}.get(value, value) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


Day = Annotated[date | None, BeforeValidator(_day)]
YesNo = Annotated[bool, BeforeValidator(_answered)]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Column(_Fields):
    akun: list[Role] = []
    luar: YesNo = False
    dicatat_oleh: list[Role] = []


class _Actor(_Fields):
    peran: Text
    sebagai: Text = DOES
    keyakinan: float = Field(1.0, ge=0, le=1)
    akun: list[Role] = []


class _Time(_Fields):
    teks: Text
    menit: Minutes
    satuan: TimeUnit
    menit_kerja: Minutes | None = None


class _Input(_Fields):
    nama: Text
    surat: list[LetterKind] = []
    fakta: list[Fulfilment] = []
    langkah: list[Number] = []


class _Output(_Fields):
    nama: Text
    surat: list[LetterKind] = []
    draf: list[LetterKind] = []
    ke: Number = 1


class _Facts(_Fields):
    salah_satu: Annotated[list[Fulfilment], BeforeValidator(_listed), Field(min_length=1)]


class _Branch(_Fields):
    jika: Text
    maka: Text
    ke_langkah: Number


class _Step(_Fields):
    urutan: Number
    kegiatan: Text
    singkat: Short = ""
    pelaksana: list[_Actor] = []
    kelengkapan: list[Annotated[_Input, _alone("nama")]] = []
    waktu: _Time | None = None
    waktu_variabel: str = ""
    waktu_per: str = ""
    output: list[Annotated[_Output, _alone("nama")]] = []
    dipenuhi_oleh: list[Annotated[_Facts, _alone("salah_satu")]] = []
    bersama: list[Number] = []
    cabang: list[_Branch] = []
    keterangan: list[Text] = []
    rujukan_sop: str = ""
    terminator: YesNo = False

    def step(self) -> SopStep:
        """Return it as the program knows it; whoever does it stands first."""
        who = sorted(self.pelaksana, key=lambda actor: actor.sebagai != DOES)
        time = self.waktu
        return SopStep(
            no=self.urutan,
            words=self.kegiatan,
            actors=tuple(Actor(a.peran, a.sebagai, a.keyakinan, tuple(a.akun)) for a in who),
            inputs=tuple(StepInput(i.nama, tuple(i.surat), tuple(i.fakta), tuple(i.langkah)) for i in self.kelengkapan),
            standard=StandardTime(time.teks, time.menit, time.satuan, time.menit_kerja) if time else None,
            varies_with=self.waktu_variabel,
            per=self.waktu_per,
            outputs=tuple(StepOutput(o.nama, tuple(o.surat), tuple(o.draf), o.ke) for o in self.output),
            fulfilled_by=tuple(tuple(group.salah_satu) for group in self.dipenuhi_oleh),
            beside=tuple(self.bersama),
            branches=tuple(Branch(b.jika, b.maka, b.ke_langkah) for b in self.cabang),
            remarks=tuple(self.keterangan),
            refers_to=self.rujukan_sop,
            is_terminator=self.terminator,
            short=self.singkat,
        )


class _Sla(_Fields):
    teks: Text
    jenis: SlaKind
    jumlah: Minutes
    mulai: ClockStart
    mulai_teks: str = ""
    langkah: Number | None = None
    syarat: str = ""
    jeda: list[PauseReason] = []
    jeda_teks: str = ""


class _Equipment(_Fields):
    nama: Text
    sarpras: SarprasKind | None = None

    def equipment(self) -> Equipment:
        return Equipment(self.nama, self.sarpras)


class SopFile(_Fields):
    """A whole file."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{2,63}$")]
    nomor: Text
    nama: Text
    singkat: Short = ""
    instansi: Text
    kode_wilayah: Annotated[str, Field(pattern=r"^\d\d(\.\d\d){0,2}$")]
    judul: str = ""
    disahkan_oleh: str = ""
    tanggal_pembuatan: Day = None
    tanggal_revisi: Day = None
    tanggal_efektif: Day = None
    dasar_hukum: list[Text] = []
    kualifikasi_pelaksana: list[Text] = []
    keterkaitan: list[Text] = []
    peralatan: list[Annotated[_Equipment, _alone("nama")]] = []
    perlengkapan: list[Text] = []
    peringatan: list[Text] = []
    pencatatan: list[Text] = []
    layanan: str = ""
    dokumen: list[Document] = []
    persyaratan: list[Text] = []
    sasaran: list[Text] = []
    peran: Annotated[dict[Text, Annotated[_Column, _alone("akun")]], Field(min_length=1)]
    langkah: Annotated[list[_Step], Field(min_length=1, max_length=99)]
    sla: list[_Sla] = []

    def profile(self) -> SopProfile:
        """Return it as the program knows it."""
        return SopProfile(
            sop_id=self.id,
            number=self.nomor,
            name=self.nama,
            office=self.instansi,
            region=self.kode_wilayah,
            columns=tuple(Column(name, tuple(c.akun), tuple(c.dicatat_oleh)) for name, c in self.peran.items()),
            steps=tuple(step.step() for step in self.langkah),
            sla=tuple(
                Sla(s.teks, s.jenis, s.jumlah, s.mulai_teks, s.langkah, s.syarat, s.jeda_teks, s.mulai, tuple(s.jeda))
                for s in self.sla
            ),
            serves=tuple(self.sasaran),
            short=self.singkat,
            document=self._document(),
            service=self.layanan,
            gives=tuple(self.dokumen),
            requirements=tuple(self.persyaratan),
        )

    def _document(self) -> SopDocument:
        return SopDocument(
            heading=self.judul,
            approved_by=self.disahkan_oleh,
            made_on=self.tanggal_pembuatan,
            revised_on=self.tanggal_revisi,
            effective_on=self.tanggal_efektif,
            laws=tuple(self.dasar_hukum),
            qualifications=tuple(self.kualifikasi_pelaksana),
            related=tuple(self.keterkaitan),
            equipment=tuple(thing.equipment() for thing in self.peralatan),
            supplies=tuple(self.perlengkapan),
            warnings=tuple(self.peringatan),
            archiving=tuple(self.pencatatan),
        )
