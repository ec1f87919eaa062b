from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.presenters.form import FormField, FormState, Pick
from ui.presenters.lists import Facts
from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.views.work_form import WorkFormView
from ui.widgets.text import Text

CHOICES = (Choice("a", "A"), Choice("b", "B"))
OUTCOME = FormField("outcome", "Hasil", choices=CHOICES, pick=Pick.DIGITS)
STATE = FormState(fields=(OUTCOME, FormField("note", "Catatan")), side=(Facts("Siti"),), below=(Facts("Dulu"),))


def test_the_digits_choose_and_what_belongs_to_it_stands_around(qtbot: QtBot, theming: ThemeContext) -> None:
    view = WorkFormView(theming)
    qtbot.addWidget(view)
    view.show()
    view.render(STATE)
    assert {"Siti", "Dulu"} <= {text.text() for text in view.findChildren(Text) if text.isVisible()}
    told: list[object] = []
    view.choose.connect(lambda *what: told.append(what))
    view.refresh.connect(lambda: told.append("anew"))
    assert [view.perform(act) for act in (Action.CHOICE_2, Action.CHOICE_3, Action.REFRESH)] == [True, False, True]
    assert told == [("outcome", "b"), "anew"]


def test_nothing_asked_takes_no_place_and_who_may_not_fill_it_cannot(qtbot: QtBot, theming: ThemeContext) -> None:
    view = WorkFormView(theming)
    qtbot.addWidget(view)
    view.show()
    view.render(FormState(fields=STATE.fields, is_open=False))
    (edit,) = view.findChildren(QLineEdit)
    assert (edit.isVisible(), edit.isEnabled(), view.perform(Action.CHOICE_1)) == (True, False, False)
    view.render(FormState())
    assert not edit.isVisible()


def test_where_both_have_no_room_the_fields_come_first_and_nothing_is_hidden_at_the_side(
    qtbot: QtBot, theming: ThemeContext
) -> None:
    view = WorkFormView(theming, {})
    qtbot.addWidget(view)
    view.resize(1300, 600)
    view.show()
    names = ("left", "arrived", "there", "back")
    asked = tuple(FormField(name, "Arrived at the place") for name in names)
    view.render(FormState(fields=asked, side=(Facts("Siti"),)))
    (side,) = (text for text in view.findChildren(Text) if text.text() == "Siti")
    first = view.findChildren(QLineEdit)[0]

    def place_of(part: QWidget) -> QPoint:
        QApplication.processEvents()
        return part.mapTo(view.content, QPoint())

    assert place_of(side).x() < place_of(first).x()
    view.resize(1024, 600)
    assert place_of(side).y() > place_of(first).y()
    assert view.content.width() == view.area.viewport().width()
