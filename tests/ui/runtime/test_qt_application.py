from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from ui.runtime.qt_application import qt_application, scale_as_kept


def test_the_application_that_is_there_is_taken(qapp: QApplication) -> None:
    assert qt_application() is qapp


def test_its_names_are_those_of_the_desktop_entry() -> None:
    program = (
        "from ui.runtime.qt_application import qt_application as made\n"
        "print(made().arguments()[0], made().applicationName(), made().desktopFileName())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["fieldkit"] * 3
    entry = (Path(__file__).parents[3] / "packaging/debian/kit/fieldkit.desktop").read_text("utf-8")
    assert "StartupWMClass=fieldkit\n" in entry


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
