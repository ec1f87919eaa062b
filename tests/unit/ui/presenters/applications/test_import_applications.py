from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cards_sent import LOKET
from support.counter import Counter
from support.counter_office import page_photo
from support.tasks import SameThread, Steps

from ui.presenters.applications.import_applications import ImportApplicationsPresenter
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import message

HEAD = "Nomor Registrasi;NIK;Nama;Tanggal Lahir;Layanan"
SITI = "BP-1;3315084507900002;Siti Aminah;05-07-1990;KTP-el"
BAD = "BP-2;12;Tono;01-02-1990;KTP-el"


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    (tmp_path / "kit").mkdir()
    counter = Counter(tmp_path / "kit", "grobogan_becak_pintar")
    yield counter
    counter.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "becak"
    (folder / "BP-1").mkdir(parents=True)
    (folder / "ekspor.csv").write_text("\n".join((HEAD, SITI, BAD)), "utf-8")
    (folder / "BP-1" / "kk.jpg").write_bytes(page_photo())
    (folder / "tanpa nomor.jpg").write_bytes(page_photo())
    return folder


def read(counter: Counter, path: Path) -> tuple[ImportApplicationsPresenter, Steps]:
    steps = Steps()
    presenter = ImportApplicationsPresenter(counter.context(LOKET), SameThread(), steps, "a1")
    presenter.start()
    presenter.type_path(str(path))
    presenter.accept()
    return presenter, steps


def told(presenter: ImportApplicationsPresenter) -> list[tuple[str, object, object]]:
    """Return number, birth date and result of each row."""
    rows = [presenter.state.rows.row(at) for at in range(presenter.state.rows.count)]
    return [(row.name, row.cells[2].words, row.cells[3].tags[0].words) for row in rows]


def test_what_is_doubtful_stands_between_what_is_refused_and_what_is_good(counter: Counter, folder: Path) -> None:
    whole = "BP-3;3315080502850001;Slamet;05-02-1985;KTP-el"
    (folder / "ekspor.csv").write_text("\n".join((HEAD, whole, SITI, BAD)), "utf-8")
    for paper in ("fotokopi kk", "ktp lama"):
        (folder / f"BP-3 {paper}.jpg").write_bytes(page_photo())
    for stray in ("tanpa nomor.jpg", "BP-1/kk.jpg"):
        (folder / stray).unlink()
    presenter, _steps = read(counter, folder / "ekspor.csv")
    assert told(presenter) == [
        ("4", "", message("common.refused")),
        ("3", "05-07-1990", message("impor.is_doubtful")),
        ("2", "05-02-1985", message("common.good")),
    ]
    assert len(presenter.state.tags) == 3  # every file has its number


def test_a_kk_needs_no_birth_date(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    export = tmp_path / "ekspor.csv"
    export.write_text("Nomor Registrasi;NIK;Nama\nBP-1;3315084507900002;Siti", "utf-8")
    assert told(read(counter, export)[0]) == [("2", "", message("impor.is_doubtful"))]
    counter.close()


def test_an_export_without_a_right_row_is_not_taken(counter: Counter, tmp_path: Path) -> None:
    export = tmp_path / "ekspor.csv"
    export.write_text("\n".join((HEAD, BAD)), "utf-8")
    presenter, steps = read(counter, export)
    assert presenter.state.bar.actions[-1].refused == message("impor.none_accepted")
    assert Tag(message("impor.accepted", count=0), Tone.NEUTRAL) in presenter.state.tags, "nothing taken is not good"
    presenter.type_path(str(tmp_path))
    assert (presenter.state.rows.count, presenter.state.tags) == (0, ())
    assert presenter.state.asks == message("export.path")
    assert steps.taken == []


@pytest.mark.parametrize("name", ["ekspor.csv", ""])
def test_the_export_or_its_folder_is_looked_at_and_taken(counter: Counter, folder: Path, name: str) -> None:
    presenter, steps = read(counter, folder / name)
    rows = presenter.state.rows
    assert rows.count == 2
    assert rows.row(0).cells[4].words == message("list.nik_not_16_digits")  # what is refused stands first
    assert [tag.words for tag in presenter.state.tags] == [
        message("impor.accepted", count=1),
        message("export.files", count=1),
        message("impor.refused", count=1),
        message("export.unnamed", count=1),
    ]
    presenter.accept()
    assert steps.taken == [("back",)]
    (application,) = counter.by(LOKET).of("a1")
    assert application.requirements[0].is_there


def test_a_folder_with_two_lists_asks_which(counter: Counter, folder: Path) -> None:
    (folder / "lain.json").write_text("[]")
    presenter, _steps = read(counter, folder)
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "export.many_lists"
    presenter.accept()
    assert counter.by(LOKET).of("a1") == []


def test_a_missing_file_is_said(counter: Counter, tmp_path: Path) -> None:
    presenter, _steps = read(counter, tmp_path / "tidak ada.csv")
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "list.unreadable"
