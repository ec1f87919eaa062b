"""What the core asks of letters: one data set in, a paper out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from fieldkit.domain.errors import Problem
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.targets.sheets import Sheet
from fieldkit.ports.delivery import Receipt

# The export of an app for applications and the files that came with it; foreign formats stay behind it.


@dataclass(frozen=True, slots=True)
class ComeFile:
    """A file that came along. `words` are what may name its application: path, subject, first lines of the mail."""

    name: str
    words: str
    read: Callable[[], bytes]


class ApplicationExports(Protocol):
    """Reads CSV, XLSX and JSON, and takes mails apart. Nothing in a file is ever executed."""

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        """Return the sheets that have rows. Raise `InputError` with one clear sentence for anything else."""
        ...

    def unpack(self, file: ComeFile) -> Sequence[ComeFile]:
        """Return the attachments of a mail, or the file itself. Raise `InputError("export.broken_mail")`."""
        ...


class Documents(Protocol):
    """Renders letters by name (`bukti_perekaman`, …); the same fields give the same bytes. Any thread may ask."""

    def render(self, letter: str, fields: Mapping[str, object]) -> bytes:
        """Return a PDF/A-2b. Raise `InputError("letter.…")` when a field is missing or the letter is unknown."""
        ...

    def preview(self, letter: str, fields: Mapping[str, object]) -> Sequence[bytes]:
        """Return the pages as PNG, for the screen."""
        ...

    def sheets(self, letter: str, fields: Mapping[str, object]) -> Sequence[bytes]:
        """Return the pages as PNG, fine enough for a printer."""
        ...

    def receipt(self, letter: str, fields: Mapping[str, object]) -> Receipt:
        """Return a letter in the short form for a receipt printer. Raise `InputError` likewise."""
        ...

    def wording(self, letter: str) -> Mapping[str, Any]:
        """Return what a letter proposes to say: `title` and fields, text or lists of text with {names} to fill."""
        ...


# Spreadsheets of reports.


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """One table on its sheet: text stays text, numbers are numbers. `charted` is the column that a chart shows."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    charted: int | None = None


class ReportSheets(Protocol):
    """Writes XLSX."""

    def write(self, sheets: Sequence[ReportSheet], made_at: datetime) -> bytes:
        """Return an XLSX with one sheet per table."""
        ...


# Sheets of paper that are no letters of the dinas.


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """A paper as PDF, and its pages as PNG for a printer."""

    pdf: bytes = field(repr=False)
    pages: tuple[bytes, ...] = field(repr=False)


class Sheets(Protocol):
    """Renders them; any thread may ask."""

    def recovery(self, facts: Mapping[str, str]) -> PaperSheet:
        """Return the recovery sheet: `kit`, `dinas`, `user`, `name`, `at`, `code`."""
        ...

    def spare_codes(self, facts: Mapping[str, str], codes: Sequence[str]) -> PaperSheet:
        """Return the spare codes of a second factor: `kit`, `dinas`, `user`, `name`, `at`, and the codes."""
        ...

    def qr(self, line: str) -> bytes:
        """Return a line as QR code: PNG, black on white with its margin."""
        ...


# Where the SOPs of the kabupaten come from.


@dataclass(frozen=True, slots=True)
class ProfilesRead:
    """What could be read, by name, and every mistake of the files that could not."""

    profiles: tuple[SopProfile, ...]
    mistakes: tuple[Problem, ...] = ()


class SopProfiles(Protocol):
    """The SOPs that come with the program, and those that a dinas put beside them."""

    def read(self) -> ProfilesRead:
        """Return all of them; a faulty file keeps nobody from the others."""
        ...


# Spreadsheets of target lists; the only foreign names behind it are those of the file formats.


class TargetSheets(Protocol):
    """Reads XLSX and CSV, writes XLSX. Nothing in a file is ever executed."""

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        """Return the sheets that have rows. Raise `InputError` with one clear sentence for anything else."""
        ...

    def write(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
        """Return an XLSX of one sheet whose cells are all text, so that no number loses a digit."""
        ...
