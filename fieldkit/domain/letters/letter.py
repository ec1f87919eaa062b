"""A letter or other paper as the office keeps it: its data, its number, its state; the PDF is an attachment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from string import Formatter
from typing import Any, ClassVar
from unicodedata import combining, normalize

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import NIP_DIGITS


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
    F_1_03 = "f_1_03"  # registration of a move
    F_1_04 = "f_1_04"  # statement of having no population documents
    F_1_05 = "f_1_05"  # SPTJM of a marriage or divorce that is not registered
    F_1_06 = "f_1_06"  # statement of changed data elements
    F_1_07 = "f_1_07"  # power of attorney
    F_2_03 = "f_2_03"  # SPTJM of the facts of a birth
    F_2_04 = "f_2_04"  # SPTJM of being husband and wife
    SPTJM = "sptjm"  # of older programs


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


# Who signs a paper by hand on the pad, and at which place of it: not who signs for the dinas.

INKS = "inks"  # beside the fields that a letter prints: attachment of the ink by place
_PERSONS = ("first", "second", "lead", "keeper", "receiver")
_NAMES: Mapping[LetterKind, tuple[tuple[str, str], ...]] = {
    LetterKind.F_1_01: (("person", "head"),),
    LetterKind.F_1_02: (("person", "name"), ("officer", "officer")),
    LetterKind.F_1_03: (("person", "name"),),
    LetterKind.F_1_04: (("person", "name"),),
    LetterKind.F_1_05: (("husband", "husband"), ("wife", "wife")),
    LetterKind.F_1_06: (("person", "name"),),
    LetterKind.F_1_07: (("person", "name"), ("receiver", "receiver")),
    LetterKind.F_2_03: (("person", "name"),),
    LetterKind.F_2_04: (("person", "husband_name"),),
    LetterKind.SPTJM: (("person", "name"),),
    LetterKind.TANDA_TERIMA_SURAT: (("receiver", "receiver"), ("officer", "officer")),
}
_BY_MARK: Mapping[LetterKind, str] = {  # whose signature came with the act that the paper tells
    LetterKind.BA_SERAH_TERIMA: "second",
    LetterKind.BA_SARPRAS: "keeper",
    LetterKind.BA_PENGEMBALIAN: "keeper",
}


def signers_of(kind: LetterKind, fields: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the names of those who may sign, by the place where their ink stands; nobody without a name."""
    found = {place: str(fields.get(name, "")) for place, name in _NAMES.get(kind, ())}
    found |= {name: who["name"] for name in _PERSONS if isinstance(who := fields.get(name), dict)}
    witnesses = [each["name"] if isinstance(each, dict) else each for each in fields.get("witnesses", ())]
    if kind is LetterKind.BA_PENGECUALIAN:
        marks = fields.get("exceptions", ())
        witnesses = list(dict.fromkeys(mark["witness"] for mark in marks))
        present = dict.fromkeys((*fields.get("attendants", ()), *(name for m in marks for name in m["attendants"])))
        found |= {f"attendant{at}": name for at, name in enumerate(present, 1)}
    found |= {f"witness{at}": name for at, name in enumerate(witnesses, 1)}
    found |= {f"visum{at}": row["name"] for at, row in enumerate(fields.get("visum", ()), 1)}
    drawn_before = _BY_MARK.get(kind, "") if fields.get("mark") else ""
    return {place: name for place, name in found.items() if name and place != drawn_before}


# Electronic signature of letters (TTE): how a letter is signed, by whom, and what became of each try.

_MOST_OF_A_COMMON_NAME = 64  # letters that a certificate has room for (X.520, ub-common-name)
_BEFORE_A_NAME = frozenset(["prof", "dr", "drg", "drs", "dra", "ir", "h", "hj", "kh", "r", "rr", "rd"])
_BEHIND_A_NAME = frozenset(
    (
        *("se", "sh", "st", "mm", "mh", "mt", "msi", "ssos", "sip", "skm", "sstp"),
        *("spd", "mpd", "skom", "mkom", "sag", "mag", "amd"),
    )
)


class SigningWay(StrEnum):
    """Who makes the signature."""

    BSRE = "bsre"  # the e-sign client service inside the agency
    OFFICE = "office"  # this laptop, with the certificate of the office


class SigningOutcome(StrEnum):
    """What is known about one try. `SENT` is written before the first byte leaves, so a crash leaves the truth."""

    SENT = "sent"
    SIGNED = "signed"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    FOUND_SIGNED = "found_signed"  # a person settled an unknown outcome
    FOUND_UNSIGNED = "found_unsigned"


@dataclass(frozen=True, slots=True)
class SigningTry:
    """One line of a letter's history of signing; no passphrase, no NIK."""

    at: datetime
    by: str  # user_id
    way: SigningWay
    outcome: SigningOutcome
    code: str = ""  # of the error
    message: str = ""  # of the service, verbatim


