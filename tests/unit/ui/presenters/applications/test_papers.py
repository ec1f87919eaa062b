from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.cards_sent import LOKET, PRINTER
from support.counter import PAPERS, Counter, for_kk
from support.counter_office import page_photo
from support.drafts import filled, problem_of
from support.listing import Listing, at_row, refusals
from support.signing import LETTER
from support.tasks import SameThread, Steps

from fieldkit.domain.applications import Application, ApplicationState, Done, PaperVerdict, Requirement
from fieldkit.domain.people import User
from fieldkit.services.targets.register_request import ScanPages
from ui.presenters.applications.family import ApplicationPapers, Paper, scan_form, wrong_form
from ui.presenters.form import FormPresenter
from ui.presenters.lists import Facts, Photo
from ui.presenters.presenter import Message, message

PDF = b"%PDF-1.7 halaman"


@pytest.fixture
def at(counter: Counter) -> str:
    papers = (*PAPERS, Requirement("Buku nikah", False), Requirement("Akta lahir", True))
    return counter.by(LOKET).register("a1", for_kk(*papers)).thing_id


def opened(counter: Counter, at: str, user: User = LOKET, place: str = "2") -> Listing:
    steps = Steps()
    screen = ApplicationPapers(counter.context(user), steps, at).screen()
    listing = Listing(screen, SameThread(), steps)
    listing.presenter.select(place)
    return listing


def scan(counter: Counter, at: str, *files: Path, place: int = 2) -> FormPresenter:
    paths = "; ".join(map(str, files))
    return filled(counter.context(LOKET), scan_form(counter.context(LOKET), at, place), file=paths)


def test_a_paper_is_scanned_first_and_then_read(counter: Counter, at: str, tmp_path: Path) -> None:
    listing = opened(counter, at)
    assert [row.cells[1].words for row in listing.rows[2:]] == [message("papers.missing"), message("papers.brought")]
    listing.press("accept")
    assert listing.steps.taken == [("push", "paper_scan", at, "2")]
    (tmp_path / "nikah.jpg").write_bytes(page_photo())
    scan(counter, at, tmp_path / "nikah.jpg")
    listing = opened(counter, at)
    (photo,) = listing.panels(Photo)
    assert photo.picture.startswith(b"\xff\xd8")
    listing.press("accept")
    assert counter.by(LOKET).get(at).requirements[2].verdict is PaperVerdict.RIGHT
    assert listing.steps.taken == []  # another paper waits
    scan(counter, at, tmp_path / "nikah.jpg", place=3)
    listing = opened(counter, at, place="3")
    listing.press("accept")
    assert listing.steps.taken == [("back",)]


def test_a_pdf_is_read_on_the_screen_and_written_nowhere(counter: Counter, at: str, tmp_path: Path) -> None:
    (tmp_path / "nikah.pdf").write_bytes(LETTER)
    scan(counter, at, *[tmp_path / "nikah.pdf"] * 3)
    listing = opened(counter, at)
    assert [photo.picture[:4] for photo in listing.panels(Photo)] == [b"\x89PNG"] * 2
    (facts,) = listing.panels(Facts)
    assert facts.words == message("papers.more")
    form = filled(counter.context(LOKET), wrong_form(counter.context(LOKET), at, 2))
    assert len(form.state.beside.pages) == 3


def test_a_file_that_cannot_be_drawn_is_named(counter: Counter, at: str, tmp_path: Path) -> None:
    (tmp_path / "nikah.pdf").write_bytes(PDF)
    scan(counter, at, tmp_path / "nikah.pdf")
    (facts,) = opened(counter, at).panels(Facts)
    assert facts.words == message("request.scan_unreadable", names="nikah.pdf")


def test_wrong_asks_why_and_the_row_says_it(counter: Counter, at: str, tmp_path: Path) -> None:
    (tmp_path / "nikah.pdf").write_bytes(PDF)
    scan(counter, at, tmp_path / "nikah.pdf")
    listing = opened(counter, at)
    listing.press("say_wrong")
    assert listing.steps.taken == [("push", "paper_wrong", at, "2")]
    form = wrong_form(counter.context(LOKET), at, 2)
    assert problem_of(filled(counter.context(LOKET), form)) == "application.no_reason"
    filled(counter.context(LOKET), wrong_form(counter.context(LOKET), at, 2), reason="nama beda")
    assert opened(counter, at).rows[2].cells[2].words == "nama beda"


def test_who_does_not_check_sees_why(counter: Counter, at: str) -> None:
    listing = opened(counter, at, PRINTER)
    assert listing.offered("accept").refused == message("papers.not_open")


