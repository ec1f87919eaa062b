from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from support.samples import INK

from fieldkit.domain.errors import Problem
from ui.presenters.pad_signing import SigningState
from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.views.sarpras.permission import IzinView
from ui.widgets.text import Text

PEOPLE = (Choice("sri", "Sri"), Choice("adi", "Adi"))


def test_a_wrong_passphrase_is_emptied_and_arrows_choose(qtbot: QtBot, theming: ThemeContext) -> None:
    view = IzinView(theming)
    qtbot.addWidget(view)
    view.render(SigningState(people=PEOPLE, chosen="sri"))
    field = view.findChild(QLineEdit)
    field.setText("salah")
    assert view.held() == "salah"
    wrong = Problem("vault.wrong_passphrase", {"left": 4})
    view.render(SigningState(people=PEOPLE, chosen="sri", wrong=wrong, clear_serial=1))
    assert field.text() == ""
    with qtbot.waitSignal(view.choose_next) as moved:
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert moved.args == [1]


def test_then_the_sheet_takes_the_place_of_the_question(qtbot: QtBot, theming: ThemeContext) -> None:
    view = IzinView(theming)
    qtbot.addWidget(view)
    view.render(SigningState(signer="Sri", ink=INK))
    assert view.findChild(QLineEdit).parentWidget().parentWidget().isHidden()
    view.render(SigningState(signer="Sri"))


def test_what_is_signed_stands_above_the_sheet_and_takes_no_place_where_it_needs_no_words(
    qtbot: QtBot, theming: ThemeContext
) -> None:
    view = IzinView(theming)
    qtbot.addWidget(view)
    view.render(SigningState(signer="Sri", signed=(("Kelingking kanan", "Luka atau perban"), ("Jempol", "Tidak ada"))))
    (told,) = (text for text in view.findChildren(Text) if "Kelingking" in text.text())
    assert told.text() == "Kelingking kanan: luka atau perban · Jempol: tidak ada"
    view.render(SigningState(signer="Sri"))
    assert told.isHidden()
