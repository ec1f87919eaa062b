from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cards_sent import LOKET, PRINTER
from support.counter import PAPERS, Counter, for_kk
from support.counter_office import page_photo
from support.drafts import form_on, problem_of
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.applications import PaperVerdict, Requirement
from fieldkit.domain.people.accounts import User
from ui.presenters.applications.papers import ApplicationPapers, scan_form, wrong_form
from ui.presenters.form import Form, FormPresenter
from ui.presenters.lists import Facts, Photo
from ui.presenters.messages import message

PDF = b"%PDF-1.7 halaman"


class Drawer:
    """Keeps what is saved."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def save(self, name: str, pdf: bytes) -> str:
        self.saved[name] = pdf
        return f"/surat/{name}.pdf"


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    yield counter
    counter.close()


@pytest.fixture
def at(counter: Counter) -> str:
    papers = (*PAPERS, Requirement("Buku nikah", False), Requirement("Akta lahir", True))
    return counter.by(LOKET).register("a1", for_kk(*papers)).thing_id


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


def opened(counter: Counter, at: str, drawer: Drawer, user: User = LOKET, place: str = "2") -> Listing:
    steps = Steps()
    screen = ApplicationPapers(counter.context(user), steps, drawer, at).screen()  # type: ignore[arg-type]
    listing = Listing(screen, SameThread(), steps)
    listing.presenter.select(place)
    return listing


def filled(counter: Counter, form: Form, **typed: str) -> FormPresenter:
    presenter = form_on(counter.context(LOKET), form, SameThread(), Steps())
    presenter.start()
    for name, text in typed.items():
        presenter.type(name, text)
    presenter.accept()
    return presenter


def scan(counter: Counter, at: str, *files: Path, place: int = 2) -> FormPresenter:
    paths = "; ".join(map(str, files))
    return filled(counter, scan_form(counter.context(LOKET), at, place), file=paths)


def test_a_paper_is_scanned_first_and_then_read(counter: Counter, at: str, drawer: Drawer, tmp_path: Path) -> None:
    listing = opened(counter, at, drawer)
    assert [row.cells[1].words for row in listing.rows[2:]] == [message("papers.missing"), message("papers.brought")]
    listing.press("accept")
    assert listing.steps.taken == [("push", "paper_scan", at, "2")]
    (tmp_path / "nikah.jpg").write_bytes(page_photo())
    scan(counter, at, tmp_path / "nikah.jpg")
    listing = opened(counter, at, drawer)
    (photo,) = listing.panels(Photo)
    assert photo.picture.startswith(b"\xff\xd8")
    assert listing.offered("save_copy").refused == message("papers.no_pdf")
    listing.press("accept")
    assert counter.by(LOKET).get(at).requirements[2].verdict is PaperVerdict.RIGHT
    assert listing.steps.taken == []  # another paper waits
    scan(counter, at, tmp_path / "nikah.jpg", place=3)
    listing = opened(counter, at, drawer, place="3")
    listing.press("accept")
    assert listing.steps.taken == [("back",)]


def test_a_pdf_is_kept_beside_to_be_opened(counter: Counter, at: str, drawer: Drawer, tmp_path: Path) -> None:
    (tmp_path / "nikah.pdf").write_bytes(PDF)
    scan(counter, at, tmp_path / "nikah.pdf")
    listing = opened(counter, at, drawer)
    (facts,) = listing.panels(Facts)
    assert facts.words == message("papers.pdf_hint")
    listing.press("save_copy")
    assert drawer.saved == {"nikah": PDF}


def test_wrong_asks_why_and_the_row_says_it(counter: Counter, at: str, drawer: Drawer, tmp_path: Path) -> None:
    (tmp_path / "nikah.pdf").write_bytes(PDF)
    scan(counter, at, tmp_path / "nikah.pdf")
    listing = opened(counter, at, drawer)
    listing.press("say_wrong")
    assert listing.steps.taken == [("push", "paper_wrong", at, "2")]
    form = wrong_form(counter.context(LOKET), at, 2)
    assert problem_of(filled(counter, form)) == "application.no_reason"
    filled(counter, wrong_form(counter.context(LOKET), at, 2), reason="nama beda")
    assert opened(counter, at, drawer).rows[2].cells[2].words == "nama beda"


def test_who_does_not_check_sees_why(counter: Counter, at: str, drawer: Drawer) -> None:
    listing = opened(counter, at, drawer, PRINTER)
    assert listing.offered("accept").refused == message("papers.not_open")


def test_what_is_no_picture_is_refused_at_its_field(counter: Counter, at: str, tmp_path: Path) -> None:
    (tmp_path / "nikah.doc").write_bytes(b"MZ")
    for files in ((), (tmp_path / "nikah.doc",), (tmp_path / "tidak-ada.jpg",)):
        assert problem_of(scan(counter, at, *files))
    assert counter.by(LOKET).get(at).requirements[2].files == ()
