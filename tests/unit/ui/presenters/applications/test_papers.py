from __future__ import annotations

from pathlib import Path

import pytest
from support.cards_sent import LOKET, PRINTER
from support.counter import PAPERS, Counter, for_kk
from support.counter_office import page_photo
from support.drafts import filled, problem_of
from support.listing import Listing
from support.signing import LETTER
from support.tasks import SameThread, Steps

from fieldkit.domain.applications import PaperVerdict, Requirement
from fieldkit.domain.people.accounts import User
from ui.presenters.applications.papers import ApplicationPapers, scan_form, wrong_form
from ui.presenters.form import FormPresenter
from ui.presenters.lists import Facts, Photo
from ui.presenters.messages import message

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
