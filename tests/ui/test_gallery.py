"""The sample screens fit the laptop's screen: nothing scrolls, no text is cut."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Stage
from ui.runtime.theme_context import ThemeContext
from ui.widgets.problem_card import ProblemCard
from ui.widgets.text import ElidedText


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        import gallery
        import office_gallery  # noqa: F401 – found by name later, when the path is as it was
    finally:
        sys.path.pop(0)
    return gallery


def is_cut(label: QLabel) -> bool:
    if isinstance(label, ElidedText) or not label.text():
        return False
    flags = int(label.alignment().value) | (Qt.TextFlag.TextWordWrap.value if label.wordWrap() else 0)
    room = QRect(0, 0, label.width() if label.wordWrap() else 10_000, 10_000)
    needed = label.fontMetrics().boundingRect(room, flags, label.text())
    return needed.width() > label.width() or needed.height() > label.height() + 1


@pytest.mark.parametrize("name", ["beranda", "perekaman", "tinjau", "kirim", "sarpras", "foto", "kegiatan"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_screen_fits_1366_by_768(
    qtbot: QtBot, theming: ThemeContext, gallery: ModuleType, name: str, language: str
) -> None:
    theming.catalog.choose(language)
    shell = gallery.open_shell(theming)
    qtbot.addWidget(shell)
    shell.show()
    shell.navigation.push(name)
    QApplication.processEvents()
    page = shell.navigation.page.view
    assert page.findChild(QScrollArea).verticalScrollBar().maximum() == 0
    assert page.content.width() <= 1366
    assert cut_in(shell) == []


def test_every_state_is_drawn(qtbot: QtBot, theming: ThemeContext, gallery: ModuleType, tmp_path: Path) -> None:
    gallery.draw(theming, tmp_path)
    pictures = {path.stem: path.read_bytes() for path in tmp_path.glob("*.png")}
    assert {picture.name for picture in gallery.PICTURES} < pictures.keys()
    assert len(set(pictures.values())) == len(pictures)


@pytest.mark.slow
def test_every_screen_of_the_office_fits_in_every_state(
    qtbot: QtBot, theming: ThemeContext, gallery: ModuleType
) -> None:
    import office_gallery

    theming.catalog.choose("id")
    shell = gallery.Shell(theming)
    qtbot.addWidget(shell)
    shell.show()
    with office_gallery.offices() as (office, first):
        for shot in office_gallery.SHOTS:
            page = office_gallery.show(shell, theming, office, shot)
            assert cut_in(shell) == [], shot.name
            assert page.view.content.width() <= 1366, shot.name
            for stage, page in office_gallery.stages(shell, theming, office, first, shot):
                assert cut_in(shell) == [], f"{shot.name} {stage}"
                cards = [card for card in page.view.findChildren(ProblemCard) if card.isVisible()]
                if page.presenter.state.stage is Stage.ERROR:
                    assert [card.mapTo(shell, card.rect().center()).x() // 10 for card in cards] == [68], shot.name
        shell.navigation.close()


def cut_in(shell: QWidget) -> list[str]:
    """Return the texts of which a part is not seen."""
    return [label.text() for label in shell.findChildren(QLabel) if label.isVisible() and is_cut(label)]
