from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.targets.sheets import RefusedRow, Remark
from ui.presenters.parts import Bar, Empty, Stage, Tag
from ui.presenters.presenter import message
from ui.presenters.targets.import_targets import FileRowsPresenter, Line, line_of, refused_line

NIK = "3505125207510011"
TWICE, ODD = Remark("list.nik_twice", "NIK", NIK), Remark("list.odd")
GOOD = Tag(message("common.good"))


class Rows(FileRowsPresenter):
    """Reads what a test gives it."""

    lines: tuple[Line, ...] = ()
    paths: tuple[str, ...] = ()
    takes = False

    def _read(self, path: str) -> None:
        self.paths = (*self.paths, path)
        self._run(message("impor.reading"), lambda: None, lambda _: self._show_lines(self.lines))

    def _take(self) -> bool:
        return self.takes

    def _tags(self) -> tuple[Tag, ...]:
        return ()

    def _bar(self) -> Bar:
        return Bar(None, (self._read_command(),))


def opened(kit: Kit, *lines: Line, tasks: SameThread | None = None, path: str = "/daftar.xlsx") -> Rows:
    presenter = Rows(kit.context, tasks or SameThread(), Steps(), "a1", "", Empty(""))
    presenter.lines = lines
    presenter.type_path(path)
    presenter.accept()
    return presenter


def refused(number: int, *reasons: Remark, name: str = "SRI") -> Line:
    return refused_line(RefusedRow(number, (name, NIK), reasons), name)


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (("3", NIK, "SRI"), "SRI"),
        (("", "SRI", "TRI"), "SRI"),
        (("RT 3", "SRI"), "SRI"),
        (("3", ""), ""),
        ((), ""),
    ],
)
def test_a_refused_row_is_known_by_its_first_cell_of_letters(cells: tuple[str, ...], name: str) -> None:
    assert refused_line(RefusedRow(4, cells, ())).name == name
    assert refused_line(RefusedRow(4, cells, ()), "TRI").name == "TRI"


@pytest.mark.parametrize(
    ("reasons", "why", "places"),
    [
        ((), ("", ""), []),
        ((ODD,), (message("list.odd"), ""), [""]),
        (
            (TWICE,),
            (
                message("list.nik_twice"),
                message("impor.in_column", column="NIK", value="350512••••••••11"),
            ),
            [message("impor.in_column", column="NIK", value="350512••••••••11")],
        ),
        (
            (replace(TWICE, value="SRI"), ODD),
            (message("list.nik_twice"), message("impor.more", count=1)),
            [message("impor.in_column", column="NIK", value="SRI"), ""],
        ),
        (
            (replace(TWICE, value="ABCDEFGHIJKLMNOP"),),
            (
                message("list.nik_twice"),
                message("impor.in_column", column="NIK", value="ABCDEFGHIJKLMNOP"),
            ),
            [message("impor.in_column", column="NIK", value="ABCDEFGHIJKLMNOP")],
        ),
        (
            (replace(TWICE, value=NIK[:15]),),
            (message("list.nik_twice"), message("impor.in_column", column="NIK", value=NIK[:15])),
            [message("impor.in_column", column="NIK", value=NIK[:15])],
        ),
    ],
)
def test_the_first_reason_stands_in_the_row_and_all_of_them_beside_it(
    idle: Kit, reasons: tuple[Remark, ...], why: tuple[object, object], places: list[object]
) -> None:
    presenter = opened(idle, refused(4, *reasons))
    cell = presenter.state.rows.row(0).cells[4]
    assert (cell.words, cell.detail) == why
    assert [place for _, place in presenter.state.reasons] == places
    assert bool(presenter.state.about) is bool(reasons)


def test_the_cursor_stays_with_its_row_as_long_as_it_is_shown(idle: Kit) -> None:
    fine = line_of(7, TARGETS[1].biodata, GOOD)
    presenter = opened(idle, refused(4, ODD), refused(5, TWICE, name="TRI"), fine)
    assert presenter.state.about == message("impor.about", row=4, name="SRI")
    presenter.select("5")
    presenter.search(" tri ")
    assert presenter.state.about == message("impor.about", row=5, name="TRI")
    presenter.search("sri")
    assert presenter.state.about == message("impor.about", row=4, name="SRI")
    presenter.search("kartono")
    assert (presenter.state.about, presenter.state.rows.count, presenter.state.rows.total) == ("", 1, 3)
    presenter.search("zzz")
    assert (presenter.state.about, presenter.state.rows.count) == ("", 0)


def test_enter_reads_a_file_once_it_has_a_name_and_reads_it_no_more_once_it_was_taken(idle: Kit) -> None:
    tasks = SameThread("store")
    presenter = opened(idle, refused(4, ODD), tasks=tasks, path=" ")
    assert presenter.state.bar.actions[-1].refused == message("impor.no_path")
    assert presenter.paths == ()
    presenter.type_path("/daftar.xlsx")
    assert presenter.state.bar.actions[-1].refused == ""
    presenter.accept()
    assert presenter.state.stage is Stage.BUSY
    presenter.accept()
    tasks.release("store")
    assert presenter.state.rows.total == 1
    presenter.refresh()
    assert presenter.state.stage is Stage.BUSY
    tasks.release("store")
    assert presenter.paths == ("/daftar.xlsx",) * 2
    presenter.takes = True
    presenter.accept()
    assert presenter.paths == ("/daftar.xlsx",) * 2
