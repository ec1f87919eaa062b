"""PySide6 6.12.0 loses references to True and None on Python 3.11 and aborts after some hundred signals."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


class Sender(QObject):
    told = Signal(object)
    flagged = Signal(bool)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True and None are immortal from Python 3.12 on")
def test_a_thousand_signals_and_updates_leave_the_counts_of_true_and_none_alone(qtbot: QtBot) -> None:
    sender, widget = Sender(), QWidget()
    qtbot.addWidget(widget)
    heard: list[int] = []
    sender.told.connect(lambda value: heard.append(1))
    sender.flagged.connect(lambda value: heard.append(1))
    before = {value: sys.getrefcount(value) for value in (True, None)}
    for _ in range(1_000):
        sender.told.emit(None)
        sender.told.emit(True)
        sender.flagged.emit(True)
        widget.update()
        widget.setEnabled(True)
    after = {value: sys.getrefcount(value) for value in (True, None)}
    assert len(heard) == 3_000
    assert all(abs(after[value] - before[value]) < 100 for value in before), (before, after)
