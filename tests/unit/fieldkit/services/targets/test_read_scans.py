"""Scans of a request as pages: PDFs drawn, photos as they are, and what cannot be shown is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from support.app_context import KETUA, Kit

from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.targets.requests import Applicant, SuratPermohonan
from fieldkit.services.targets.register_request import ProposedActivity, Scan, scan_of

DAY = date(2026, 11, 20)


def picture(width: int = 3_000) -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (width, 200), "white").save(drawn, "PNG")
    return drawn.getvalue()


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KETUA) as kit:
        yield kit


def registered(kit: Kit, *scans: Scan) -> str:
    request = SuratPermohonan(
        thing_id="",
        activity_id="",
        applicant=Applicant.PEMERINTAH_DESA,
        sender="Desa Jimbe",
        number="470/1",
        dated=DAY,
        received_on=DAY,
        subject="Permohonan",
        village="Jimbe",
        district="Kademangan",
        region="",
        targets=1,
        contact="",
    )
    proposed = ProposedActivity("Jemput bola", "Desa Jimbe", date(2026, 12, 1), ModePerekaman.LURING, "")
    return kit.context.office.requests.register(request, proposed, scans).thing_id


def test_photos_are_shown_in_their_order_and_not_larger_than_needed(kit: Kit) -> None:
    request_id = registered(kit, scan_of("surat.png", picture()), scan_of("daftar.png", picture(400)))
    reading = kit.context.office.scans
    shown = reading.draw(reading.of(request_id))
    sizes = [Image.open(BytesIO(page)).size[0] for page in shown.pages]
    assert (sizes, shown.unreadable) == ([2_000, 400], ())


def test_a_scan_that_cannot_be_shown_hides_no_other(kit: Kit) -> None:
    broken, photo = scan_of("rusak.pdf", b"%PDF-1.7 rusak"), scan_of("surat.png", picture(400))
    reading = kit.context.office.scans
    shown = reading.draw(reading.of(registered(kit, broken, photo, scan_of("x.jpg", b"\xff\xd8\xff rusak"))))
    assert (len(shown.pages), shown.unreadable) == (1, ("rusak.pdf", "x.jpg"))


def test_every_page_of_a_pdf_is_shown(kit: Kit) -> None:
    first = BytesIO()
    sheets = [Image.new("RGB", (210, 297), colour) for colour in ("white", "grey")]
    sheets[0].save(first, "PDF", save_all=True, append_images=sheets[1:])
    reading = kit.context.office.scans
    shown = reading.draw(reading.of(registered(kit, scan_of("surat.pdf", first.getvalue()))))
    assert [page[:4] for page in shown.pages] == [b"\x89PNG"] * 2


def test_nothing_scanned_shows_nothing(kit: Kit) -> None:
    reading = kit.context.office.scans
    assert reading.draw(reading.of(registered(kit))).pages == ()
