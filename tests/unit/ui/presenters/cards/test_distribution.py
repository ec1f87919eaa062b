from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from support.app_context import KETUA, PENGURUS, Kit
from support.applied import CARD, RECEIPT
from support.cards_sent import PRINTER
from support.clock import NOW
from support.handed import distributed
from support.letters import KASI, office
from support.listing import Listing, at_row, refusals
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.cards.card import (
    Attempt,
    CardCase,
    CourierRun,
    CourierState,
    CourierStep,
    Document,
    Handing,
    MarkKind,
    Place,
    Printed,
)
from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.formats.target_sheets import SpreadsheetFiles
from ui.presenters.cards import distribution
from ui.presenters.cards.distribution import (
    MOST_SLIPS,
    DistributionList,
    courier_words,
    place_tag,
    refused_slips,
    slips,
    waited_words,
    way_of,
)
from ui.presenters.figures import StepMark
from ui.presenters.lists import Hint, History
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Tone, ViewState
from ui.presenters.presenter import Command, message

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


def opened(kit: Kit, steps: Steps | None = None, folder: Folder | None = None, activity: str = "") -> Listing:
    steps = steps or Steps()
    return Listing(
        DistributionList(kit.context, steps, folder or Folder(), TELLING, activity).screen(), SameThread(), steps
    )


def test_the_undelivered_stand_first_the_longest_unmoved_on_top(kit: Kit) -> None:
    listing = opened(kit)
    assert listing.names[0] == "card-005"
    assert "card-004" not in listing.names
    assert list(listing.chips.values()) == [10, 7, 0, 2, 1, 1, 1]
    for place, card in (("returned", "card-003"), (Place.PERSON, "card-004")):
        listing.presenter.choose(0, place)
        assert listing.names == [card]


