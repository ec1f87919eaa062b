"""Index fingers that seem to be another's: given twice, then decided, by keys alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.recording import RecordingKit
from support.recording_window import RecordingWindow
from support.room import Keys

from fieldkit.domain.recording.capture import Sample, StepKind
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.ports.recording import Match, MatchVerdict
from ui.runtime.theme import ThemeContext
from ui.runtime.typist import grab

K = Qt.Key


class Doubting:
    """A matcher to which every finger is another's."""

    def prepare(self, sample: Sample) -> None:
        pass

    def compare(self, reference: Sample, probe: Sample) -> Match:
        return Match(MatchVerdict.DIFFERENT, 0.02, "told", "1")


@pytest.fixture
def window(qtbot: QtBot, theming: ThemeContext, seal_keys: Keys, tmp_path: Path) -> Iterator[RecordingWindow]:
    window = RecordingWindow(qtbot, theming, RecordingKit(tmp_path, seal_keys, matcher=Doubting()))
    yield window
    window.close()


def shoot(window: RecordingWindow, name: str) -> None:
    """Paint the window at both sizes; `FIELDKIT_SHOTS` names a folder that keeps the pictures."""
    window.shell.setUpdatesEnabled(True)
    for width, height in ((1366, 768), (1024, 600)):
        window.shell.resize(width, height)
        QApplication.processEvents()
        content = window.page.view.content
        assert content.minimumSizeHint().width() <= content.parentWidget().width()
        if folder := os.environ.get("FIELDKIT_SHOTS", ""):
            Path(folder).mkdir(parents=True, exist_ok=True)
            grab(window.shell, Path(folder) / f"{name}-{width}.png")


@pytest.mark.days
def test_two_touches_and_a_key_note_a_mismatch(window: RecordingWindow, qtbot: QtBot) -> None:
    window.press(K.Key_Return)
    for kind in (StepKind.PHOTO, StepKind.SIGNATURE, StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR):
        window.arrive(kind)
        if kind is StepKind.SIGNATURE:
            qtbot.waitUntil(lambda: window.recording.state.ink is not None)
        else:
            window.capture()
        window.press(K.Key_Return)
    while window.current is not StepKind.INDEX_VERIFICATION:
        qtbot.waitUntil(lambda: not window.recording._is_operating)
        window.press(K.Key_PageDown)
    said = (
        (K.Key_Space, IndexComparison.DOUBTED),
        (K.Key_R, IndexComparison.DOUBTED_TWICE),
        (K.Key_C, IndexComparison.NOT_MATCHED),
    )
    for key, noted in said:
        qtbot.waitUntil(lambda: not window.recording._is_operating and not window.recording.state.is_capturing)
        window.press(key)
        qtbot.waitUntil(lambda noted=noted: window.kit.on_disk().index_comparison is noted)
        qtbot.waitUntil(lambda: not window.recording.state.is_capturing)
        shoot(window, f"index-{noted.name.lower()}")
