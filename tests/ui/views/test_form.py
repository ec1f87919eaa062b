from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import Problem
from ui.presenters.form import FormField, FormState, Wrong
from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.views.form import FormView
from ui.widgets.text import Text
from ui.widgets.toggle import ToggleButton

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
