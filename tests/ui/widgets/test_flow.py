from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.flow import Flow


def test_a_full_line_goes_on_in_the_next_and_hidden_ones_take_no_place(qtbot: QtBot) -> None:
    frame, flow = QWidget(), Flow(4)
    frame.setLayout(flow)
    qtbot.addWidget(frame)
    labels = [QLabel() for _ in range(4)]
    for label in labels:
        label.setFixedSize(100, 20)
        flow.addWidget(label)
    frame.resize(320, 200)
    frame.show()
    assert [(label.x(), label.y()) for label in labels] == [(0, 0), (104, 0), (208, 0), (0, 24)]
    assert (flow.heightForWidth(320), flow.heightForWidth(100), flow.heightForWidth(1000)) == (44, 92, 20)
    labels[1].hide()
    flow.activate()
    assert [(label.x(), label.y()) for label in labels if not label.isHidden()] == [(0, 0), (104, 0), (208, 0)]
    assert (flow.minimumSize().width(), flow.count()) == (100, 4)
    taken = flow.takeAt(0)
    assert taken is not None
    assert taken.widget() is labels[0]
    assert (flow.itemAt(9), flow.takeAt(9)) == (None, None)
