"""An application at its beginning, typed at the counter or out of an app's export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fieldkit.domain.applications import (
    DOCUMENTS,
    Applicant,
    Application,
    ApplicationState,
    Done,
    PaperVerdict,
    Requirement,
    Service,
    check_document,
    legs_in,
)
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.families import Family, check_member, doubts
from fieldkit.domain.letters.requirements import CASES
from fieldkit.domain.nik import Finding
from fieldkit.domain.people import Permission
from fieldkit.domain.recording.biodata import Address, CodeTables
from fieldkit.domain.sop.run import SopRun
from fieldkit.ports.repositories import Attachment
from fieldkit.services.applications.notify import applications_moved, demand_role
from fieldkit.services.targets.register_request import Scan
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

_S = ApplicationState


@dataclass(frozen=True, slots=True)
class Handed:
    """What an applicant hands in. Without a registration number the kit gives one."""

    service: Service
    document: Document
    applicant: Applicant
    requirements: tuple[Requirement, ...]
    wish: str = ""
    registration: str = ""
    request: str = ""  # what F-1.02 ticks, "" when nobody said


def service_of(run: SopRun | None, document: Document) -> Service:
    """Return which way an application for a document goes in an activity. Raise `InputError` for another's document."""
    if run is not None and run.profile.gives:
        if document not in run.profile.gives:
            raise InputError("application.other_document")
        return Service.SOP
    return next(service for service, documents in DOCUMENTS.items() if document in documents)


def begun(work: UnitOfWork, activity_id: str, handed: Handed, today: date) -> Application:
    """Return an application at its beginning, not yet kept. Raise `InputError`."""
    work.unit.activities.get(activity_id)
    run = work.unit.repository(SopRun).find(activity_id)
    own = run.profile if run is not None and run.profile.gives else None
    service = service_of(run, handed.document) if own else handed.service
    check_document(service, handed.document, handed.applicant, today)
    return Application(
        thing_id=work.ids.new(),
        activity_id=activity_id,
        service=service,
        document=handed.document,
        registration=handed.registration,
        applicant=handed.applicant,
        requirements=handed.requirements,
        state=_S.TERDAFTAR,
        history=(Done(_S.TERDAFTAR, work.at, work.user.user_id),),
        wish=handed.wish.strip(),
        request=_request(handed),
        own_legs=legs_in(own.facts) if own else (),
    )


def _request(handed: Handed) -> str:
    said = (case.name for case in CASES[handed.document][1:])  # the first is none
    return handed.request if handed.request in said else ""


# The KK as it is entered from the form of an application: its address, its members, what is odd about them.


class EnterFamilies:
    """Families of applications for a KK, between the check of the papers and the submission."""

    def __init__(self, units: UnitsOfWork, tables: CodeTables, is_known_region: Callable[[str], bool]) -> None:
        self._units, self._tables, self._is_known_region = units, tables, is_known_region

    def family(self, application_id: str) -> Family:
        """Return the family as far as it was entered; before that the address of the applicant."""
        with self._units.read() as unit:
            application = unit.repository(Application).get(application_id)
        return application.family or _begun(application.applicant)

    def doubts(self, family: Family) -> Sequence[tuple[str, Finding]]:
        """Return what a person should look at, with the name of the member."""
        return doubts(family, self._units.clock.today(), self._is_known_region)

    def keep(self, application_id: str, family: Family) -> Application:
        """Keep a family, complete or not. Raise `InputError` about a member; `RuleError`: `application.not_now`,
        `application.not_yours`.
        """
        today = self._units.clock.today()
        for member in family.members:
            check_member(member, self._tables, today)
        with self._units.write(Permission.SERVE_KK) as work:
            application = work.unit.repository(Application).get(application_id)
            if application.document is not Document.KK or application.next_state is not ApplicationState.DIINPUT:
                raise RuleError("application.not_now", registration=application.registration)
            demand_role(work, application, ApplicationState.DIINPUT)
            kept = replace(application, family=family)
            work.keep(kept, "application_family_entered", members=len(family.members))
            return kept


def _begun(who: Applicant) -> Family:
    home = Address(who.address.upper(), "", "", who.village.upper(), "", who.nik.region)
    return Family(None, home, phone=who.phone)


# The papers of an application: scanned or photographed one by one, and read one by one.

MOST_FILES = 20  # of one paper


class KeepPapers:
    """Scans and verdicts, until the office has checked an application."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def files(self, application_id: str, place: int) -> Sequence[Attachment]:
        """Return the scans of a paper, in their order. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            paper = unit.repository(Application).get(application_id).requirements[place]
            return [unit.attachments.get(each) for each in paper.files]

    def scan(self, application_id: str, place: int, scans: Sequence[Scan]) -> Application:
        """Keep the scans of a paper in place of those before; whoever checks reads it anew.

        Raise `InputError`: `application.no_scan`, `application.many_scans`; `RuleError("application.not_now")`.
        """
        if not scans:
            raise InputError("application.no_scan").at("file")
        if len(scans) > MOST_FILES:
            raise InputError("application.many_scans", limit=MOST_FILES).at("file")
        with self._units.write(Permission.SERVE_KK) as work:
            application = _open(work, application_id)
            for old in application.requirements[place].files:
                work.unit.attachments.remove(old)
            files = attached(work, application_id, scans)
            changed = _changed(application, place, lambda paper: paper.scanned(files))
            work.keep(changed, "application_scanned", paper=place, files=len(files))
            applications_moved(work, changed.activity_id)  # it may be the last photo
            return changed

    def judge(self, application_id: str, place: int, verdict: PaperVerdict, reason: str = "") -> Application:
        """Say that a paper is right, or what is wrong with it, by whoever checks.

        Raise `RuleError`: `application.not_yours`, `application.not_now`, `application.no_file`; `InputError`.
        """
        with self._units.write(Permission.SERVE_KK) as work:
            application = _open(work, application_id)
            demand_role(work, application, ApplicationState.DIPERIKSA)
            changed = _changed(application, place, lambda paper: paper.judged(verdict, reason))
            work.keep(changed, "application_paper_read", paper=place, verdict=verdict.value)
            return changed


def attached(work: UnitOfWork, application_id: str, scans: Sequence[Scan]) -> tuple[str, ...]:
    """Keep files of an application and return their ids."""
    return tuple(work.attach(application_id, scan.name, scan.media_type, scan.content) for scan in scans)


def _open(work: UnitOfWork, application_id: str) -> Application:
    application = work.unit.repository(Application).get(application_id)
    if not application.counts or application.has_reached(ApplicationState.DIPERIKSA):
        raise RuleError("application.not_now", registration=application.registration)
    return application


def _changed(application: Application, place: int, change: Callable[[Requirement], Requirement]) -> Application:
    papers = application.requirements
    return replace(application, requirements=(*papers[:place], change(papers[place]), *papers[place + 1 :]))
