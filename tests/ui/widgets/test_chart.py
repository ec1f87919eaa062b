from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from ui.presenters.figures import NO_CHART, ChartBar, ChartShown
from ui.presenters.parts import Tone
from ui.presenters.planning.calendar_days import Month, MonthDay, MonthEntry
from ui.runtime.theme import ThemeContext
from ui.widgets.chart import ChartView, MonthGrid


@pytest.fixture
def view(qtbot: QtBot, theming: ThemeContext) -> ChartView:
    view = ChartView(theming)
    qtbot.addWidget(view)
    view.resize(480, 200)
    return view


def painted(view: ChartView, ink: QColor) -> int:
    """Return how many pixels of a colour are there."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return sum(image.pixelColor(x, y).rgb() == ink.rgb() for x in range(image.width()) for y in range(image.height()))


def test_a_longer_bar_has_more_ink(view: ChartView, theming: ThemeContext) -> None:
    ink = theming.theme.ink(Tone.GOOD)
    amounts = []
    for value in (0, 5, 10):
        view.render_chart(ChartShown((ChartBar("Direkam", value, "", Tone.GOOD),), top=10))
        amounts.append(painted(view, ink))
    icon, half, whole = amounts
    assert icon < half < whole
    assert 1.8 < (whole - icon) / (half - icon) < 2.2


def test_a_bar_beyond_the_measure_stays_inside(view: ChartView, theming: ThemeContext) -> None:
    ink = theming.theme.ink(Tone.BAD)
    view.render_chart(ChartShown((ChartBar("a", 10, "10", Tone.BAD),), top=10))
    full = painted(view, ink)
    view.render_chart(ChartShown((ChartBar("a", 99, "10", Tone.BAD),), top=10))
    assert painted(view, ink) == full


def test_a_standard_is_an_upright_line(view: ChartView, theming: ThemeContext) -> None:
    text = theming.theme.colour("text")
    view.render_chart(ChartShown((ChartBar("", 5, ""),), top=10))
    without = painted(view, text)
    view.render_chart(ChartShown((ChartBar("", 5, "", mark=7),), top=10))
    assert painted(view, text) >= without + 2 * 20


def test_a_line_runs_over_the_days(view: ChartView, theming: ThemeContext) -> None:
    bars = tuple(ChartBar(str(day), day % 5, str(day % 5)) for day in range(1, 32))
    view.render_chart(ChartShown(bars, is_line=True, top=4))
    assert painted(view, theming.theme.ink(Tone.SOFT)) > 400
    assert view.minimumSizeHint().height() == view.sizeHint().height()


def test_every_value_is_told_in_words(view: ChartView) -> None:
    view.render_chart(ChartShown((ChartBar("Lari", 3, "3"), ChartBar("Sakit", 1, "1")), top=3))
    assert view.accessibleName() == "Lari 3; Sakit 1"
    assert view.toolTip() == "Lari: 3\nSakit: 1"


def test_without_bars_nothing_is_painted(view: ChartView, theming: ThemeContext) -> None:
    view.render_chart(NO_CHART)
    assert painted(view, theming.theme.ink(Tone.SOFT)) == 0
    assert view.minimumSizeHint().height() == 0


FIRST, START = date(2026, 12, 1), date(2026, 11, 30)
THIRD = date(2026, 12, 3)


def december(*entries: MonthEntry, cursor: date = THIRD, note: str = "", warning: str = "") -> Month:
    days = (START + timedelta(days=n) for n in range(35))
    return Month(
        FIRST,
        tuple(
            MonthDay(on, on.weekday() >= 5, note if on == THIRD else "", entries if on == THIRD else ()) for on in days
        ),
        date(2026, 12, 2),
        cursor,
        warning,
    )


@pytest.fixture
def grid(qtbot: QtBot, theming: ThemeContext) -> MonthGrid:
    grid = MonthGrid(theming)
    qtbot.addWidget(grid)
    grid.resize(920, 560)
    grid.render_month(december())
    return grid


@pytest.mark.parametrize(
    ("key", "there"),
    [
        (Qt.Key.Key_Left, date(2026, 12, 2)),
        (Qt.Key.Key_Right, date(2026, 12, 4)),
        (Qt.Key.Key_Down, date(2026, 12, 10)),
        (Qt.Key.Key_Home, date(2026, 12, 2)),
    ],
)
def test_keys_move_the_cursor(qtbot: QtBot, grid: MonthGrid, key: Qt.Key, there: date) -> None:
    with qtbot.waitSignal(grid.chosen) as told:
        qtbot.keyClick(grid, key)
    assert told.args == [there]


def test_a_step_out_of_the_month_turns_it_first(qtbot: QtBot, grid: MonthGrid) -> None:
    with qtbot.waitSignals([grid.turned, grid.chosen], order="strict"):
        qtbot.keyClick(grid, Qt.Key.Key_Up)
    with qtbot.waitSignal(grid.turned) as told:
        qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    assert told.args == [date(2027, 1, 1)]
    with qtbot.waitSignal(grid.turned) as told:
        qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    assert told.args == [date(2026, 11, 1)]


def test_enter_and_a_double_click_open_a_day(qtbot: QtBot, grid: MonthGrid) -> None:
    with qtbot.waitSignal(grid.opened) as told:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert told.args == [THIRD]
    point = grid.cell(date(2026, 12, 9)).center().toPoint()
    with qtbot.waitSignal(grid.chosen) as told:
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=point)
    assert told.args == [date(2026, 12, 9)]
    with qtbot.waitSignal(grid.opened):
        qtbot.mouseDClick(grid, Qt.MouseButton.LeftButton, pos=point)
    with qtbot.assertNotEmitted(grid.chosen):
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))


def test_other_keys_stay_with_the_screen(qtbot: QtBot, grid: MonthGrid) -> None:
    with qtbot.assertNotEmitted(grid.chosen):
        qtbot.keyClick(grid, Qt.Key.Key_Escape)
        qtbot.keyClick(grid, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)


def test_what_is_on_a_day_is_seen_and_read(grid: MonthGrid, picture: Callable[..., bytes]) -> None:
    jimbe = MonthEntry("a1", "Desa Jimbe", Tone.GOOD)
    seen = {picture(grid)}
    for month in (
        december(jimbe),
        december(note="Rapat"),
        december(jimbe, note="Rapat"),
        december(*(jimbe,) * 9),
        december(warning="Belum diumumkan."),
        december(cursor=date(2026, 12, 4)),
    ):
        grid.render_month(month)
        seen.add(picture(grid))
    assert len(seen) == 7
    grid.render_month(december(jimbe, note="Rapat"))
    assert grid.accessibleName() == "Desember 2026"
    assert grid.accessibleDescription() == "03-12-2026\nRapat\nDesa Jimbe"


def test_the_full_text_of_a_day_stands_in_its_tool_tip(qtbot: QtBot, grid: MonthGrid) -> None:
    grid.render_month(december(note="Cuti Bersama Hari Raya Natal"))
    grid.show()
    point = grid.cell(THIRD).center().toPoint()
    QApplication.sendEvent(grid, QHelpEvent(QEvent.Type.ToolTip, point, grid.mapToGlobal(point)))
    qtbot.waitUntil(lambda: "Cuti Bersama" in QToolTip.text())
    QToolTip.hideText()


def test_of_three_hundred_activities_those_that_fit_are_drawn_and_the_rest_is_counted(
    grid: MonthGrid, picture: Callable[..., bytes]
) -> None:
    def drawn(count: int, others: str = "Desa") -> bytes:
        crowd = (MonthEntry(str(n), f"{'Desa' if n < 10 else others} {n}") for n in range(count))
        grid.render_month(december(*crowd))
        return picture(grid)

    assert drawn(300) == drawn(300, others="Kelurahan")
    assert drawn(300) != drawn(301)


def test_without_a_month_nothing_is_drawn_and_keys_do_nothing(qtbot: QtBot, theming: ThemeContext) -> None:
    grid = MonthGrid(theming)
    qtbot.addWidget(grid)
    grid.grab()
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.cell(FIRST).isEmpty()
