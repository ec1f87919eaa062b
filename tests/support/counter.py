"""A counter that takes applications, with all the accounts that have a part in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.cards_sent import LOKET, PRINTER, follow_sop, sign_in, taken
from support.families import FAMILY
from support.letters import KADIS, KASI, office

from fieldkit.domain.applications import Applicant, Application, PaperVerdict, Requirement, Service
from fieldkit.domain.cards.card import Document
from fieldkit.domain.letters.requirements import SupportingPaper
from fieldkit.domain.nik import MaritalStatus, Nik
from fieldkit.domain.people import User
from fieldkit.services.applications.begin_application import Handed
from fieldkit.services.applications.serve_applications import ServeApplications, Sheets, Signed
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.register_request import Scan


def right(paper: SupportingPaper) -> Requirement:
    """Return a paper that was scanned and found right; its scan is not in the store."""
    return replace(Requirement.of(paper, True, ("scan",)), verdict=PaperVerdict.RIGHT)


PAPERS = (right(SupportingPaper.OLD_KK), right(SupportingPaper.KTP_EL))
SITI = Applicant("SITI AMINAH", Nik.parse("3315084507900002"), "Dukuh Krajan", "WIROSARI", "0812", date(1990, 7, 5))
CHILD = Applicant("BIMA", Nik.parse("3315080102180001"), "Dukuh Krajan", "WIROSARI", birth_date=date(2018, 2, 1))
SCAN = Scan("kk.png", "image/png", b"\x89PNG\r\n\x1a\nkk")
SIGNED = Signed("", "SIAK-2026-0001", (SCAN,))
MARRIED = MaritalStatus.KAWIN


def for_kk(*papers: Requirement) -> Handed:
    return Handed(Service.KK, Document.KK, SITI, papers or PAPERS, "anak sudah menikah", request="kk_pisah")


def for_card(who: Applicant = SITI, document: Document = Document.KTP_EL, registration: str = "") -> Handed:
    return Handed(Service.BECAK_PINTAR, document, who, PAPERS, registration=registration)


class Counter:
    """One store; `by` lets another account sit down at it."""

    def __init__(self, folder: Path, sop: str) -> None:
        self.folder = folder
        self.kit: Kit = office(folder, LOKET)
        follow_sop(self.kit, sop)

    def by(self, user: User) -> ServeApplications:
        self.kit.clock.advance(minutes=1)
        self.kit = sign_in(self.kit, self.folder, user)
        return self.kit.context.office.applications

    def entered(self, at: str) -> None:
        """Enter the family of a KK and submit it."""
        applications = self.by(PETUGAS)
        self.kit.context.office.families.keep(at, FAMILY)
        applications.enter(at)

    def scanned(self, at: str, place: int) -> None:
        """Scan a paper of an application and find it right, by whoever checks."""
        self.by(LOKET)
        papers = self.kit.context.office.application_papers
        papers.scan(at, place, [SCAN])
        papers.judge(at, place, PaperVerdict.RIGHT)

    def through(self, application: Application) -> Application:
        """Bring an application from its check to the signature, each step by its own account."""
        at, is_kk = application.thing_id, application.service is Service.KK
        self.by(LOKET if is_kk else PETUGAS).check(at)
        if is_kk:
            self.entered(at)
        self.by(KASI).verify(at)
        chief = self.by(KADIS)
        chief.approve(at)
        return chief.note_tte(at, SIGNED)

    def context(self, user: User) -> AppContext:
        """Return the context of another account, a minute later."""
        self.kit.clock.advance(minutes=1)
        return self.kit.context_of(user)

    def handed_over(self, application: Application) -> None:
        """Bring a KK from the counter to the hands of its applicant."""
        self.through(application)
        card = self.printed(application)
        self.by(LOKET).receive_at_counter(application.thing_id)
        self.context(LOKET).office.handover.receive(card, taken("Siti Aminah", relation="sendiri", shows_ktp=True))

    def printed(self, application: Application) -> str:
        """Print a signed application; return the id of its document."""
        (card,) = self.by(PRINTER).note_printed([application.thing_id], Sheets("B1"))
        return card.thing_id

    def close(self) -> None:
        self.kit.store.close()


@pytest.fixture
def counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counter]:
    """The counter of KK, or of the SOP that the file of the test names as `SOP`."""
    made = Counter(tmp_path, getattr(request.module, "SOP", "grobogan_kk_wni"))
    yield made
    made.close()
