from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot
from support.recording_window import RecordingWindow

from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.review import ReviewPresenter
from ui.views.recording.pages import RECORDING_INTENTS, REVIEW_INTENTS
from ui.views.recording.recording import RecordingView
from ui.views.recording.review import ReviewView


def test_every_intent_is_a_signal_of_the_view_and_a_method_of_the_presenter() -> None:
    for intents, view, presenter in (
        (RECORDING_INTENTS, RecordingView, RecordingPresenter),
        (REVIEW_INTENTS, ReviewView, ReviewPresenter),
    ):
        for intent in intents:
            assert hasattr(view, intent)
            assert callable(getattr(presenter, intent))


def test_a_page_that_closes_takes_its_preview_thread_along(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    def previews() -> int:
        return sum(thread.name == "preview" for thread in threading.enumerate())

    assert previews() == 1
    recording_window.navigation.restart("home")
    qtbot.waitUntil(lambda: previews() == 0)
