from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.lists import HEADER, number, row_of, xlsx
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.targets.sheets import Field
from ui.presenters.messages import message
from ui.presenters.targets.import_targets import MAPPED, ImportTargetsPresenter

BORN = "12-07-1951"


class Folder:
    """Keeps what is saved."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return f"/map/{name}"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan()
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps, folder: Folder, content: bytes, tmp_path: Path) -> ImportTargetsPresenter:
    file = tmp_path / "daftar.xlsx"
    file.write_bytes(content)
    presenter = ImportTargetsPresenter(kit.context, SameThread(), steps, folder, strict_catalogue("id"), "a1")
    assert presenter.state.bar.actions[-1].refused == message("impor.no_path")
    presenter.type_path(str(file))
    presenter.accept()
    return presenter


LIST = xlsx(
    [
        HEADER,
        row_of("3505125207510011", "SRI", BORN),
        row_of("3505125207510012", "TRI", BORN, **{"L/P": "L"}),
        row_of(number("3.50512520751E+15"), "HILANG", BORN),
    ]
)


def test_faults_stand_first_and_nothing_is_kept_before_the_second_enter(kit: Kit, tmp_path: Path) -> None:
    steps = Steps()
    presenter = opened(kit, steps, Folder(), LIST, tmp_path)
    state = presenter.state
    assert [state.rows.row(at).cells[0].words for at in range(3)] == ["4", "3", "2"]
    assert state.rows.row(0).cells[4].words == message("list.lost_digits")
    assert [tag.words for tag in state.tags] == [
        message("impor.accepted", count=2),
        message("impor.doubtful", count=1),
        message("impor.refused", count=1),
    ]
    assert kit.context.visits.targets("a1") == []
    presenter.accept()
    assert len(kit.context.visits.targets("a1")) == 2
    assert steps.taken == [("back",)]


def test_a_search_finds_rows_and_another_path_forgets_them(kit: Kit, tmp_path: Path) -> None:
    presenter = opened(kit, Steps(), Folder(), LIST, tmp_path)
    presenter.search("sri")
    assert (presenter.state.rows.count, presenter.state.rows.total) == (1, 3)
    presenter.type_path("/tidak/ada")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.rows.total == 0


def test_columns_are_changed_by_two_keys(kit: Kit, tmp_path: Path) -> None:
    presenter = opened(kit, Steps(), Folder(), LIST, tmp_path)
    assert presenter.state.mapping[0] == (message("impor.field_nik"), "NIK")
    assert MAPPED[presenter.state.current] is Field.NIK
    presenter.next_column()
    assert presenter.state.mapping[0] == (message("impor.field_nik"), "NO KK")
    presenter.next_field()
    assert MAPPED[presenter.state.current] is MAPPED[1]


def test_refused_rows_are_saved_as_a_file(kit: Kit, tmp_path: Path) -> None:
    folder = Folder()
    presenter = opened(kit, Steps(), folder, LIST, tmp_path)
    presenter.save_refused()
    assert folder.saved["ditolak.xlsx"].startswith(b"PK")
    assert presenter.state.toast is not None


def test_every_reason_of_the_row_under_the_cursor_is_told(kit: Kit, tmp_path: Path) -> None:
    row = row_of("350512", "SRI", "31-02-1951", **{"L/P": "X"})
    presenter = opened(kit, Steps(), Folder(), xlsx([HEADER, row, row_of("3505125207510011", "TRI", BORN)]), tmp_path)
    presenter.select("2")
    assert presenter.state.about == message("impor.about", row=2, name="SRI")
    assert [what for what, _where in presenter.state.reasons] == [
        message("list.nik_not_16_digits"),
        message("list.no_date"),
        message("list.no_sex"),
    ]
    presenter.select("3")
    assert (presenter.state.about, presenter.state.reasons) == ("", ())
