from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.presence import present


def test_a_part_without_parent_never_becomes_a_window(qtbot: QtBot) -> None:
    part, host = QWidget(), QWidget()
    qtbot.addWidget(host)
    present(part, True)
    assert not part.isVisible()
    present(part, False)
    present(part, True)
    QVBoxLayout(host).addWidget(part)
    host.show()
    assert part.isVisible()
    present(part, False)
    assert not part.isVisible()
