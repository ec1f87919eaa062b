"""Applications come out of an app's export with their files: looked at first, taken over together, none twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath
from typing import TypeVar

from fieldkit.domain import applications as exports
from fieldkit.domain.applications import (
    Applicant,
    Application,
    ExportLayout,
    Field,
    Requirement,
    check_document,
)
from fieldkit.domain.cards.card import Document, read_registration
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.requirements import PAPERS, SupportingPaper, case_of, needed_papers
from fieldkit.domain.nik import CARD_FROM_YEARS, MaritalStatus, Nik, age_on
from fieldkit.domain.people import Permission
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.targets import columns
from fieldkit.domain.targets.sheets import Cell, CellError, RefusedRow, Remark, SheetRow
from fieldkit.ports.documents import ApplicationExports, ComeFile
from fieldkit.services.applications.begin_application import MOST_FILES, Handed, attached, begun, service_of
from fieldkit.services.applications.notify import applications_moved
from fieldkit.services.applications.serve_applications import ServeApplications
from fieldkit.services.targets.register_request import Scan
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

T = TypeVar("T")
Clean = Callable[[str, bytes], Scan]
"""Makes a scan of a file; raises `InputError` for what is none."""
OTHER_PAPERS = "Lampiran lain"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A row that can be taken over, with its files by the paper they belong to."""

    number: int
    document: Document
    registration: str
    applicant: Applicant
    wish: str
    papers: tuple[tuple[SupportingPaper | None, tuple[ComeFile, ...]], ...]  # None: what no name tells of
    warnings: tuple[Remark, ...] = ()

    @property
    def files(self) -> int:
        """Return how many files come along."""
        return sum(len(files) for _paper, files in self.papers)


@dataclass(frozen=True, slots=True)
class ExportDraft:
    """Everything that was read of an export, before anything is kept."""

    name: str
    header: tuple[str, ...]
    accepted: tuple[Incoming, ...]
    refused: tuple[RefusedRow, ...]
    unnamed: tuple[str, ...]  # files that belong to no row


class ImportApplications:
    """Reads exports and takes their applications over."""

    def __init__(self, units: UnitsOfWork, reader: ApplicationExports, serve: ServeApplications) -> None:
        self._units, self._reader, self._serve = units, reader, serve

    def preview(
        self, activity_id: str, name: str, content: bytes, files: Sequence[ComeFile], clean: Clean
    ) -> ExportDraft:
        """Read each row with its files; a file that is no scan is told and left out. Raise `InputError`."""
        sheets = self._reader.read(name, content)
        layout = exports.layout_of(sheets)
        given = self._serve.documents(activity_id)
        with self._units.read() as unit:
            run = unit.repository(SopRun).find(activity_id)
            taken = {each.registration for each in unit.repository(Application).search()}
        unpacked = [part for file in files for part in self._reader.unpack(file)]
        context = _Context(layout, self._units.clock.today(), run, given, taken, unpacked, clean)
        accepted: list[Incoming] = []
        refused: list[RefusedRow] = []
        for row in sheets[layout.sheet].rows[layout.first_row :]:
            reading = _Reading(row, context)
            incoming = reading.incoming()
            if incoming is None:
                refused.append(RefusedRow(row.number, tuple(map(columns.cell_text, row.cells)), tuple(reading.faults)))
            else:
                taken.add(incoming.registration)
                accepted.append(incoming)
        used = {id(file) for each in accepted for _paper, those in each.papers for file in those}
        unnamed = tuple(file.name for file in unpacked if id(file) not in used)
        return ExportDraft(name, layout.header, tuple(accepted), tuple(refused), unnamed)

    def take_over(self, activity_id: str, draft: ExportDraft, clean: Clean) -> Sequence[Application]:
        """Register all accepted rows with their files in one transaction, or none.

        Raise `RuleError`: `export.nobody`, `export.came_meanwhile`; `InputError` for a file that changed meanwhile.
        """
        if not draft.accepted:
            raise RuleError("export.nobody", refused=len(draft.refused))
        with self._units.write(Permission.SERVE_KK) as work:
            today = self._units.clock.today()
            known = {each.registration for each in work.unit.repository(Application).search()}
            if any(each.registration in known for each in draft.accepted):
                raise RuleError("export.came_meanwhile")
            kept = [_kept(work, activity_id, each, draft.name, clean, today) for each in draft.accepted]
            applications_moved(work, activity_id)
            return kept


def _kept(work: UnitOfWork, activity_id: str, each: Incoming, source: str, clean: Clean, today: date) -> Application:
    service = service_of(work.unit.repository(SopRun).find(activity_id), each.document)
    handed = Handed(service, each.document, each.applicant, (), each.wish, each.registration)
    application = begun(work, activity_id, handed, today)
    papers = []
    for paper, files in each.papers:
        kept = attached(work, application.thing_id, [clean(file.name, file.read()) for file in files])
        papers.append(Requirement.of(paper, bool(kept), kept) if paper else Requirement(OTHER_PAPERS, True, kept))
    application = replace(application, requirements=tuple(papers), source=source)
    told = {"service": application.service.value, "document": each.document.value}
    work.keep(application, "application_imported", files=each.files, **told)
    return application


@dataclass(frozen=True, slots=True)
class _Context:
    layout: ExportLayout
    today: date
    run: SopRun | None
    given: Sequence[Document]
    taken: set[str]
    files: Sequence[ComeFile]
    clean: Clean


