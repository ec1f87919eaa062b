from __future__ import annotations

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ui.presenters.form import FormField, FormState
from ui.presenters.parts import Choice
from ui.runtime.look import Look
from ui.views.form import FormView
from ui.widgets.toggle import ToggleButton

FIELDS = (
    FormField("name", "Nama", "Kit"),
    FormField("kind", "Jenis", "a", choices=(Choice("a", "A"), Choice("b", "B"))),
)


def test_fields_are_built_once_and_tell_their_names(qtbot: QtBot, look: Look) -> None:
    view = FormView(look)
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
