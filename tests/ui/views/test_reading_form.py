from __future__ import annotations

import pytest
from PySide6.QtWidgets import QBoxLayout
from pytestqt.qtbot import QtBot
from support.recording_window import jpeg

from ui.presenters.actions import Action
from ui.presenters.form import FormField, FormState, Pages
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.viewfinder import Sight
from ui.runtime.theme_context import ThemeContext
from ui.views.reading_form import ReadingFormView
from ui.widgets.letter_pages import LetterPages, PageReader
from ui.widgets.text import Text

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
