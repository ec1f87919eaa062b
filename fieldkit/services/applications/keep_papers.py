"""The papers of an application: scanned or photographed one by one, and read one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from fieldkit.domain.applications import Application, ApplicationState, PaperVerdict, Requirement
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.repositories import Attachment
from fieldkit.services.applications.event_handlers import applications_moved, demand_role
from fieldkit.services.targets.register_request import Scan
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

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
