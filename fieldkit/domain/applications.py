"""Applications at the counter (KK, SOP-DKC.IP-01), by the Becak Pintar app (KTP-el and KIA, SOP-DKC.IP-22), or the way
that another SOP says.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.cards.card import without_niks
from fieldkit.domain.documents import DOCUMENT_NAMES, Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.families import Family, check_family
from fieldkit.domain.letters.requirements import PAPERS, SupportingPaper
from fieldkit.domain.nik import CARD_FROM_YEARS, MaritalStatus, Nik, age_on
from fieldkit.domain.people import Role
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.targets.sheets import Sheet

# What an app for applications exports: which column means what, and which file belongs to which application.

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
_P = SupportingPaper
_FILES: Mapping[Document, tuple[tuple[str, SupportingPaper], ...]] = {
    Document.KTP_EL: (
        *(("hilang", _P.LOSS), ("polisi", _P.LOSS)),
        *(("kk", _P.KK), ("keluarga", _P.KK), ("ktp", _P.OLD_KTP_EL)),
    ),
    Document.KIA: (
        *(("akta", _P.BIRTH_CERTIFICATE), ("akte", _P.BIRTH_CERTIFICATE), ("kk", _P.KK), ("keluarga", _P.KK)),
        *(("ktp", _P.PARENTS_KTP_EL), ("foto", _P.PHOTO), ("photo", _P.PHOTO)),
    ),
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


def paper_of(document: Document, words: str, papers: Collection[SupportingPaper]) -> SupportingPaper | None:
    """Return which of the asked papers a file is, by the words of its name; None when they tell of none."""
    told = words.lower()
    return next((paper for part, paper in _FILES[document] if part in told and paper in papers), None)


class Service(StrEnum):
    """Which SOP an application follows."""

    KK = "kk"
    BECAK_PINTAR = "becak_pintar"
    SOP = "sop"  # as the steps of its SOP say


class ApplicationState(StrEnum):
    """How far it is in the office; once printed, its document says where it is."""

    PERLU_DILENGKAPI = "perlu_dilengkapi"
    TERDAFTAR = "terdaftar"
    DIPERIKSA = "diperiksa"
    DIINPUT = "diinput"
    DIVERIFIKASI = "diverifikasi"
    DISETUJUI = "disetujui"
    TTE = "tte"
    TERCETAK = "tercetak"
    DITERIMA_LOKET = "diterima_loket"
    DITARIK = "ditarik"  # by the applicant


_S, _R, _F = ApplicationState, Role, Fulfilment
_RANK = {state: rank for rank, state in enumerate(ApplicationState)}
_WAYS = {
    Service.KK: (
        _S.TERDAFTAR,
        _S.DIPERIKSA,
        _S.DIINPUT,
        _S.DIVERIFIKASI,
        _S.DISETUJUI,
        _S.TTE,
        _S.TERCETAK,
        _S.DITERIMA_LOKET,
    ),
    Service.BECAK_PINTAR: (_S.TERDAFTAR, _S.DIPERIKSA, _S.DIVERIFIKASI, _S.DISETUJUI, _S.TTE, _S.TERCETAK),
}
FACTS = {
    _S.TERDAFTAR: _F.APPLICATION_RECEIVED,
    _S.DIPERIKSA: _F.APPLICATION_CHECKED,
    _S.DIINPUT: _F.APPLICATION_ENTERED,
    _S.DIVERIFIKASI: _F.APPLICATION_VERIFIED,
    _S.TTE: _F.APPLICATION_APPROVED,
    _S.TERCETAK: _F.DOCUMENT_PRINTED,
    _S.DITERIMA_LOKET: _F.DOCUMENT_RECEIVED,
}
# Which facts of the SOP an application comes by, from first to last.
LEGS: Mapping[Service, tuple[Fulfilment, ...]] = {
    Service.KK: (*(FACTS[state] for state in _WAYS[Service.KK] if state in FACTS), _F.DOCUMENT_HANDED_OVER),
    Service.BECAK_PINTAR: (
        *(FACTS[state] for state in _WAYS[Service.BECAK_PINTAR] if state in FACTS),
        _F.COURIER_TOLD,
        _F.COURIER_DELIVERED,
    ),
}
# Where the way of an application of any other SOP ends: the first of these that a step waits for.
ENDS = (_F.DOCUMENT_HANDED_OVER, _F.CARDS_TO_PERSONS, _F.CARDS_TO_DESA)
DOCUMENTS: Mapping[Service, tuple[Document, ...]] = {
    Service.KK: (Document.KK,),
    Service.BECAK_PINTAR: (Document.KTP_EL, Document.KIA),
}
_PHOTO_BEFORE = "Pas foto anak"  # what older programs called it, which kept no code of a paper
_CHIEF = (_R.KEPALA_DINAS,)
# Who brings an application into a state where no SOP of the activity says it.
USUAL_ROLES = {
    Service.KK: {
        _S.DIPERIKSA: (_R.LOKET,),
        _S.DIINPUT: (_R.PETUGAS_PEREKAMAN, _R.OPERATOR_CETAK),
        _S.DIVERIFIKASI: (_R.KASI, _R.KABID),
        _S.TTE: _CHIEF,
        _S.TERCETAK: (_R.OPERATOR_CETAK,),
        _S.DITERIMA_LOKET: (_R.LOKET,),
    },
    Service.BECAK_PINTAR: {
        _S.DIPERIKSA: (_R.PETUGAS_PEREKAMAN, _R.OPERATOR_CETAK),
        _S.DIVERIFIKASI: (_R.KASI,),
        _S.TTE: (*_CHIEF, _R.KABID),
        _S.TERCETAK: (_R.OPERATOR_CETAK,),
    },
    Service.SOP: {},
}


class PaperVerdict(StrEnum):
    """What reading a paper came to."""

    RIGHT = "right"
    WRONG = "wrong"


def legs_in(facts: Collection[Fulfilment]) -> tuple[Fulfilment, ...]:
    """Return which facts of an SOP an application comes by, from first to last; () where there is no whole way."""
    last = next((fact for fact in ENDS if fact in facts), None)
    if last is None or not {_F.APPLICATION_RECEIVED, _F.DOCUMENT_PRINTED}.issubset(facts):
        return ()
    return (*(fact for fact in FACTS.values() if fact in facts), last)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One paper that an application needs: its scans, and what reading them came to.

    `paper` is its code in the register, None for what was typed beside it.
    """

    name: str
    is_there: bool
    files: tuple[str, ...] = ()  # ids of attachments of the application
    verdict: PaperVerdict | None = None
    reason: str = ""  # why it is wrong; the applicant reads it
    paper: SupportingPaper | None = None

    @classmethod
    def of(cls, paper: SupportingPaper, is_there: bool = False, files: tuple[str, ...] = ()) -> Requirement:
        """Return the requirement for a paper of the register."""
        return cls(PAPERS[paper][0], is_there, files, paper=paper)

    def scanned(self, files: tuple[str, ...]) -> Requirement:
        """Return it with its scans, to be read anew."""
        return Requirement(self.name, is_there=True, files=files, paper=self.paper)

    def judged(self, verdict: PaperVerdict, reason: str = "") -> Requirement:
        """Return it as it was read. Raise `RuleError("application.no_file")`, `InputError("application.no_reason")`."""
        if not self.files:
            raise RuleError("application.no_file", paper=self.name)
        if verdict is PaperVerdict.WRONG and not reason.strip():
            raise InputError("application.no_reason").at("reason")
        return replace(self, is_there=True, verdict=verdict, reason=reason.strip())


