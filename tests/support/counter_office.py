"""An activity with applications in several states, for lists and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import cv2
import numpy as np
from support.activities import add_activity
from support.app_context import TODAY, Kit
from support.cards_sent import taken
from support.counter import CHILD, SIGNED, SITI, for_kk, right
from support.families import FAMILY

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.applications import Applicant, Requirement, Service
from fieldkit.domain.cards.card import Document
from fieldkit.domain.letters.requirements import needed_papers
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Role, User
from fieldkit.services.applications.begin_application import Handed
from fieldkit.services.applications.serve_applications import ServeApplications, Sheets
from fieldkit.services.targets.register_request import Scan

KK_AT, BECAK_AT = "kk1", "bp1"
_NAMES = ("NANIK SURYANI", "PARTO WIYONO", "SULASTRI", "SUWARNO HADI", "TUMINAH")
FAR = ("checked", "verified", "approved", "printed", "over")


class Counter:
    """Everybody who has a part in an application, over one store."""

    def __init__(self, kit: Kit, people: Mapping[Role, User]) -> None:
        self._kit, self._people = kit, people

    def by(self, role: Role, minutes: int = 1) -> ServeApplications:
        """Let the next account sit down, some minutes later."""
        self._kit.clock.advance(minutes=minutes)
        return self._kit.context_of(self._people[role]).office.applications

    def bring(self, at: str, far: str) -> None:
        """Bring an application for a KK that far."""
        steps = (
            ("checked", lambda: self.by(Role.LOKET).check(at)),
            ("", lambda: self._enter(at)),
            ("verified", lambda: self.by(Role.KASI, 2).verify(at)),
            ("approved", lambda: self.by(Role.KEPALA_DINAS).approve(at)),
            ("", lambda: self.by(Role.KEPALA_DINAS, 0).note_tte(at, SIGNED)),
            ("printed", lambda: self.by(Role.OPERATOR_CETAK, 3).note_printed([at], Sheets("BLK-0117"))),
            ("", lambda: self.by(Role.LOKET).receive_at_counter(at)),
            ("over", lambda: self._hand_over(at)),
        )
        for name, do in steps:
            do()
            if name == far:
                return

    def _enter(self, at: str) -> None:
        self.by(Role.PETUGAS_PEREKAMAN, 4)
        office = self._kit.context_of(self._people[Role.PETUGAS_PEREKAMAN]).office
        office.families.keep(at, FAMILY)
        office.applications.enter(at)

    def _hand_over(self, at: str) -> None:
        loket = self._kit.context_of(self._people[Role.LOKET]).office
        card = loket.applications.get(at).document_id
        loket.handover.receive(card, taken("Sutrisno", relation="suami", shows_ktp=True))


def serve(kit: Kit, people: Mapping[Role, User]) -> dict[str, str]:
    """Take in families at a counter that follows the SOP for KK, and a child by Becak Pintar.

    Return the ids by how far they came: `FAR`, "new", "back" and "kia". The clock stands where it stood.
    """
    now, counter = kit.clock.at, Counter(kit, people)
    profiles = {profile.sop_id: profile for profile in own_profiles()}
    add_activity(kit, KK_AT, profiles["grobogan_kk_wni"], TODAY)
    add_activity(kit, BECAK_AT, profiles["grobogan_becak_pintar"], TODAY)
    made = {}
    for place, (far, name) in enumerate(zip(FAR, _NAMES, strict=True)):
        who = Applicant(name, Nik.parse(f"331508{10 + place}04700002"), "Dukuh Krajan", "WIROSARI", "0812")
        at = (
            counter.by(Role.LOKET)
            .register(KK_AT, Handed(Service.KK, Document.KK, who, _papers(4), "pecah KK"))
            .thing_id
        )
        counter.bring(at, far)
        made[far] = at
    loket = counter.by(Role.LOKET)
    made["new"] = loket.register(KK_AT, for_kk(*_papers(3))).thing_id
    papers = kit.context_of(people[Role.LOKET]).office.application_papers
    papers.scan(made["new"], 0, [Scan("formulir.jpg", "image/jpeg", page_photo())])
    away = Handed(Service.KK, Document.KK, SITI, _papers(2), "tambah anak")
    made["back"] = loket.register(KK_AT, away).thing_id
    loket.send_back(made["back"], "KTP-el pemohon dan bukti perubahan belum ada")
    child = Handed(Service.BECAK_PINTAR, Document.KIA, CHILD, _papers(4, CHILD.birth_date), registration="BP-2026-0007")
    made["kia"] = loket.register(BECAK_AT, child).thing_id
    kit.clock.at = now
    return made


def _papers(there: int, birth_date: date | None = None) -> tuple[Requirement, ...]:
    document, request = (Document.KIA, "") if birth_date else (Document.KK, "kk_elemen_data")
    needed = needed_papers(document, request, birth_date, TODAY)
    return tuple(right(paper) if at < there else Requirement.of(paper) for at, paper in enumerate(needed))


def page_photo() -> bytes:
    """Return a JPEG of a page with lines, as a phone takes it."""
    page = np.full((900, 640, 3), 235, np.uint8)
    for y in range(80, 820, 28):
        cv2.line(page, (60, y), (580 - (y * 7) % 160, y), (60, 50, 50), 3)
    return bytes(cv2.imencode(".jpg", page)[1])
