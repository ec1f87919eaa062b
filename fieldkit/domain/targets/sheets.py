"""Target lists as they come: sheets of cells, which column means what, and what was read of each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.nik import Nik
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.targets.requests import LegalCategory

# People who have no NIK yet: on what word they are recorded, and how their NIK came later.

WITNESSES = 2


class NikPaper(StrEnum):
    """From which paper a NIK was taken."""

    KK = "kk"
    KTP_EL = "ktp_el"
    BIODATA = "biodata"  # of SIAK
    BIOMETRIK = "biometrik"  # the data center found the person by finger or iris
    SURAT = "surat"  # of the dinas


@dataclass(frozen=True, slots=True)
class NikAdded:
    """The NIK of somebody who was taken in without one; the provisional number stays on what was sent before."""

    KIND: ClassVar[str] = "nik_added"

    thing_id: str  # target_id
    activity_id: str
    provisional: str
    nik: Nik
    paper: NikPaper
    number: str  # of the paper, as it stands there
    by: str  # user_id
    at: datetime

    @property
    def words(self) -> str:
        """Nothing: a NIK is not to be found by words."""
        return ""


def statement_of(letters: Iterable[Letter], target_id: str) -> Letter | None:
    """Return the issued F-1.04 of a person that names two witnesses, None while there is none."""
    for letter in letters:
        of_person = letter.letter is LetterKind.F_1_04 and letter.fields.get("subject") == target_id
        named = [row for row in letter.fields.get("witnesses", ()) if row["name"]] if of_person else []
        if len(named) >= WITNESSES and letter.state is LetterState.ISSUED:
            return letter
    return None


Cell = str | int | float | bool | datetime | date | None


class Field(StrEnum):
    """What a column of a target list can mean."""

    NIK = "nik"
    NO_KK = "no_kk"
    NAME = "name"
    SEX = "sex"
    BIRTH_PLACE = "birth_place"
    BIRTH_DATE = "birth_date"
    MOTHER_NAME = "mother_name"
    BIRTH = "birth"  # place and date in one column
    STREET = "street"
    RT = "rt"
    RW = "rw"
    RT_RW = "rt_rw"
    VILLAGE = "village"
    DISTRICT = "district"
    MARITAL_STATUS = "marital_status"
    CATEGORY = "category"
    LEGAL = "legal"
    ACCESS = "access"
    CONTACT = "contact"
    SAFETY = "safety"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    TARGET_ID = "target_id"  # of our own export, when it comes back
    VERDICT = "verdict"
    STATUS = "status"  # of a list of statuses
    REMARK = "remark"


class Reason(StrEnum):
    """Why a cell cannot be read; the value is the key of its words."""

    LOST_DIGITS = "list.lost_digits"
    NO_NUMBER = "list.no_number"
    NO_DATE = "list.no_date"
    SHORT_YEAR = "list.short_year"
    NO_SEX = "list.no_sex"
    NO_MARITAL_STATUS = "list.no_marital_status"
    NO_VERDICT = "list.no_verdict"
    NO_COORDINATE = "list.no_coordinate"


class CellError(Exception):
    """A cell that does not say what its column means. Whoever reads the row lists it; nobody else sees it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with the number that the spreadsheet program shows."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file. `is_text` says that no cell has a type of its own (CSV)."""

    name: str
    rows: tuple[SheetRow, ...]
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the header of a sheet stands and which column, from 0, means what."""

    sheet: int
    header: tuple[str, ...]
    first_row: int  # index into the rows of the sheet: the first one below the header
    columns: Mapping[Field, int]
    unsure: tuple[int, ...] = ()  # columns whose words may mean several things and whose values decide nothing

    @property
    def signature(self) -> str:
        """Return what tells this header from others, so that its mapping can be remembered."""
        return "|".join(" ".join(words.lower().split()) for words in self.header)

    def has(self, *fields: Field) -> bool:
        """Return whether one of the fields has a column."""
        return any(field in self.columns for field in fields)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about a row: a message key, the column it is about and what stands there."""

    code: str
    column: str = ""  # the header, or "" when it is about the row
    value: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A person that can be taken over, with what a human should look at."""

    number: int
    biodata: Biodata
    category: ServiceCategory
    warnings: tuple[Remark, ...] = ()
    legal: LegalCategory | None = None
    access: str = ""
    contact: str = ""
    safety: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be taken over: its cells as text, and every reason."""

    number: int
    cells: tuple[str, ...]
    reasons: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is no person: a total, numbers under the header, words at the foot."""

    number: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """Everything that was read of a list, before anything is kept."""

    layout: Layout
    accepted: tuple[ReadRow, ...]
    refused: tuple[RefusedRow, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class TargetList:
    """A list that was taken over, with the rows that were refused. The file itself is an attachment of this thing."""

    KIND: ClassVar[str] = "target_list"

    thing_id: str
    activity_id: str
    name: str  # of the file
    imported_at: datetime
    header: tuple[str, ...]
    accepted: int
    refused: tuple[RefusedRow, ...]

    @property
    def words(self) -> str:
        """The name of the file."""
        return self.name