@dataclass(frozen=True, slots=True)
class Done:
    """Who brought an application into a state; `note` is the reason when it was sent back."""

    state: ApplicationState
    at: datetime
    by: str  # user_id
    note: str = ""
    letter_id: str = ""  # the letter that was signed electronically
    number: str = ""  # that SIAK gave the signed document
    files: tuple[str, ...] = ()  # ids of attachments: the scan of the signed document


@dataclass(frozen=True, slots=True)
class Parents:
    """Father and mother of a child as the KK has them, and its number."""

    father: str = ""
    mother: str = ""
    family_card: str = ""  # No. KK, 16 digits


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies. Birth and marriage are needed for a KTP-el or KIA, parents for a KIA."""

    name: str
    nik: Nik
    address: str
    village: str
    phone: str = ""
    birth_date: date | None = None
    marital_status: MaritalStatus = MaritalStatus.BELUM_KAWIN
    parents: Parents | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """One application. A registration number of the app is typed, otherwise the kit gives one."""

    KIND: ClassVar[str] = "application"

    thing_id: str
    activity_id: str
    service: Service
    document: Document
    registration: str
    applicant: Applicant
    requirements: tuple[Requirement, ...]
    state: ApplicationState
    history: tuple[Done, ...]
    wish: str = ""  # why, in words of the applicant
    document_id: str = ""  # thing_id of the CardCase, once printed
    family: Family | None = None  # of a KK, as it was entered from the form
    own_legs: tuple[Fulfilment, ...] = ()  # of `Service.SOP`: the facts of its SOP that it comes by
    source: str = ""  # the export of the app that it came by, "" when it was typed
    request: str = ""  # of `requirements.CASES`, "" when nobody said

    @property
    def words(self) -> str:
        """Name, registration and village."""
        return f"{self.applicant.name} {self.registration} {self.applicant.village}"

    @property
    def lacks(self) -> tuple[str, ...]:
        """Return the names of the papers that are missing."""
        return tuple(paper.name for paper in self.requirements if not paper.is_there)

    @property
    def unread(self) -> tuple[Requirement, ...]:
        """Return the papers that nobody has found right yet."""
        return tuple(paper for paper in self.requirements if paper.verdict is not PaperVerdict.RIGHT)

    @property
    def to_complete(self) -> str:
        """Return what the applicant is to bring, paper by paper, with the reasons of those that are wrong."""
        wrong = [f"{each.name}: {each.reason}" for each in self.unread if each.verdict is PaperVerdict.WRONG]
        return "; ".join((*wrong, *self.lacks))

    @property
    def sent_back_because(self) -> str:
        """Return what the applicant is told, "" when nothing is to be completed."""
        return self.history[-1].note if self.state is ApplicationState.PERLU_DILENGKAPI else ""

    @property
    def legs(self) -> tuple[Fulfilment, ...]:
        """Return the facts of its SOP that it comes by, from first to last."""
        return self.own_legs if self.service is Service.SOP else LEGS[self.service]

    @property
    def _way(self) -> tuple[ApplicationState, ...]:
        if self.service is not Service.SOP:
            return _WAYS[self.service]
        # The approval and its signature are one step.
        return tuple(each for each in _S if FACTS.get(_S.TTE if each is _S.DISETUJUI else each) in self.own_legs)

    @property
    def lacks_photo(self) -> bool:
        """Return whether its document bears a photo that nobody has taken yet."""
        return any(
            not each.files and (each.paper is SupportingPaper.PHOTO or each.name == _PHOTO_BEFORE)
            for each in self.requirements
        )

    @property
    def next_state(self) -> ApplicationState | None:
        """Return the next state of its way; None when the office has done its part or waits for the applicant."""
        way = self._way
        if self.state not in way or self.state is way[-1]:
            return None
        return way[way.index(self.state) + 1]

    @property
    def counts(self) -> bool:
        """Return whether anybody still waits for it."""
        return self.state is not ApplicationState.DITARIK

    def goes_through(self, state: ApplicationState) -> bool:
        """Return whether a state lies on its way at all."""
        return state in self._way

    def has_reached(self, state: ApplicationState) -> bool:
        """Return whether it is in a state or beyond."""
        return self.counts and _RANK[self.state] >= _RANK[state]

    def moved(self, done: Done) -> Application:
        """Return it in the next state of its way. Raise `RuleError("application.not_now")` for any other."""
        if done.state is not self.next_state:
            raise RuleError("application.not_now", registration=self.registration)
        if done.state is ApplicationState.DIPERIKSA and self.lacks:
            raise RuleError("application.lacks", paper=self.lacks[0], count=len(self.lacks))
        if done.state is ApplicationState.DIPERIKSA and self.unread:
            raise RuleError("application.unread", paper=self.unread[0].name, count=len(self.unread))
        if done.state is ApplicationState.DIINPUT and self.document is Document.KK:
            if self.family is None:
                raise InputError("family.nobody")
            check_family(self.family)
        return self._with(done)

    def sent_back(self, done: Done) -> Application:
        """Return it to the applicant, before it is approved. Raise `InputError` without a reason, `RuleError`."""
        if not done.note:
            raise InputError("application.no_reason").at("reason")
        if self.state is ApplicationState.PERLU_DILENGKAPI or self.has_reached(ApplicationState.DISETUJUI):
            raise RuleError("application.not_now", registration=self.registration)
        return self._with(done)

    def completed(self, done: Done) -> Application:
        """Return it as handed in once more. Raise `RuleError` unless it was sent back, or while papers are missing."""
        if self.state is not ApplicationState.PERLU_DILENGKAPI:
            raise RuleError("application.not_now", registration=self.registration)
        wanted = [each.name for each in self.unread if not each.is_there or each.verdict is PaperVerdict.WRONG]
        if wanted:
            raise RuleError("application.lacks", paper=wanted[0], count=len(wanted))
        return self._with(done)

    def withdrawn(self, done: Done) -> Application:
        """Return it as taken back by the applicant, before it is printed."""
        if not self.counts or self.has_reached(ApplicationState.TERCETAK):
            raise RuleError("application.not_now", registration=self.registration)
        return self._with(done)

    def _with(self, done: Done) -> Application:
        return replace(self, state=done.state, history=(*self.history, done))


def check_document(service: Service, document: Document, applicant: Applicant, today: date) -> None:
    """Raise `InputError` for a document that the service does not give, or that the age does not allow."""
    if service is not Service.SOP and (service is Service.KK) is not (document is Document.KK):
        raise InputError("application.other_document")
    if document is Document.KIA and service is Service.SOP and not _named(applicant.parents):
        raise InputError("application.no_parents")
    if document is Document.KK:
        return
    if applicant.birth_date is None or applicant.birth_date > today:
        raise InputError("biodata.birth_date").at("birth_date")
    is_adult = age_on(applicant.birth_date, today) >= CARD_FROM_YEARS or applicant.marital_status.was_married
    if document is Document.KIA and is_adult:
        raise InputError("application.kia_age", years=CARD_FROM_YEARS)
    if document is Document.KTP_EL and not is_adult:
        raise InputError("application.ktp_age", years=CARD_FROM_YEARS)


def _named(parents: Parents | None) -> bool:
    return parents is not None and bool(parents.father.strip() or parents.mother.strip())


def applicant_message(dinas: str, application: Application) -> str:
    """Return what is sent to the applicant's phone: how it stands, and what is to be completed. No name, no NIK."""
    head = f"{dinas}: permohonan {DOCUMENT_NAMES[application.document]} nomor {application.registration}"
    reason = application.sent_back_because
    told = f"perlu dilengkapi: {reason}" if reason else "lengkap dan sedang diproses"
    return without_niks(f"{head} {told.rstrip('.')}. Gratis, tidak dipungut biaya.")
