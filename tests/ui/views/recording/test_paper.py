from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinterInfo
from support.app_context import TARGETS

from ui.widgets.letter_pages import PageView


@pytest.fixture
def slip(window, kit):
    """The screen right after a seal, with the real papers of it."""
    window.sign_in()
    session = kit.context.recording.open("t1")
    kit.context.recording.give_notice(session.session_id, "id")
    kit.context.recording.confirm_biodata(session.session_id, TARGETS[0].biodata)
    fields = kit.context.papers.slip_fields(session.session_id)
    record_id = kit.seal(1, TARGETS[0])
    (entry,) = kit.context.delivery.queue().entries
    closed = {
        "position": "EYE_LEFT",
        "reason": "eyes_closed",
        "attempts": 2,
        "attendants": ["Siti"],
        "witness": "Pak RT",
    }
    papers = kit.context.papers.of_record({**fields, "exceptions": [closed]}, entry)
    window.program.signed_in().context.fresh_papers[record_id] = papers
    window.go("slip", record_id=record_id)
    return window


def test_the_slip_is_seen_and_enter_leads_to_the_next_person(slip, shoot) -> None:
    shoot("slip")
    assert slip.view.findChild(PageView).has_picture
    slip.press(Qt.Key.Key_Return)
    slip.reach("Targets")
    slip.press(Qt.Key.Key_Escape)
    slip.reach("Home")


def test_a_digit_chooses_the_other_paper(slip, shoot) -> None:
    slip.press(Qt.Key.Key_2)
    assert slip.view.state.chosen == "berita_acara_pengecualian"
    shoot("slip-exceptions")


@pytest.mark.skipif(bool(QPrinterInfo.availablePrinterNames()), reason="this machine has a printer")
def test_p_without_a_printer_keeps_a_pdf_and_says_where(slip, shoot, tmp_path: Path) -> None:
    slip.press(Qt.Key.Key_P)
    slip.wait(lambda: slip.view.state.toast is not None)
    (pdf,) = (tmp_path / "papers").iterdir()
    assert pdf.read_bytes().startswith(b"%PDF")
    shoot("slip-saved")


@pytest.mark.days
def test_pages_turn_and_stop_at_both_ends(window, kit, shoot) -> None:
    for number in range(60):
        kit.seal(number + 1, TARGETS[0])
    window.sign_in()
    window.go("shipment")
    view, pages = window.view, len(window.view.state.pages)
    assert pages >= 2
    for _ in range(pages + 1):
        window.press(Qt.Key.Key_PageDown)
    assert view._pages._count.text().startswith(f"Halaman {pages} dari {pages}")
    shoot("shipment-last-page")
    for _ in range(pages + 1):
        window.press(Qt.Key.Key_PageUp)
    assert view._pages._count.text().startswith(f"Halaman 1 dari {pages}")
