from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QTableView
from support.app_context import TARGETS

from ui.presenters.figures import StepMark
from ui.presenters.planning.steps import Fact, TimelineState, TimelineStep
from ui.presenters.presenter import Action
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import TimelineScreen
from ui.widgets.cards import Card


@pytest.fixture
def listed(window):
    window.sign_in()
    window.press(Qt.Key.Key_1)
    window.reach("Targets")
    return window


def row(window) -> int:
    return window.view.findChild(QTableView).currentIndex().row()


def test_the_table_has_the_keyboard_and_the_cursor_stands_somewhere(listed) -> None:
    assert isinstance(listed.shell.focusWidget(), QTableView)
    assert row(listed) == 0
    listed.press(Qt.Key.Key_Down)
    assert row(listed) == 1


def test_ctrl_f_goes_to_the_search_and_down_comes_back(listed) -> None:
    listed.press(Qt.Key.Key_F, to=Qt.KeyboardModifier.ControlModifier)
    assert isinstance(listed.shell.focusWidget(), QLineEdit)
    listed.press(Qt.Key.Key_Down)
    assert isinstance(listed.shell.focusWidget(), QTableView)


def test_the_cursor_stays_where_it_is_when_nothing_changed(listed) -> None:
    listed.press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_F2)
    assert row(listed) == 2
    listed.press(Qt.Key.Key_F5)
    listed.wait(lambda: row(listed) == 2)


def test_other_modifiers_do_not_type(listed) -> None:
    listed.press(Qt.Key.Key_K, to=Qt.KeyboardModifier.ControlModifier)
    assert listed.view.findChild(QLineEdit).text() == ""


@pytest.mark.days
def test_the_side_gives_way_in_a_small_window(window, kit, shoot) -> None:
    kit.seal(1, TARGETS[0])
    window.sign_in()
    window.go("queue")
    assert window.view.side.isVisible()
    window.shell.resize(1024, 700)
    shoot("queue-1024")
    assert not window.view.side.isVisible()
    window.go("statuses")
    shoot("statuses-1024")
    assert not window.view.side.isVisible()


STEPS = tuple(TimelineStep(no, f"Langkah {no}", StepMark.PENDING) for no in range(1, 4))


class Walker:
    def __init__(self) -> None:
        self.moved: list[int] = []

    def next_step(self, by: int) -> None:
        self.moved.append(by)


def test_page_keys_scroll_the_facts_and_f5_reads_anew(theming: ThemeContext, qtbot) -> None:
    walker = Walker()
    view: TimelineScreen[TimelineState] = TimelineScreen(theming, walker)
    side = Card(theming)
    side.body.addWidget(view.scrolling_facts())
    view.lay_out(side)
    qtbot.addWidget(view)
    view.resize(1024, 300)
    view.render(TimelineState(title="Jemput bola", sop="SOP", steps=STEPS, cursor=2))
    view._facts.render_facts(tuple(Fact(f"Fakta {at}") for at in range(40)))
    view.show()
    bar = view._info.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert view.perform(Action.NEXT_STEP)
    assert bar.value() > 0
    assert view.perform(Action.PREVIOUS_STEP)
    assert bar.value() == 0
    with qtbot.waitSignal(view.refresh):
        assert view.perform(Action.REFRESH)
    assert not view.perform(Action.CHOICE_1)
    view._timeline.moved.emit(1)
    assert walker.moved == [1]
