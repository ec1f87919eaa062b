from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from ui.presenters.charts import NO_CHART, ChartBar, ChartShown
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.chart import ChartView


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