@dataclass(frozen=True, slots=True)
class SigningTrail:
    """All tries of one letter, oldest first. `thing_id` is the letter's."""

    KIND: ClassVar[str] = "signing_trail"

    thing_id: str
    activity_id: str
    tries: tuple[SigningTry, ...] = ()

    @property
    def words(self) -> str:
        """Nothing: the letter is what people search."""
        return ""


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """How this kit signs. `ca` and `trust` are PEM; an empty `ca` means the authorities that the system trusts."""

    way: SigningWay = SigningWay.BSRE
    url: str = ""
    user: str = ""  # of HTTP Basic
    secret: str = field(default="", repr=False)
    ca: str = ""  # of the service's TLS certificate
    trust: str = ""  # of signers and their timestamps
    certificate: str = ""  # attachment_id of the office's PKCS #12, which its own passphrase closes
    niks: Mapping[str, str] = field(default_factory=dict, repr=False)  # user_id → NIK by which the service knows them

    @property
    def is_set_up(self) -> bool:
        """Return whether there is something to sign by."""
        return bool(self.url and self.user) if self.way is SigningWay.BSRE else bool(self.certificate)


def is_signer(name: str, nip: str, subject: str, serial: str = "") -> bool:
    """Return whether a certificate is that of the official whom a letter names.

    `subject` and `serial` are common name and serialNumber of the certificate's subject. Two NIP decide; else the
    names, without titles, capitals and marks, which certificates and letters write differently.
    """
    given, held = (_digits(text) for text in (nip, serial))
    if len(given) == len(held) == NIP_DIGITS:
        return given == held
    named, found = _plain_name(name), _plain_name(subject)
    if len(subject) >= _MOST_OF_A_COMMON_NAME and found:
        return named.startswith(found)
    return bool(named) and named == found


def _digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isascii() and mark.isdigit())


def _plain_name(text: str) -> str:
    """Return a name in small letters without titles: what stands behind a comma, Drs., S.Sos, H., SE at the end."""
    bare = "".join(mark for mark in normalize("NFKD", text.split(",")[0]).casefold() if not combining(mark))
    words = [word.strip(".()'\"") for word in bare.split()]
    # Degrees are written with a full stop inside (S.Sos, M.Si.), parts of names are not.
    named = [word for word in words if word and "." not in word]
    while len(named) > 1 and named[0] in _BEFORE_A_NAME:
        named.pop(0)
    while len(named) > 1 and named[-1] in _BEHIND_A_NAME:
        named.pop()
    return " ".join(named)


# Numbers, money and days in Indonesian words, as official letters spell them (terbilang).

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
LARGEST = 10**15 - 1

_DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
_SCALES = ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (10**3, "ribu"))


def number_words(number: int) -> str:
    """Return a number in words: 1250 is "seribu dua ratus lima puluh". Raise `InputError` above `LARGEST`."""
    if abs(number) > LARGEST:
        raise InputError("terbilang.too_large", number=number)
    if number < 0:
        return f"minus {number_words(-number)}"
    if number == 0:
        return _DIGITS[0]
    said, rest = [], number
    for scale, name in _SCALES:
        count, rest = divmod(rest, scale)
        if count:
            # One thousand alone is "seribu"; one million is "satu juta".
            said.append("seribu" if scale == 1000 and count == 1 else f"{_below_thousand(count)} {name}")
    if rest:
        said.append(_below_thousand(rest))
    return " ".join(said)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    said = []
    if hundreds:
        said.append("seratus" if hundreds == 1 else f"{_DIGITS[hundreds]} ratus")
    if rest >= 20:
        tens, rest = divmod(rest, 10)
        said.append(f"{_DIGITS[tens]} puluh")
    elif rest >= 12:
        said.append(f"{_DIGITS[rest - 10]} belas")
        rest = 0
    if rest:
        said.append(_DIGITS[rest])
    return " ".join(said)


def rupiah(amount: int) -> str:
    """Return whole rupiah as figures: "Rp1.250.000"."""
    figures = f"{abs(amount):,}".replace(",", ".")
    return f"-Rp{figures}" if amount < 0 else f"Rp{figures}"


def rupiah_words(amount: int) -> str:
    """Return whole rupiah in words: "satu juta rupiah"."""
    return f"{number_words(amount)} rupiah"


def counted(count: int) -> str:
    """Return a count with its words: "3 (tiga)"."""
    return f"{count} ({number_words(count)})"


