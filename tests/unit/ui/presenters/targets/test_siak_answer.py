from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.outreach import TargetVerdict
from fieldkit.formats.target_sheets import SpreadsheetFiles
from ui.presenters.presenter import message
from ui.presenters.targets.targets import SiakAnswerPresenter

NIK = TARGETS[0].biodata.nik.digits


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def read(kit: Kit, steps: Steps, folder: Path, *rows: tuple[str, str, str]) -> SiakAnswerPresenter:
    file = folder / "jawaban.xlsx"
    file.write_bytes(SpreadsheetFiles().write("x", ("ID Sasaran", "NIK", "Hasil"), rows))
    presenter = SiakAnswerPresenter(kit.context, SameThread(), steps, "a1")
    assert presenter.state.bar.actions[-1].refused == message("impor.no_path")
    presenter.type_path(str(file))
    presenter.accept()
    return presenter


def test_refused_rows_stand_first_with_their_reason_and_nothing_is_kept_yet(kit: Kit, tmp_path: Path) -> None:
    steps = Steps()
    presenter = read(kit, steps, tmp_path, ("t1", NIK, "pindah"), ("t99", NIK, "pindah"), ("t2", NIK, "pindah"))
    state = presenter.state
    assert [state.rows.row(at).name for at in range(3)] == ["3", "4", "2"]
    assert [tag.words for tag in state.tags] == [message("impor.accepted", count=1), message("impor.refused", count=2)]
    assert state.reasons == ((message("verify.answer_unknown"), "t99"),)
    presenter.select("4")
    assert presenter.state.reasons[0][0] == message("verify.answer_other_nik")
    assert kit.context.visits.target("t1").verdict is TargetVerdict.BELUM_DICEK
    assert presenter.state.bar.actions[-1].refused == ""
    presenter.accept()
    assert steps.taken == [("back",)]
    assert kit.context.visits.target("t1").verdict is TargetVerdict.PINDAH


def test_of_an_answer_that_fits_nothing_else_is_told(kit: Kit, tmp_path: Path) -> None:
    presenter = SiakAnswerPresenter(kit.context, SameThread(), Steps(), "a1")
    presenter.accept()
    assert (presenter.state.tags, presenter.state.problem) == ((), None)
    presenter = read(kit, Steps(), tmp_path, ("t1", NIK, "pindah"))
    assert [tag.words for tag in presenter.state.tags] == [message("impor.accepted", count=1)]


def test_an_answer_in_which_nothing_fits_is_listed_and_not_taken(kit: Kit, tmp_path: Path) -> None:
    presenter = read(kit, Steps(), tmp_path, ("t99", NIK, "pindah"))
    assert presenter.state.rows.count == 1
    assert presenter.state.bar.actions[-1].refused == message("impor.none_accepted")
