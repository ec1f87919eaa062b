from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot
from support.recording_window import RecordingWindow


def test_a_page_that_closes_takes_its_preview_thread_along(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    def previews() -> int:
        return sum(thread.name == "preview" for thread in threading.enumerate())

    assert previews() == 1
    recording_window.navigation.restart("home")
    qtbot.waitUntil(lambda: previews() == 0)
