"""The sample screens fit the laptop's screen: nothing scrolls, no text is cut."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot
from support.drawn_text import faults_of, piled_in

from ui.presenters.parts import Stage
from ui.runtime.theme import ThemeContext
from ui.widgets.bars import BottomBar
from ui.widgets.cards import ProblemCard
from ui.widgets.layout import ElidedText


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


@pytest.mark.days
def test_every_state_is_drawn(qtbot: QtBot, theming: ThemeContext, gallery: ModuleType, tmp_path: Path) -> None:
    gallery.draw(theming, tmp_path)
    pictures = {path.stem: path.read_bytes() for path in tmp_path.glob("*.png")}
    assert {picture.name for picture in gallery.PICTURES} < pictures.keys()
    assert len(set(pictures.values())) == len(pictures)


@pytest.mark.days
@pytest.mark.parametrize("turn", range(4))
def test_every_screen_of_the_office_fits_in_every_state(
    qtbot: QtBot, theming: ThemeContext, gallery: ModuleType, turn: int
) -> None:
    """Each fourth screen by turns."""
    import office_gallery

    theming.catalog.choose("id")
    shell = gallery.Shell(theming)
    qtbot.addWidget(shell)
    shell.show()
    with office_gallery.offices() as (office, first):
        for shot in office_gallery.SHOTS[turn::4]:
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


# In points: what a laptop of 1366 × 768 leaves beside title bar and panel, the smallest window, that laptop at 125 %,
# and one of 1920 × 1080 at 150 %. At 150 % of 1366 less than the smallest window is left; the program offers no such.
SIZES = {"1366": (1366, 710), "1024": (1024, 560), "125 %": (1093, 568), "150 %": (1280, 672)}


@pytest.mark.days
@pytest.mark.parametrize("turn", range(8))
def test_nothing_is_cut_or_lies_on_another_on_any_screen_at_any_size(
    qtbot: QtBot, theming: ThemeContext, gallery: ModuleType, turn: int
) -> None:
    """Each screen in one of the languages at one of the sizes, by turns."""
    import office_gallery

    shell = gallery.Shell(theming)
    qtbot.addWidget(shell)
    shell.show()
    wrong, ways = list[str](), tuple(product(("id", "en"), SIZES))
    with office_gallery.offices() as (office, _first):
        for at, shot in enumerate(office_gallery.SHOTS):
            language, size = ways[(at + turn) % len(ways)]
            theming.catalog.choose(language)
            shell.resize(*SIZES[size])
            page = office_gallery.show(shell, theming, office, shot)
            faults = dict.fromkeys((*unfit(shell, SIZES[size]), *faults_of(shell), *page_faults(page.view.content)))
            wrong += [f"{shot.name} in {language} at {size}: {what}" for what in faults]
        shell.navigation.close()
    assert wrong == []


def page_faults(content: QWidget) -> list[str]:
    """Return what is wrong on a page, also where the window does not show it before it is rolled."""
    return [*faults_of(content), *piled_in(content)]


def test_words_that_are_cut_or_lie_on_others_are_found(qtbot: QtBot, theming: ThemeContext) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    whole.resize(400, 200)
    narrow = ElidedText()
    for at, (label, width) in enumerate(((QLabel("Terima"), 20), (QLabel("Kembali"), 200), (narrow, 30))):
        label.setParent(whole)
        label.setGeometry(10, 10 + 50 * at, width, 40)
    narrow.setText("Petugas perekaman")
    above, low, button = QLabel("Ulangi", whole), QLabel("Rendah", whole), QPushButton("Segel", whole)
    above.setGeometry(15, 65, 100, 40)
    low.setGeometry(250, 10, 100, 6)
    button.setGeometry(250, 100, 100, 40)
    QLineEdit(whole).setGeometry(300, 110, 90, 40)
    whole.show()
    found = [*faults_of(whole), *piled_in(whole)]
    assert [what.split(":")[0] for what in found] == [
        "cut at the side",
        "shortened to nothing",
        "cut in height",
        "on each other",
        "one lies on the other",
    ]


def test_what_a_page_without_a_bar_hides_at_its_side_is_found(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    page, label = QScrollArea(whole), QLabel("Diperbaiki atau ditemukan di mana")
    page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    page.setWidget(label)
    page.resize(90, 60)
    whole.show()
    assert [what.split(":")[0] for what in faults_of(whole)] == ["cut at the side"]
    page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    assert list(faults_of(whole)) == []


def unfit(shell: QWidget, size: tuple[int, int]) -> list[str]:
    """Return what does not fit: a window that grew, a bar that is not whole, buttons on each other."""
    bar = shell.findChild(BottomBar)
    assert bar is not None
    found = [] if (shell.width(), shell.height()) == size else [f"the window grew to {shell.size().toTuple()}"]
    inside = QRect(bar.mapTo(shell, bar.rect().topLeft()), bar.size())
    if not shell.rect().contains(inside):
        found.append(f"the bar stands at {inside.getRect()}")
    buttons = [button for button in bar.findChildren(QAbstractButton) if button.isVisible()]
    places = [QRect(button.mapTo(shell, button.rect().topLeft()), button.size()) for button in buttons]
    for at, place in enumerate(places):
        text = buttons[at].text()
        if not inside.contains(place):
            found.append(f"{text!r} leaves the bar")
        found += [f"{text!r} lies on another" for other in places[:at] if place.intersects(other)]
    if places and places[-1].isEmpty():
        found.append("the main button has no room")
    return found
