"""An application at its beginning, typed at the counter or out of an app's export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fieldkit.domain.applications import (
    DOCUMENTS,
    Applicant,
    Application,
    ApplicationState,
    Done,
    Requirement,
    Service,
    check_document,
    legs_in,
)
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.official_forms import REQUESTS
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.unit_of_work import UnitOfWork

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
        request=handed.request if handed.request in REQUESTS[handed.document][1:] else "",  # the first is none
        own_legs=legs_in(own.facts) if own else (),
    )
