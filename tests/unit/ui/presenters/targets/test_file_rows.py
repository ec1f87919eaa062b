from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.formats.target_sheets import SpreadsheetFiles
from ui.presenters.figures import FigureCell
from ui.presenters.presenter import message
from ui.presenters.targets.targets import SiakAnswerPresenter

WHO = TARGETS[0].biodata
ROWS = (("t1", WHO.nik.digits, "pindah"), ("t99", WHO.nik.digits, "pindah"))


@pytest.fixture
def presenter(tmp_path: Path) -> Iterator[SiakAnswerPresenter]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    file = tmp_path / "jawaban.xlsx"
    file.write_bytes(SpreadsheetFiles().write("x", ("ID Sasaran", "NIK", "Hasil"), ROWS))
    presenter = SiakAnswerPresenter(kit.context, SameThread(), Steps(), "a1")
    presenter.type_path(str(file))
    presenter.accept()
    yield presenter
    kit.store.close()


def test_a_row_tells_who_it_is_about_without_the_whole_nik(presenter: SiakAnswerPresenter) -> None:
    fits = presenter.state.rows.row(1)
    assert fits.cells[1] == FigureCell(WHO.name, WHO.nik.masked, is_strong=True)
    assert WHO.nik.digits not in repr(fits)


def test_a_search_finds_rows_by_name_number_and_reason(presenter: SiakAnswerPresenter) -> None:
    presenter.search("t99")
    assert (presenter.state.rows.count, presenter.state.rows.total) == (1, 2)
    presenter.search(WHO.name)
    assert (presenter.state.rows.count, presenter.state.rows.row(0).name) == (1, "2")
    presenter.select("2")
    assert (presenter.state.about, presenter.state.reasons) == ("", ()), "nothing stands against it"


def test_another_path_forgets_the_rows(presenter: SiakAnswerPresenter) -> None:
    presenter.type_path("/tidak/ada")
    assert presenter.state.rows.total == 0
    presenter.accept()
    assert presenter.state.problem is not None
    presenter.type_path(" ")
    assert presenter.state.bar.actions[-1].refused == message("impor.no_path")
