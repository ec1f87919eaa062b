from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QBoxLayout, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from support.recording_window import jpeg

from fieldkit.domain.errors import Problem
from ui.presenters.form import FormField, FormState, Pages, Pick, Wrong
from ui.presenters.lists import Facts
from ui.presenters.parts import Choice, Stage
from ui.presenters.presenter import Action, message
from ui.presenters.viewfinder import Sight
from ui.runtime.theme import ThemeContext
from ui.views.form import FormView, ReadingFormView, WorkFormView
from ui.widgets.buttons import ToggleButton
from ui.widgets.layout import Text
from ui.widgets.letter_pages import LetterPages, PageReader

FIELDS = (
    FormField("name", "Nama", "Kit"),
    FormField("kind", "Jenis", "a", choices=(Choice("a", "A"), Choice("b", "B"))),
)


def test_fields_are_built_once_and_tell_their_names(qtbot: QtBot, theming: ThemeContext) -> None:
    view = FormView(theming)
    qtbot.addWidget(view)
    view.render(FormState(title="Kit", fields=FIELDS))
    view.render(FormState(title="Kit", fields=FIELDS))
    edits, toggles = view.findChildren(QLineEdit), view.findChildren(ToggleButton)
    assert ([edit.text() for edit in edits], len(toggles)) == (["Kit"], 2)
    told: list[tuple[str, str]] = []
    view.type.connect(lambda name, text: told.append((name, text)))
    view.choose.connect(lambda name, choice: told.append((name, choice)))
    edits[0].textEdited.emit("Kit 08")
    toggles[1].click()
    assert told == [("name", "Kit 08"), ("kind", "b")]


def test_the_wrong_field_has_the_keyboard_and_says_why_below_itself(qtbot: QtBot, theming: ThemeContext) -> None:
    view = FormView(theming)
    qtbot.addWidget(view)
    view.show()
    view.render(FormState(title="Kit", fields=FIELDS))
    (edit,) = view.findChildren(QLineEdit)
    name, kind = FIELDS
    wrong = FormState(fields=(name, replace(kind, problem=Problem("typed.not_chosen"))), wrong=Wrong("kind"))
    view.render(wrong)
    first, _ = view.findChildren(ToggleButton)
    assert view.focusWidget() is first
    told = [text.text() for text in view.findChildren(Text) if text.isVisible() and "dipilih" in text.text()]
    assert len(told) == 1
    assert "Pilih" in told[0]  # and what to do
    edit.setFocus()
    view.render(replace(wrong, hint="x"))
    assert view.focusWidget() is edit, "it takes the keyboard once"
    view.render(replace(wrong, wrong=Wrong("kind")))
    assert view.focusWidget() is first


FORM = FormState(stage=Stage.CONTENT, title="Lembar disposisi", fields=(FormField("note", "Catatan"),))
PAGES = (jpeg(500, 700), jpeg(500, 700, "#334455"))


@pytest.fixture
def view(qtbot: QtBot, theming: ThemeContext) -> ReadingFormView:
    view = ReadingFormView(theming)
    qtbot.addWidget(view)
    view.resize(1366, 636)
    view.show()
    return view


def test_pages_stand_beside_the_fields_and_are_turned_and_enlarged_by_key(view: ReadingFormView) -> None:
    view.render(FORM)
    pages = view.findChild(LetterPages)
    assert pages is not None
    assert (pages.isVisible(), view.keys) == (False, ())
    view.render(FormState(stage=Stage.CONTENT, title=FORM.title, fields=FORM.fields, beside=Pages(PAGES)))
    assert pages.isVisible()
    assert pages.x() > view._fields.geometry().right(), "beside, not below"
    assert view.perform(Action.NEXT_STEP)
    assert pages.at == 1
    assert view.perform(Action.READ)
    assert view.findChild(PageReader) is not None
    assert not view.perform(Action.PRINT)


def test_in_a_narrow_window_they_stand_below(view: ReadingFormView) -> None:
    view.render(FormState(stage=Stage.CONTENT, title=FORM.title, fields=FORM.fields, beside=Pages(PAGES)))
    view.resize(980, 560)
    assert view._both.direction() is QBoxLayout.Direction.TopToBottom
    view.resize(1366, 636)
    assert view._both.direction() is QBoxLayout.Direction.LeftToRight


def test_what_cannot_be_shown_is_said(view: ReadingFormView, theming: ThemeContext) -> None:
    words = message("request.no_scan")
    view.render(FormState(stage=Stage.CONTENT, fields=FORM.fields, beside=Pages(note=words)))
    assert theming.say(words) in [text.text() for text in view.findChildren(Text) if text.isVisible()]


def test_the_camera_takes_the_place_of_both(view: ReadingFormView) -> None:
    view.render(FormState(stage=Stage.CONTENT, fields=FORM.fields, beside=Pages(PAGES), photo=Sight()))
    assert not view._fields.isVisible()
    assert not view._pages.isVisible()
    view.frames.close()


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
