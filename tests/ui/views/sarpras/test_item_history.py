from __future__ import annotations

from pytestqt.qtbot import QtBot
from support.recording_window import jpeg

from ui.presenters.parts import Empty
from ui.presenters.sarpras.item_history import HistoryState
from ui.runtime.look import Look
from ui.views.sarpras.item_history import HistoryView
from ui.widgets.photo import PhotoView


def test_a_photo_stands_beside_the_list_when_there_is_one(qtbot: QtBot, look: Look) -> None:
    view = HistoryView(look)
    qtbot.addWidget(view)
    view.render(HistoryState(title="Riwayat", nothing=Empty("Belum ada"), photo=jpeg(), about="SN 1"))
    photo = view.findChild(PhotoView)
    assert photo.has_picture
    view.render(HistoryState(title="Riwayat", nothing=Empty("Belum ada")))
    assert photo.isHidden()
