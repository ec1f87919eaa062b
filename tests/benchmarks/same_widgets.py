"""The sign-in screen's widgets in plain PySide6, with our fonts and a stylesheet; says `painted`.

Nothing of ours is imported: what a window of such contents costs anybody who writes it in one file.
"""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

FONTS = Path(__file__).parents[2] / "assets" / "fonts"
LOOK = """
QWidget { color: #10202f; font-family: Inter; font-size: 16px; }
QMainWindow { background: #eef1f5; }
QFrame[role="strip"] { background: #0b2447; }
QFrame[role="strip"] QLabel { color: #ffffff; }
QFrame[role="bar"] { background: #ffffff; border-top: 2px solid #c6d0da; }
QFrame[role="card"] { background: #ffffff; border: 1px solid #c6d0da; border-radius: 12px; }
QFrame[role="told"] { background: #dce8f9; border: 1px solid #1046a0; border-radius: 12px; }
QLabel { background: transparent; border: 0; }
QLabel[role="title"] { font-size: 24px; font-weight: 700; }
QLabel[role="section"] { font-size: 18px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="number"] { font-size: 36px; font-weight: 700; }
QLabel[role="muted"] { color: #44566b; }
QLineEdit { background: #ffffff; border: 2px solid #44566b; border-radius: 8px; padding: 0 16px; min-height: 44px; }
QLineEdit:focus { border: 3px solid #e6a100; }
QRadioButton, QPushButton { background: #ffffff; border: 2px solid #44566b; border-radius: 8px; padding: 12px 24px; }
QPushButton[role="primary"] { background: #1046a0; color: #ffffff; border: 0; }
QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 14px; margin: 2px; }
QScrollBar::handle { background: #44566b; border-radius: 5px; min-height: 48px; }
"""
PEOPLE = 9


def frame(role: str, layout: QHBoxLayout | QVBoxLayout, *parts: QWidget) -> QFrame:
    """Return a frame that holds widgets in a row or a column."""
    made = QFrame()
    made.setProperty("role", role)
    for part in parts:
        layout.addWidget(part)
    made.setLayout(layout)
    return made


def label(text: str, role: str = "", *, wraps: bool = False) -> QLabel:
    """Return a text."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(wraps)
    return made


def names() -> QScrollArea:
    """Return the names to pick from, in two columns that scroll."""
    inside, area = QWidget(), QScrollArea()
    grid = QGridLayout(inside)
    for number in range(PEOPLE):
        grid.addWidget(QRadioButton(f"Nama {number} (demo)\nPetugas perekaman"), number % 5, number // 5)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


def window() -> QMainWindow:
    """Return the window: strip above, the card with its two halves, buttons below."""
    passphrase = QLineEdit()
    passphrase.setEchoMode(QLineEdit.EchoMode.Password)
    told = frame("told", QVBoxLayout(), label("Mode peragaan", "strong"), label("246810", "number"), label("Ketik."))
    arrows = label("Panah ↑ ↓ atau Alt + huruf pertama memilih nama.", "muted", wraps=True)
    left = frame("", QVBoxLayout(), label("Siapa Anda?", "section"), names(), arrows)
    right = frame("", QVBoxLayout(), label("Kata sandi", "strong"), passphrase, told, label("Terakhir", "muted"))
    card = frame("card", QHBoxLayout(), left, right)
    heads = label("Masuk ke Fieldkit", "title"), label("Dinas (demo)", "muted"), label("Laptop K07", "muted")
    primary = QPushButton("Masuk")
    primary.setProperty("role", "primary")
    bar = frame("bar", QHBoxLayout(), label("", "muted"), QPushButton("Lain"), QPushButton("Bantuan"), primary)
    strip = frame("strip", QHBoxLayout(), label("Fieldkit", "strong"), label("Masuk"))
    whole = QMainWindow()
    whole.setCentralWidget(frame("", QVBoxLayout(), strip, frame("", QVBoxLayout(), *heads, card), bar))
    passphrase.setFocus()
    return whole


application = QApplication([])
for path in FONTS.glob("*.ttf"):
    QFontDatabase.addApplicationFont(str(path))
application.setStyleSheet(LOOK)
shown = window()
shown.showMaximized()
for _ in range(2):
    application.processEvents()
print("painted", flush=True)
os._exit(0)
