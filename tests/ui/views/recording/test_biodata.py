from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from support.kept import biodata

from fieldkit.domain.errors import Problem
from fieldkit.formats.rules import load_tables
from ui.presenters.recording.biodata_form import BiodataForm
from ui.runtime.theme import ThemeContext
from ui.views.recording.biodata import BiodataPanel, BiodataSide
from ui.widgets.layout import Text
from ui.widgets.quality_panel import Advice

TABLES = load_tables()


@pytest.fixture
def form() -> BiodataForm:
    return BiodataForm.of(biodata(), TABLES)


@pytest.fixture
def panel(qtbot: QtBot, theming: ThemeContext, form: BiodataForm) -> BiodataPanel:
    panel = BiodataPanel(theming, TABLES)
    qtbot.addWidget(panel)
    panel.resize(754, 560)
    panel.show_form(form)
    panel.show()
    panel.activateWindow()
    return panel


def test_every_field_of_the_form_is_on_the_page(panel: BiodataPanel, form: BiodataForm) -> None:
    assert set(panel.fields) == set(form.values)
    assert all(field.edit.text() == form.values[name] for name, field in panel.fields.items())
    assert panel.minimumSizeHint().height() <= 560


def test_a_keystroke_is_told_with_its_field(qtbot: QtBot, panel: BiodataPanel) -> None:
    with qtbot.waitSignal(panel.edited) as told:
        qtbot.keyClicks(panel.fields["village"].edit, "i")
    assert told.args == ["village", "Margahayui"]


def test_what_was_typed_and_refused_stays_and_takes_the_keyboard(
    qtbot: QtBot, panel: BiodataPanel, form: BiodataForm
) -> None:
    qtbot.waitUntil(panel.isActiveWindow)
    wrong = form.typed("religion", "9", TABLES).failed(Problem("biodata.unknown_code", {"table": "agama", "value": 9}))
    panel.show_form(wrong)
    assert panel.current == "religion"
    assert panel.fields["religion"].edit.property("tone") == "bad"
    assert panel.fields["religion"].edit.text() == "9"
    panel.fields["nik"].edit.setFocus()
    panel.show_form(wrong)
    assert panel.current == "nik", "only a new finding moves the keyboard"


def test_arrows_walk_the_fields(qtbot: QtBot, panel: BiodataPanel) -> None:
    qtbot.waitUntil(panel.isActiveWindow)
    panel.begin()
    with qtbot.waitSignal(panel.walked):
        qtbot.keyClick(panel.fields["nik"].edit, Qt.Key.Key_Down)
    assert panel.current == "no_kk"
    qtbot.keyClick(panel.fields["no_kk"].edit, Qt.Key.Key_Up)
    qtbot.keyClick(panel.fields["nik"].edit, Qt.Key.Key_Up)
    assert panel.current == "nik"


def test_the_side_tells_problem_warnings_and_codes(qtbot: QtBot, theming: ThemeContext, form: BiodataForm) -> None:
    side = BiodataSide(theming)
    qtbot.addWidget(side)
    side.show()

    def said() -> str:
        return "\n".join(text.text() for text in side.findChildren(Text) if text.isVisible())

    side.show_form(form, "", TABLES)
    assert not [advice for advice in side.findChildren(Advice) if advice.isVisible()]
    warned = form.typed("sex", "L", TABLES).failed(Problem("biodata.no_name", field_name="name"))
    side.show_form(warned, "religion", TABLES)
    assert "Nama belum diisi." in said()
    assert "Jenis kelamin di NIK berbeda dari KK." in said()
    assert "7  KEPERCAYAAN TERHADAP TUHAN YME" in said()
    side.show_form(form, "occupation", TABLES)
    assert "lagi; ketik angkanya" in said()


def test_an_occupation_is_found_by_a_part_of_its_words(qtbot: QtBot, panel: BiodataPanel, form: BiodataForm) -> None:
    qtbot.waitUntil(panel.isActiveWindow)
    field, told = panel.fields["occupation"], []
    panel.edited.connect(lambda *edited: told.append(edited))
    field.edit.setFocus()
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, "wiras")
    assert told == [], "words are no code"
    assert field.edit.width() > 200
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    ((name, code),) = told
    assert TABLES.tables["pekerjaan"][int(code)] == "WIRASWASTA"
    panel.show_form(form.typed(name, code, TABLES))
    assert (field.edit.text(), field.edit.width()) == (code, 72)


def test_words_that_are_left_are_no_code(qtbot: QtBot, panel: BiodataPanel, form: BiodataForm) -> None:
    qtbot.waitUntil(panel.isActiveWindow)
    field = panel.fields["religion"]
    field.edit.setFocus()
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, "hin")
    panel.fields["nik"].edit.setFocus()
    assert field.edit.text() == form.values["religion"]


def test_a_code_is_told_as_it_is_typed(qtbot: QtBot, panel: BiodataPanel) -> None:
    told: list[tuple[str, ...]] = []
    panel.edited.connect(lambda *edited: told.append(edited))
    panel.fields["occupation"].edit.clear()
    qtbot.keyClicks(panel.fields["occupation"].edit, "88")
    assert told == [("occupation", "8"), ("occupation", "88")]