def test_what_is_no_picture_is_refused_at_its_field(counter: Counter, at: str, tmp_path: Path) -> None:
    (tmp_path / "nikah.doc").write_bytes(b"MZ")
    for files in ((), (tmp_path / "nikah.doc",), (tmp_path / "tidak-ada.jpg",)):
        assert problem_of(scan(counter, at, *files))
    assert counter.by(LOKET).get(at).requirements[2].files == ()


def put(counter: Counter, at: str, *states: ApplicationState) -> None:
    """Let it have come through these states."""
    with counter.kit.store.write() as unit:
        repository = unit.repository(Application)
        kept = repository.get(at)
        history = tuple(Done(state, counter.kit.clock.now(), "u13") for state in states)
        repository.save(replace(kept, state=states[-1], history=(*kept.history, *history)))


S = ApplicationState
NOT_OPEN, OTHERS = message("papers.not_open"), message("counter.others", who="Petugas Loker")


@pytest.mark.parametrize(
    ("states", "user", "scan", "judge"),
    [
        ((S.TERDAFTAR,), LOKET, "", ""),
        ((S.TERDAFTAR,), PRINTER, NOT_OPEN, NOT_OPEN),
        ((S.PERLU_DILENGKAPI,), LOKET, "", OTHERS),
        ((S.DIPERIKSA,), LOKET, NOT_OPEN, NOT_OPEN),
        ((S.DIPERIKSA,), PETUGAS, NOT_OPEN, NOT_OPEN),
    ],
)
def test_papers_are_brought_until_they_were_checked_and_judged_by_whose_turn_it_is(
    counter: Counter, at: str, states: tuple[ApplicationState, ...], user: User, scan: Message, judge: Message
) -> None:
    put(counter, at, *states)
    screen = ApplicationPapers(counter.context(user), Steps(), at).screen()
    screen.load()
    assert screen.commands(at_row()) == ()
    assert refusals(screen, at_row(Paper(0, PAPERS[0]))) == {"begin_new": scan, "say_wrong": judge, "accept": judge}
    assert refusals(screen, at_row(Paper(2, Requirement("Buku nikah", False)))) == {"accept": scan}


def paper(*files: str, verdict: PaperVerdict | None = None, reason: str = "", is_there: bool = True) -> Paper:
    return Paper(0, Requirement("KK", is_there, files, verdict, reason))


@pytest.mark.parametrize(
    ("each", "files", "verdict", "is_first"),
    [
        (paper(is_there=False), message("papers.missing"), "common.not_checked", True),
        (paper(), message("papers.brought"), "common.not_checked", True),
        (paper("a", "b"), message("papers.count", count=2), "common.not_checked", True),
        (paper("a", verdict=PaperVerdict.RIGHT), message("papers.count", count=1), "papers.right", False),
        (
            paper("a", verdict=PaperVerdict.WRONG, reason="beda"),
            message("papers.count", count=1),
            "papers.is_wrong",
            True,
        ),
    ],
)
def test_a_row_says_what_is_there_and_what_reading_it_came_to(
    idle: Kit, each: Paper, files: Message, verdict: str, is_first: bool
) -> None:
    screen = ApplicationPapers(idle.context, Steps(), "m1").screen()
    cell = screen.heads[2].cell(each)
    assert (screen.heads[1].cell(each).words, cell.words) == (files, each.paper.reason)
    assert [tag.words for tag in cell.tags] == [message(verdict)]
    assert screen.begins_at is not None
    assert (screen.begins_at(each), screen.reads) == (is_first, {"application"})


@pytest.mark.parametrize(
    ("each", "shown", "photos", "words"),
    [
        (None, ScanPages((b"1",), ()), 0, []),
        (paper("a"), None, 0, []),
        (paper(), ScanPages((), ()), 0, [message("papers.scan_first")]),
        (paper("a", "b"), ScanPages((b"1", b"2"), ()), 2, [""]),
        (paper("a"), ScanPages((b"1", b"2", b"3"), ()), 2, [message("papers.more")]),
        (paper("a", "b", "c"), ScanPages((b"1", b"2"), ()), 2, [message("papers.more")]),
        (paper("a", "b", "c"), ScanPages((b"1",), ("b",)), 1, [message("request.scan_unreadable", names="b")]),
    ],
)
def test_two_pages_stand_beside_the_list_and_what_does_not_is_told(
    idle: Kit, each: Paper | None, shown: ScanPages | None, photos: int, words: list[Message]
) -> None:
    panels = ApplicationPapers(idle.context, Steps(), "m1").screen().side(replace(at_row(each), about=shown))
    assert len([panel for panel in panels if isinstance(panel, Photo)]) == photos
    assert [panel.words for panel in panels if isinstance(panel, Facts)] == words
