from __future__ import annotations

from pathlib import Path

import pytest
from support.cards_sent import LOKET
from support.counter import PAPERS, Counter, for_kk
from support.drafts import filled, problem_of

from fieldkit.domain.applications import Requirement
from ui.presenters.applications.paper_forms import scan_form
from ui.presenters.form import FormPresenter


@pytest.fixture
def at(counter: Counter) -> str:
    papers = (*PAPERS, Requirement("Buku nikah", False), Requirement("Akta lahir", True))
    return counter.by(LOKET).register("a1", for_kk(*papers)).thing_id


def scan(counter: Counter, at: str, *files: Path, place: int = 2) -> FormPresenter:
    paths = "; ".join(map(str, files))
    return filled(counter.context(LOKET), scan_form(counter.context(LOKET), at, place), file=paths)


def test_what_is_no_picture_is_refused_at_its_field(counter: Counter, at: str, tmp_path: Path) -> None:
    (tmp_path / "nikah.doc").write_bytes(b"MZ")
    for files in ((), (tmp_path / "nikah.doc",), (tmp_path / "tidak-ada.jpg",)):
        assert problem_of(scan(counter, at, *files))
    assert counter.by(LOKET).get(at).requirements[2].files == ()