@dataclass(slots=True)
class _Reading:
    """One row on its way to an application."""

    row: SheetRow
    context: _Context
    faults: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)

    def incoming(self) -> Incoming | None:
        """Return the application, or None with `faults` filled."""
        registration = self._registration()
        nik = self._read(Field.NIK, lambda cell: Nik.parse(columns.number_text(cell)))
        name = self._text(Field.NAME).upper()
        if not name:
            self._fault(Field.NAME, "list.no_name")
        is_told = self._cell(Field.BIRTH_DATE) is not None
        born = self._read(Field.BIRTH_DATE, columns.read_date) if is_told else None
        status = self._read(Field.MARITAL_STATUS, columns.read_marital_status) or MaritalStatus.BELUM_KAWIN
        if nik is None or self.faults:
            return None
        who = Applicant(
            name=name,
            nik=nik,
            address=self._text(Field.ADDRESS),
            village=self._text(Field.VILLAGE),
            phone=self._text(Field.PHONE),
            birth_date=born,
            marital_status=status,
            email=self._text(Field.EMAIL),
        )
        document = self._document(who)
        if document is None or self.faults:
            return None
        papers = self._papers(registration, document, born)
        wish = self._text(Field.WISH)
        return Incoming(self.row.number, document, registration, who, wish, papers, tuple(self.warnings))

    def _registration(self) -> str:
        text = self._text(Field.REGISTRATION)
        try:
            registration = read_registration(text)
        except InputError as error:
            self._fault(Field.REGISTRATION, f"export.{error.code.replace('.', '_')}")
            return ""
        if registration in self.context.taken:
            self._fault(Field.REGISTRATION, "export.taken")
        return registration

    def _document(self, who: Applicant) -> Document | None:
        """Return what is asked for: as the export says, else by the age, as the app does."""
        words = self._text(Field.DOCUMENT)
        document = exports.document_of(words)
        if document is None and words:
            self._fault(Field.DOCUMENT, "export.unknown_document")
            return None
        if document is None:
            is_adult = who.birth_date is not None and age_on(who.birth_date, self.context.today) >= CARD_FROM_YEARS
            only_kk = tuple(self.context.given) == (Document.KK,)
            document = Document.KK if only_kk else Document.KTP_EL if is_adult else Document.KIA
        if document not in self.context.given:
            self._fault(Field.DOCUMENT, "export.other_service")
            return None
        try:
            check_document(service_of(self.context.run, document), document, who, self.context.today)
        except InputError as error:
            where = Field.BIRTH_DATE if Field.BIRTH_DATE in self.context.layout.columns else Field.NIK
            self._fault(where, f"export.{error.code.replace('.', '_')}")
        return document

    def _papers(
        self, registration: str, document: Document, born: date | None
    ) -> tuple[tuple[SupportingPaper | None, tuple[ComeFile, ...]], ...]:
        """Return the files by their paper; the case is not known, so that only what every case needs is missed."""
        needed = needed_papers(document, "", born, self.context.today)
        asked = (*needed, *case_of(document, "").optional)
        found: dict[SupportingPaper | None, list[ComeFile]] = {paper: [] for paper in (*asked, None)}
        for file, words in self._files(registration):
            try:
                self.context.clean(file.name, file.read())
            except InputError:
                self.warnings.append(Remark("export.no_scan", "", file.name))
                continue
            into = found[exports.paper_of(document, words, asked)]
            if len(into) < MOST_FILES:
                into.append(file)
        if missing := [PAPERS[paper][0] for paper in needed if not found[paper]]:
            self.warnings.append(Remark("export.paper_missing", "", ", ".join(missing)))
        return tuple((paper, tuple(files)) for paper, files in found.items() if files or paper in needed)

    def _files(self, registration: str) -> list[tuple[ComeFile, str]]:
        """Return the files whose words name the number, or which a cell names, each with what tells its kind."""
        by_cell: dict[str, str] = {}
        for place, cell in enumerate(self.row.cells):
            header = self.context.layout.header
            for part in re.split(r"[;,|]", cell) if isinstance(cell, str) else ():
                base = PurePath(part.strip().replace("\\", "/")).name.lower()
                if "." in base:
                    by_cell[base] = header[place] if place < len(header) else ""
        found = []
        for file in self.context.files:
            base = PurePath(file.name).name
            if base.lower() in by_cell or exports.names(registration, file.words):
                found.append((file, f"{by_cell.get(base.lower(), '')} {base}"))
        return found

    def _cell(self, wanted: Field) -> Cell:
        at = self.context.layout.columns.get(wanted)
        return self.row.cells[at] if at is not None and at < len(self.row.cells) else None

    def _text(self, wanted: Field) -> str:
        return columns.cell_text(self._cell(wanted))

    def _read(self, wanted: Field, read: Callable[[Cell], T]) -> T | None:
        try:
            return read(self._cell(wanted))
        except CellError as error:
            self._fault(wanted, error.reason)
        except InputError as error:
            self._fault(wanted, f"list.{error.code.replace('.', '_')}")
        return None

    def _fault(self, wanted: Field, code: str) -> None:
        at = self.context.layout.columns.get(wanted)
        self.faults.append(Remark(code, self.context.layout.header[at] if at is not None else "", self._text(wanted)))
