from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from support.cards_sent import PRINTER
from support.letters import office
from support.tasks import SameThread

from ui.presenters.cards.queue_board import QueueBoardPresenter
from ui.runtime.theme_context import ThemeContext
from ui.views.cards.queue_board import QueueBoardWindow, another, toggle_board


def test_a_press_opens_the_board_beside_the_program_and_another_closes_it(
    qtbot: QtBot, theming: ThemeContext, tmp_path: Path
) -> None:
    kit, owner = office(tmp_path, PRINTER), QWidget()
    qtbot.addWidget(owner)
    owner.show()
    for number in range(3):
        kit.context.office.queue.take_walk_in("a1", f"ORANG {number}")

    def press() -> None:
        toggle_board(theming, owner, QueueBoardPresenter(kit.context, SameThread(), "a1"))

    press()
    board = owner.findChild(QueueBoardWindow)
    assert board.isVisible()
    assert board.isWindow()
    assert not board.isFullScreen()  # there is one screen only
    before = board.grab().toImage()
    kit.context.office.queue.call_next("a1")
    assert board.grab().toImage() != before
    press()
    QApplication.processEvents()
    assert owner.findChild(QueueBoardWindow) is None
    press()
    QTest.keyClick(owner.findChild(QueueBoardWindow), Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert owner.findChild(QueueBoardWindow) is None
    kit.store.close()


def test_it_goes_to_the_screen_that_the_program_is_not_on() -> None:
    own, beamer = object(), object()
    assert another([own, beamer], own) is beamer  # type: ignore[list-item, arg-type]
    assert another([own], own) is None  # type: ignore[list-item, arg-type]
