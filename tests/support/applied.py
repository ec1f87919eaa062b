"""Applications as screens show them, without a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from support.clock import NOW
from support.counter import PAPERS, SITI

from fieldkit.domain.applications import LEGS, Application, ApplicationState, Done, Service
from fieldkit.domain.cards.card import CardCase, Document, MarkKind, Printed, Receipt
from fieldkit.domain.people import Role
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.services.applications.serve_applications import ApplicationView, Leg

BEGUN = Done(ApplicationState.TERDAFTAR, NOW, "u13")
APPLICATION = Application(
    "p1",
    "a1",
    Service.KK,
    Document.KK,
    "R-1",
    SITI,
    PAPERS,
    ApplicationState.TERDAFTAR,
    (BEGUN,),
)
LEG = Leg(Fulfilment.APPLICATION_CHECKED, "Petugas Loker", (Role.LOKET,), 13)
VIEW = ApplicationView(APPLICATION, None, (LEG,), {}, timedelta())
CARD = CardCase(
    "c1",
    "a1",
    Document.KK,
    "R-1",
    SITI.name,
    SITI.nik.masked,
    SITI.village,
    (Printed(NOW, "u12", "B1"),),
    application_id="p1",
)
RECEIPT = Receipt("Siti", "sendiri", "KTP-el", NOW, "u13", MarkKind.SIGNATURE, "m1")


def viewed(*states: ApplicationState, card: CardCase | None = None, **changes: object) -> ApplicationView:
    """Return an application of KK that came through these states, an hour each, done by nobody whose name is known."""
    history = (BEGUN, *(Done(state, NOW + timedelta(hours=no), "u4") for no, state in enumerate(states, 1)))
    application = replace(APPLICATION, state=history[-1].state, history=history, **changes)
    done = len([state for state in states if state is not ApplicationState.DISETUJUI]) + 1
    legs = tuple(
        replace(LEG, fact=fact, ended_at=NOW if at < done else None)
        for at, fact in enumerate(LEGS[application.service])
    )
    return ApplicationView(application, card, legs, {}, timedelta())
