from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from ui.runtime.qt_application import qt_application, scale_as_kept


def test_the_application_that_is_there_is_taken(qapp: QApplication) -> None:
    assert qt_application() is qapp


@pytest.mark.parametrize(
    ("kept", "asked", "scale"),
    [("1.15", "", "1.15"), ("7", "", ""), ("", "", ""), ("1.0", "", ""), ("1.3", "2", "2")],
)
def test_the_size_is_kept_for_the_next_start_of_whoever_asks_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str, asked: str, scale: str
) -> None:
    monkeypatch.setenv("QT_SCALE_FACTOR", asked)
    if not asked:
        monkeypatch.delenv("QT_SCALE_FACTOR")
    path = tmp_path / "window.ini"
    path.write_text(f"[General]\nscale={kept}\n")
    scale_as_kept(path)
    assert os.environ.pop("QT_SCALE_FACTOR", "") == scale
