from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from support.desk import KETUA, PENGURUS, Kit
from support.handed import distributed
from support.letters import KASI, office
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.errors import StoreError
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.formats.target_sheets import SpreadsheetFiles
from ui.presenters.cards.distribution import DistributionPresenter
from ui.presenters.parts import Stage
from ui.presenters.words import phrase

TELLING = strict_catalogue("id")


class Folder:
    """A `Printing` without a printer, or with one; keeps what came."""

    def __init__(self, name: str = "") -> None:
        self.name, self.saved, self.pages = name, dict[str, bytes](), list[bytes]()

    def printer(self) -> str:
        return self.name

    def print_pages(self, pages) -> None:
        self.pages += pages

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return f"/map/{name}"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KETUA)
    distributed(kit)
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps | None = None, folder: Folder | None = None, activity: str = ""):
    presenter = DistributionPresenter(kit.desk, SameThread(), steps or Steps(), folder or Folder(), TELLING, activity)
    presenter.start()
    return presenter


def names(presenter: DistributionPresenter) -> list[str]:
    rows = presenter.state.rows
    return [rows.row(at).name for at in range(rows.count)]


def test_the_undelivered_stand_first_the_longest_unmoved_on_top(kit: Kit) -> None:
    presenter = opened(kit)
    assert (presenter.state.rows.count, presenter.state.rows.total) == (10, 11)
    assert "card-004" not in names(presenter)
    assert names(presenter)[0] == "card-005"
    assert [number.value for number in presenter.state.numbers] == ["7", "0", "2", "1", "1"]


def test_filters_go_from_place_to_place(kit: Kit) -> None:
    presenter, found = opened(kit), []
    for _ in range(7):
        presenter.next_filter()
        found.append(names(presenter))
    assert [len(each) for each in found] == [7, 0, 2, 1, 1, 1, 10]
    assert found[4] == ["card-003"]
    assert found[5] == ["card-004"]


def test_where_is_my_card_is_answered_by_name_and_number(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.search("R00011")
    assert names(presenter) == ["card-011"]
    presenter.search("tidak ada")
    assert presenter.state.nothing.title == phrase("distribusi.not_found", text="tidak ada")
    presenter.search("jimbe")
    assert set(names(presenter)) == {"card-003", "card-006", "card-012"}


def test_the_way_of_a_document_is_told(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.select("card-003")
    assert presenter.state.about == "NADIA PUTRI"
    assert [fact.words.key for fact in presenter.state.facts] == [
        "distribusi.was_printed",
        "distribusi.handed_to.kecamatan",
        "distribusi.came_back",
    ]
    presenter.select("card-012")
    assert presenter.state.facts[-1].words.key == "distribusi.courier_went"


def test_what_is_chosen_goes_on_together(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps)
    presenter.select("card-005")
    presenter.toggle()
    presenter.select("card-006")
    presenter.toggle()
    presenter.write_ba()
    presenter.accept()
    presenter.failed()
    assert steps.taken == [
        ("push", "handover_ba", "card-005 card-006"),
        ("push", "handover", "card-005 card-006"),
        ("push", "handover_failed", "card-005 card-006"),
    ]
    presenter.toggle()
    presenter.accept()
    assert steps.taken[-1] == ("push", "handover", "card-005")
    presenter.toggle_all()
    assert presenter.state.tags[-1].words == phrase("distribusi.ticked", count=10)
    presenter.toggle_all()
    assert presenter.state.rows.row(0).cells[0].words == ""


def test_the_schedule_is_that_of_the_activity_or_of_the_document(kit: Kit, steps: Steps) -> None:
    opened(kit, steps, activity="a1").schedule()
    opened(kit, steps).schedule()
    assert steps.taken == [("push", "distribution_plan", "a1")] * 2


def test_received_documents_are_handed_over_only_once(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps)
    for _ in range(6):
        presenter.next_filter()
    presenter.accept()
    assert presenter.state.bar.actions[-1].refused == phrase("distribusi.received_already")
    presenter.back()
    assert steps.taken == [("back",)]


def test_slips_for_the_door_are_blank_and_free(kit: Kit) -> None:
    folder = Folder()
    presenter = opened(kit, folder=folder)
    presenter.print_slips()
    ((name, pdf),) = folder.saved.items()
    assert presenter.state.toast.words == phrase("distribusi.slips_saved", count=1, path=f"/map/{name}")
    said = text(pdf)
    assert "gratis" in said.lower()
    assert "Ketua" not in said
    printer = Folder("Epson")
    presenter = opened(kit, folder=printer)
    presenter.toggle_all()
    presenter.print_slips()
    assert len(printer.pages) == 10


def test_a_printed_receipt_says_who_took_it(kit: Kit) -> None:
    folder = Folder()
    presenter = opened(kit, folder=folder)
    for _ in range(6):
        presenter.next_filter()
    presenter.print_slips()
    (pdf,) = folder.saved.values()
    assert "Sutrisno" in text(pdf)


def test_what_is_undelivered_goes_out_masked_and_marked(kit: Kit) -> None:
    folder = Folder()
    presenter = opened(kit, folder=folder)
    presenter.export()
    ((name, content),) = folder.saved.items()
    (sheet,) = SpreadsheetFiles().read(name, content)
    assert presenter.state.toast.words == phrase("distribusi.exported", where=f"/map/{name}")
    assert len(sheet.rows) == 12  # header, ten documents, who took it out
    said = " ".join(str(cell) for row in sheet.rows for cell in row.cells)
    assert "350512••••••••01" in said
    assert KETUA.name in said
    assert not re.search(r"[0-9]{16}", said)
    assert not [each for each in ServiceCategory if each.value in said.lower() and each.value != "umum"]


def test_a_printer_that_fails_says_so(kit: Kit) -> None:
    folder = Folder("Epson")

    def jam(_pages: object) -> None:
        raise StoreError("store.disk_full")

    folder.print_pages = jam
    presenter = opened(kit, folder=folder)
    presenter.print_slips()
    assert presenter.state.problem.code == "store.disk_full"


def test_others_look_and_hand_nothing_over(kit: Kit, steps: Steps) -> None:
    desk, folder = kit.desk_of(PENGURUS), Folder()
    presenter = DistributionPresenter(desk, SameThread(), steps, folder, TELLING)
    presenter.start()
    presenter.accept()
    presenter.print_slips()
    presenter.export()
    assert steps.taken == []
    assert folder.saved == {}
    assert presenter.state.bar.actions[-1].refused == phrase("distribusi.not_yours")


def test_the_first_day_says_what_comes(tmp_path: Path) -> None:
    first = office(tmp_path, KASI)
    presenter = opened(first)
    assert presenter.state.stage is Stage.CONTENT
    assert presenter.state.nothing.title == phrase("distribusi.empty")
    presenter.accept()
    presenter.schedule()
    presenter.export()
    assert presenter.state.problem.code == "card.all_delivered"
    first.store.close()


def text(pdf: bytes) -> str:
    with PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)
