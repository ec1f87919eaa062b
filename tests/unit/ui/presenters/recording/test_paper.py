from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.app_context import TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import StoreError
from fieldkit.ports.delivery import Receipt, ReceiptLine
from fieldkit.ports.devices import NotConnectedError
from fieldkit.services.letters.print_papers import Paper
from ui.presenters.parts import Stage
from ui.presenters.presenter import Action, message
from ui.presenters.recording.review import ShipmentPresenter, SlipPresenter

SLIP = Paper("bukti_perekaman", b"%PDF slip", (b"page",))
EXCEPTIONS = Paper("berita_acara_pengecualian", b"%PDF exceptions", (b"one", b"two"))


class Desktop:
    """A `Printing` that remembers what came out."""

    def __init__(self) -> None:
        self.name, self.slips, self.printed, self.saved = "", "", [], {}
        self.is_full = False

    def printer(self) -> str:
        return self.name

    def print_pages(self, pages: Sequence[bytes]) -> None:
        self.printed.append(tuple(pages))

    def receipt_printer(self) -> str:
        return self.slips

    def print_receipt(self, receipt: Receipt) -> None:
        if self.is_full:
            raise NotConnectedError("device.not_connected", address=self.slips)
        self.printed.append(receipt)

    def save(self, name: str, pdf: bytes) -> str:
        if self.is_full:
            raise StoreError("print.not_saved", folder="/papers")
        self.saved[name] = pdf
        return f"/papers/{name}.pdf"


@pytest.fixture
def desktop() -> Desktop:
    return Desktop()


@pytest.fixture
def slip(kit: Kit, tasks: SameThread, steps: Steps, desktop: Desktop) -> SlipPresenter:
    record_id = kit.seal(1, TARGETS[0])
    kit.context.fresh_papers[record_id] = (SLIP, EXCEPTIONS)
    presenter = SlipPresenter(kit.context, tasks, steps, desktop, record_id)
    presenter.start()
    return presenter


def test_the_slip_stands_there_with_the_record_it_proves(slip: SlipPresenter) -> None:
    assert slip.state.pages == (b"page",)
    assert slip.state.facts[0] == (message("common.resident"), "MIS••• · 350512••••••••03")
    assert slip.state.facts[1] == (message("common.record_number"), "0199-0001")
    assert [choice.name for choice in slip.state.papers] == ["bukti_perekaman", "berita_acara_pengecualian"]


def test_without_a_printer_the_shown_paper_becomes_a_pdf(slip: SlipPresenter, desktop: Desktop) -> None:
    slip.choose("berita_acara_pengecualian")
    slip.print()
    assert desktop.saved == {"berita_acara_pengecualian-0199-0001": b"%PDF exceptions"}
    assert slip.state.toast is not None
    assert slip.state.toast.words == message("paper.saved", path="/papers/berita_acara_pengecualian-0199-0001.pdf")


def test_with_a_printer_it_prints_each_time_anew(slip: SlipPresenter, desktop: Desktop) -> None:
    desktop.name = "Epson L3110"
    slip.print()
    first = slip.state.toast
    slip.print()
    assert desktop.printed == [(b"page",), (b"page",)]
    assert slip.state.toast != first  # a toast that was shown is shown again


def test_a_full_disk_is_said_and_the_slip_stays(slip: SlipPresenter, desktop: Desktop) -> None:
    desktop.is_full = True
    slip.save()
    assert slip.state.problem is not None
    assert (slip.state.problem.code, slip.state.stage) == ("print.not_saved", Stage.CONTENT)


def test_enter_leads_to_the_next_person(slip: SlipPresenter, steps: Steps) -> None:
    slip.accept()
    assert steps.taken == [("restart", "home"), ("push", "targets")]


def test_back_does_not_lead_into_a_sealed_recording(slip: SlipPresenter, steps: Steps) -> None:
    slip.back()
    assert steps.taken == [("restart", "home")]


def test_papers_live_only_as_long_as_the_session(kit: Kit, tasks: SameThread, steps: Steps, desktop: Desktop) -> None:
    presenter = SlipPresenter(kit.context, tasks, steps, desktop, kit.seal(2, TARGETS[1]))
    presenter.start()
    presenter.print()
    assert (presenter.state.pages, desktop.saved) == ((), {})
    gone = SlipPresenter(kit.context, tasks, steps, desktop, "0199-9999")
    gone.start()
    assert gone.state.facts == ((message("common.record_number"), "0199-9999"),)


def test_the_report_on_the_delivery_is_a_real_pdf(kit: Kit, tasks: SameThread, steps: Steps, desktop: Desktop) -> None:
    kit.seal(1, TARGETS[0])
    presenter = ShipmentPresenter(kit.context, tasks, steps, desktop)
    presenter.start()
    presenter.save()
    assert presenter.state.pages[0].startswith(b"\x89PNG")
    assert desktop.saved["ba_pengiriman-20261121-0900"].startswith(b"%PDF")
    presenter.back()
    assert steps.taken == [("back",)]


def test_there_is_no_report_on_nothing(kit: Kit, tasks: SameThread, steps: Steps, desktop: Desktop) -> None:
    presenter = ShipmentPresenter(kit.context, tasks, steps, desktop)
    presenter.start()
    assert presenter.state.stage is Stage.EMPTY


def test_a_receipt_is_offered_only_by_a_kit_with_its_printer(
    kit: Kit, tasks: SameThread, steps: Steps, desktop: Desktop, slip: SlipPresenter
) -> None:
    assert "print_receipt" not in [action.name for action in slip.state.bar.actions]
    slip.print_receipt()
    assert desktop.printed == []
    desktop.slips = "tcp://10.0.0.9"
    slip.start()
    assert "print_receipt" not in [action.name for action in slip.state.bar.actions], "nothing is there to print"
    receipt = Receipt((ReceiptLine("Bukti"),), "FK1:0199")
    record_id = kit.seal(2, TARGETS[1])
    kit.context.fresh_papers[record_id] = (EXCEPTIONS, replace(SLIP, receipt=receipt))
    desktop.slips = ""
    second = SlipPresenter(kit.context, tasks, steps, desktop, record_id)
    second.start()
    assert second.state.bar.actions[0].name == "save", "there is no printer for it"
    assert second.state.facts[0] == (message("common.resident"), "KAR••• · 350512••••••••01")
    desktop.slips = "tcp://10.0.0.9"
    second = SlipPresenter(kit.context, tasks, steps, desktop, record_id)
    second.start()
    assert (second.state.bar.actions[0].name, second.state.bar.actions[0].act) == (
        "print_receipt",
        Action.PRINT_RECEIPT,
    )
    second.print_receipt()
    assert desktop.printed == [receipt]
    assert second.state.toast is not None
    assert second.state.toast.words == message("paper.printed", printer="tcp://10.0.0.9")
    desktop.is_full = True
    second.print_receipt()
    assert second.state.problem is not None
    assert second.state.problem.code == "device.not_connected"