def long_date(day: date) -> str:
    """Return a day as letters date it: "23 November 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def weekday(day: date) -> str:
    """Return the name of the day of the week."""
    return WEEKDAYS[day.weekday()]


def day_words(day: date) -> str:
    """Return a day as a berita acara spells it: "Senin, tanggal dua puluh tiga bulan November tahun …"."""
    month = MONTHS[day.month - 1]
    return f"{weekday(day)}, tanggal {number_words(day.day)} bulan {month} tahun {number_words(day.year)}"


def days_text(days: tuple[date, ...]) -> str:
    """Return days as a letter names them: one day, a range without gaps, or a list."""
    ordered = sorted(set(days))
    if not ordered:
        return ""
    first, last = ordered[0], ordered[-1]
    if first == last:
        return f"{weekday(first)}, {long_date(first)}"
    if (last - first).days == len(ordered) - 1:
        return f"{weekday(first)} s.d. {weekday(last)}, {long_date(first)} s.d. {long_date(last)}"
    return "; ".join(f"{weekday(day)}, {long_date(day)}" for day in ordered)


def clock_text(at: time) -> str:
    """Return a time of day with the full stop that Indonesian uses: "08.30"."""
    return f"{at:%H.%M}"


# What stands on every letter of a dinas: its letterhead (kop), who signs, and how its numbers are built.

THE_LETTERHEAD = "letterhead"
SHEETS = ("f4", "a4")  # F4: 215 × 330 mm
PLACEHOLDERS = frozenset({"nomor", "kode", "bulan", "bulan_romawi", "tahun"})

_K = LetterKind
# A beginning that each dinas edits: the classification of Permendagri 83/2022 throughout. 400.12.2.1 is registration
# of identity, 900.1.3 carrying out the budget, 000.2.3.2 distribution of regional goods.
PATTERNS: Mapping[LetterKind, str] = {
    _K.JADWAL: "400.12.2.1/{nomor}/{kode}/{tahun}",
    _K.SURAT_TUGAS: "800.1.11.1/{nomor}/{kode}/{tahun}",
    _K.SURAT_BALASAN: "400.12.2.1/{nomor}/{kode}/{tahun}",
    _K.SURAT_PEMBERITAHUAN: "400.12.2.1/{nomor}/{kode}/{tahun}",
    _K.NOTULEN: "000.1.5/{nomor}/{kode}/{tahun}",
    _K.SPPD: "000.1.2.3/{nomor}/{kode}/{tahun}",
    _K.SPJ: "900.1.3/{nomor}/{kode}/{tahun}",
    _K.BA_PENGECUALIAN: "400.12.2.1/{nomor}/BA/{kode}/{tahun}",
    _K.BA_PENGIRIMAN: "400.12.2.1/{nomor}/BA/{kode}/{tahun}",
    _K.BA_SERAH_TERIMA: "400.12.2.1/{nomor}/BA/{kode}/{tahun}",
    _K.BA_SARPRAS: "000.2.3.2/{nomor}/BA/{kode}/{tahun}",
    _K.BA_PENGEMBALIAN: "000.2.3.2/{nomor}/BA/{kode}/{tahun}",
    _K.JADWAL_DISTRIBUSI: "400.12.2.1/{nomor}/{kode}/{tahun}",
    _K.LAPORAN_KEGIATAN: "400.12.2.1/{nomor}/{kode}/{tahun}",
    _K.REKAPITULASI: "400.12.2.1/{nomor}/{kode}/{tahun}",
}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """One per dinas. `patterns` has the number patterns that differ from `PATTERNS`, by letter."""

    KIND: ClassVar[str] = "letterhead"

    dinas: str
    regency: str = ""
    address: str = ""
    contact: str = ""
    city: str = ""  # where letters are dated
    code: str = ""  # of the office within a number
    head: str = ""  # thing_id of the Staff who signs
    logo: str = ""  # attachment_id of a PNG or JPEG
    patterns: Mapping[str, str] = field(default_factory=dict)
    sheet: str = SHEETS[0]  # on which letters are printed
    thing_id: str = THE_LETTERHEAD
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Name and regency."""
        return f"{self.dinas} {self.regency}"

    def pattern(self, kind: LetterKind) -> str:
        """Return the number pattern of a letter, "" when it has none."""
        return self.patterns.get(kind.value, PATTERNS.get(kind, ""))

    def number(self, kind: LetterKind, typed: str, day: date) -> str:
        """Return the official number: as typed, or the pattern around the running number that was typed.

        Raise `InputError("letter.code_missing")` when the pattern wants the code of the office and there is none.
        """
        typed, pattern = typed.strip(), self.pattern(kind)
        if not pattern or not (typed.isascii() and typed.isdigit()):
            return typed
        if "{kode}" in pattern and not self.code:
            raise InputError("letter.code_missing", pattern=pattern)
        return pattern.format(
            nomor=typed,
            kode=self.code,
            bulan=f"{day.month:02}",
            bulan_romawi=ROMAN_MONTHS[day.month - 1],
            tahun=day.year,
        )


def check_pattern(pattern: str) -> None:
    """Raise `InputError("letter.pattern_wrong")` unless a number can be built by the pattern."""
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError:
        parts = [("", "", "", None)]
    names = [name for _, name, _, _ in parts if name is not None]
    plain = all(not spec and not conversion for _, _, spec, conversion in parts)
    if "nomor" not in names or not PLACEHOLDERS.issuperset(names) or not plain:
        raise InputError("letter.pattern_wrong", pattern=pattern).at("pattern")
