from __future__ import annotations

from pathlib import Path

from support.checklists import stocked_kit
from support.desk import PENGURUS
from support.sarpras import take_out
from support.tasks import SameThread, Steps

from ui.presenters.parts import Stage
from ui.presenters.sarpras.item_history import HistoryPresenter
from ui.presenters.words import phrase


def test_lines_with_who_and_where_and_the_photo(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, PENGURUS):
        take_out(kit)
        kit.desk.office.inventory.photograph("i1", b"jpeg")
        presenter = HistoryPresenter(kit.desk, SameThread(), steps, "i1")
        presenter.start()
        rows = [presenter.state.rows.row(at) for at in range(presenter.state.rows.count)]
        assert sorted(row.cells[1].tags[0].words.key for row in rows) == ["sarpras.past.kept", "sarpras.past.out"]
        out = next(row for row in rows if row.cells[1].tags[0].words == phrase("sarpras.past.out"))
        assert (out.cells[4].words, out.cells[4].detail) == ("Desa Jimbe", PENGURUS.name)
        presenter.select(out.name)
        assert presenter.state.photo == b"jpeg"
        presenter.search("jimbe")
        assert presenter.state.rows.count == 1
        presenter.accept()
        presenter.back()
        assert steps.taken == [("back",), ("back",)]


def test_an_unknown_item_is_an_error(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, PENGURUS):
        presenter = HistoryPresenter(kit.desk, SameThread(), steps, "nowhere")
        presenter.start()
        presenter.search("x")
        presenter.select("0")
        assert presenter.state.stage is Stage.ERROR