def test_where_is_my_card_is_answered_by_name_and_number(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.search("R00011")
    assert listing.names == ["card-011"]
    listing.presenter.search("jimbe")
    assert set(listing.names) == {"card-003", "card-006", "card-012"}


def test_the_way_of_a_document_is_told(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.select("card-003")
    (way,) = listing.panels(History)
    assert way.title == "NADIA PUTRI"
    assert [step.words.key for step in way.steps] == [
        "distribusi.was_printed",
        "distribusi.handed_to.kecamatan",
        "distribusi.came_back",
    ]
    (hint,) = listing.panels(Hint)
    assert hint.title.key == "distribusi.late"


def test_what_is_chosen_goes_on_together(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    listing.presenter.tick("card-005")
    listing.presenter.tick("card-006")
    for name in ("write_ba", "accept", "failed"):
        listing.press(name)
    assert steps.taken == [
        ("push", "handover_ba", "card-005 card-006"),
        ("push", "handover", "card-005 card-006"),
        ("push", "handover_failed", "card-005 card-006"),
    ]


def test_the_schedule_is_that_of_the_activity_or_of_the_document(kit: Kit, steps: Steps) -> None:
    opened(kit, steps, activity="a1").press("schedule")
    opened(kit, steps).press("schedule")
    assert steps.taken == [("push", "distribution_plan", "a1")] * 2


def test_received_documents_are_handed_over_only_once(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.choose(0, Place.PERSON)
    assert listing.offered("accept").refused == message("distribusi.received_already")
    assert listing.offered("print_slips").words == message("common.receipt")


def test_slips_for_the_door_are_blank_and_free(kit: Kit) -> None:
    folder = Folder()
    listing = opened(kit, folder=folder)
    listing.press("print_slips")
    ((name, pdf),) = folder.saved.items()
    assert listing.presenter.state.toast.words == message("distribusi.slips_saved", count=1, path=f"/map/{name}")
    said = text(pdf)
    assert "gratis" in said.lower()
    assert "Ketua" not in said
    printer = Folder("Epson")
    listing = opened(kit, folder=printer)
    listing.presenter.tick_all()
    listing.press("print_slips")
    assert len(printer.pages) == 10


def test_a_printed_receipt_says_who_took_it(kit: Kit) -> None:
    folder = Folder()
    listing = opened(kit, folder=folder)
    listing.presenter.choose(0, Place.PERSON)
    listing.press("print_slips")
    (pdf,) = folder.saved.values()
    assert "Sutrisno" in text(pdf)


def test_what_is_undelivered_goes_out_masked_and_marked(kit: Kit) -> None:
    folder = Folder()
    listing = opened(kit, folder=folder)
    listing.press("export")
    ((name, content),) = folder.saved.items()
    (sheet,) = SpreadsheetFiles().read(name, content)
    assert listing.presenter.state.toast.words == message("distribusi.exported", where=f"/map/{name}")
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
    listing = opened(kit, folder=folder)
    listing.press("print_slips")
    assert listing.presenter.state.problem.code == "store.disk_full"


def test_others_look_and_hand_nothing_over(kit: Kit, steps: Steps) -> None:
    screen = DistributionList(kit.context_of(PENGURUS), steps, Folder(), TELLING).screen()
    listing = Listing(screen, SameThread(), steps)
    refused = {
        each.name for each in listing.presenter.state.bar.actions if each.refused == message("distribusi.not_yours")
    }
    assert refused == {"accept", "failed", "write_ba", "print_slips", "export"}


def test_the_first_day_says_what_comes(tmp_path: Path) -> None:
    first = office(tmp_path, KASI)
    listing = opened(first)
    assert listing.presenter.state.nothing.title == message("distribusi.empty")
    assert listing.offered("schedule").refused == message("distribusi.no_activity")
    listing.press("export")
    assert listing.presenter.state.problem.code == "card.all_delivered"
    first.store.close()


def text(pdf: bytes) -> str:
    with PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


class Printer:
    """A `Printing` with a printer."""

    def __init__(self) -> None:
        self.pages: list[bytes] = []

    def printer(self) -> str:
        return "Epson"

    def print_pages(self, pages) -> None:
        self.pages += pages


def test_slips_go_to_the_printer_together(kit: Kit) -> None:
    printer = Printer()
    cards = [kit.context.office.handover.get(card_id) for card_id in ("card-004", "card-005")]
    screen = OperatingPresenter(ViewState(), SameThread())
    screen.perform(Command("slips", "", runs=slips(kit.context, printer, cards)))
    assert screen.state.toast.words == message("paper.printed", printer="Epson")
    assert len(printer.pages) == 2
    made = [letter for letter in kit.context.office.letters.of("a1") if letter.letter is LetterKind.TANDA_TERIMA]
    assert [letter.fields["receiver"] for letter in made] == ["Sutrisno", ""]


def test_too_many_are_not_printed_at_once(kit: Kit) -> None:
    card = kit.context.office.handover.get("card-005")
    assert refused_slips([card] * MOST_SLIPS) == ""
    assert refused_slips([card] * (MOST_SLIPS + 1)) == message("distribusi.too_many_slips", most=MOST_SLIPS)


def test_where_a_document_is_and_since_when(kit: Kit) -> None:
    get = kit.context.office.handover.get
    assert place_tag(get("card-001")).words == message("distribusi.place.desa")
    assert waited_words(get("card-001"), kit.clock) == message("distribusi.waits_tried", days=0, tries=1)
    assert place_tag(get("card-003")).tone is Tone.CAUTION
    assert waited_words(get("card-005"), kit.clock) == message("distribusi.waits", days=15)
    assert isinstance(waited_words(get("card-004"), kit.clock), str)
    assert courier_words(get("card-005")) == message("distribusi.courier.no")


def test_the_way_ends_with_who_has_it(kit: Kit) -> None:
    last = way_of(kit.context.office.handover.get("card-004"), kit.clock)[-1]
    assert last.words == message("distribusi.handed_to.person")
    assert last.detail.endswith(" · Sutrisno (anak)")


def test_what_went_wrong_stands_in_its_order_and_is_marked(kit: Kit) -> None:
    kit.clock.advance(hours=1)
    kit.context_of(PRINTER).office.printing.print_again("card-005", "kartu rusak")
    kit.clock.advance(hours=1)
    kit.context.office.handover.note_attempts(["card-005"], "rumah kosong")
    way = way_of(kit.context.office.handover.get("card-005"), kit.clock)
    assert [(step.words.key.removeprefix("distribusi."), step.mark) for step in way] == [
        ("was_printed", StepMark.DONE),
        ("printed_again", StepMark.EXCEPTED),
        ("not_taken", StepMark.MISSING),
    ]
    assert way[-1].detail.endswith(" · rumah kosong")


OUT = CourierRun(CourierState.DIANTAR, attempts=(Attempt(NOW, ""),))


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (CARD, []),
        (replace(CARD, handings=(Handing(Place.DESA, NOW, "u2", "Sekdes"),)), [("handed_to.desa", "Sekdes")]),
        (replace(CARD, handings=(Handing(Place.DINAS, NOW, "u2", "Rina", "pindah"),)), [("came_back", "pindah")]),
        (
            replace(CARD, receipt=RECEIPT, handings=(Handing(Place.PERSON, NOW, "u2", "Siti"),)),
            [("handed_to.person", "Siti (sendiri)")],
        ),
        (
            replace(CARD, receipt=RECEIPT, handings=(Handing(Place.DESA, NOW, "u2", "Sekdes"),)),
            [("handed_to.desa", "Sekdes")],
        ),
        (replace(CARD, handings=(Handing(Place.PERSON, NOW, "u2", "Siti"),)), [("handed_to.person", "Siti")]),
        (
            replace(CARD, receipt=replace(RECEIPT, relation=""), handings=(Handing(Place.PERSON, NOW, "u2", "Siti"),)),
            [("handed_to.person", "Siti")],
        ),
        (replace(CARD, courier=OUT), [("courier_went", "")]),
    ],
)
def test_a_step_says_to_whom_or_why_not(card: CardCase, told: list[tuple[str, str]], idle: Kit) -> None:
    at = "21-11-2026 09.00"
    assert [(step.words, step.detail) for step in way_of(card, idle.clock)[1:]] == [
        (message(f"distribusi.{key}"), f"{at} · {detail}" if detail else at) for key, detail in told
    ]


def printed(days: int, **changes: object) -> CardCase:
    """Return a card that was printed so many days ago."""
    return replace(CARD, prints=(Printed(NOW - timedelta(days=days), "u12", "B1"),), **changes)


@pytest.mark.parametrize(
    ("cards", "late"),
    [
        ((printed(13),), 0),
        ((printed(14),), 1),
        ((printed(14), printed(30), printed(30, receipt=RECEIPT)), 2),
        ((printed(30, handings=(Handing(Place.DESA, NOW, "u2", "Sekdes"),)),), 0),
    ],
)
def test_a_document_is_late_that_stood_two_weeks_with_nobody(idle: Kit, cards: tuple[CardCase, ...], late: int) -> None:
    screen = DistributionList(idle.context, Steps(), Folder(), TELLING).screen()
    hints = screen.side(at_row(None, *cards))
    assert [hint.title for hint in hints] == [message("distribusi.late", count=late, days=14)] * bool(late)
    assert [type(panel) for panel in screen.side(at_row(*cards))] == [History, *[Hint] * bool(late)]


@pytest.mark.parametrize(
    ("activity_id", "chosen", "schedule", "others"),
    [
        ("", (), "no_activity", "choose_first"),
        ("a1", (), "", "choose_first"),
        ("", (CARD,), "", ""),
        ("", (CARD, replace(CARD, receipt=RECEIPT)), "", "received_already"),
    ],
)
def test_what_was_received_goes_nowhere_and_a_schedule_needs_its_activity(
    idle: Kit, activity_id: str, chosen: tuple[CardCase, ...], schedule: str, others: str
) -> None:
    screen = DistributionList(idle.context_of(KETUA), Steps(), Folder(), TELLING, activity_id).screen()
    told = refusals(screen, at_row(*chosen[:1], ticked=chosen))
    assert told["schedule"] == (schedule and message(f"distribusi.{schedule}"))
    assert [told[name] for name in ("failed", "write_ba", "accept")] == [others and message(f"distribusi.{others}")] * 3
    assert told["print_slips"] == ("" if chosen else message("distribusi.choose_first"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_counted_or_chosen_has_its_words(language: str) -> None:
    catalogue = strict_catalogue(language)
    for name, values in {
        "place": Place,
        "document": Document,
        "named": Document,
        "courier": CourierState,
        "shown": Place,
        "courier_shown": distribution.SHOWN,
        "step": CourierStep,
        "done": (Place.KECAMATAN, Place.DESA, Place.COURIER, Place.PERSON),
        "who_hint": (Place.KECAMATAN, Place.DESA, Place.COURIER, Place.PERSON),
        "picture_hint": (MarkKind.THUMB, MarkKind.SCAN),
        "handed_to": Place,
    }.items():
        for value in values:
            params = {"name": "x", "count": 1, "at": "x", "receiver": "x"}
            assert catalogue.text(f"distribusi.{name}.{value}", **params)
    for field in ("receiver", "relation", "proof"):
        for kind in ("office", "person", "courier"):
            assert catalogue.text(f"distribusi.{field}.{kind}")
