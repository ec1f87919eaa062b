from __future__ import annotations

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ui.presenters.form import FormField
from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.widgets.form_fields import FormFields

NAME = FormField("name", "Nama", "Siti")
TO = FormField("to", "Kepada", "a", choices=(Choice("a", "A"), Choice("b", "B")))


def test_a_field_that_is_not_asked_any_more_takes_no_place(qtbot: QtBot, theming: ThemeContext) -> None:
    fields = FormFields(theming)
    qtbot.addWidget(fields)
    fields.show()
    fields.render_fields((NAME,))
    fields.render_fields((TO, NAME))
    (edit,) = fields.findChildren(QLineEdit)
    assert edit.text() == "Siti"
    fields.take_keyboard("name")
    assert fields.focusWidget() is edit
    fields.render_fields((TO,))
    assert not edit.isVisible()
