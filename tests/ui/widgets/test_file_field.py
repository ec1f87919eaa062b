from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QDir, QMimeData, QPointF, QStorageInfo, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton, QTreeView
from pytestqt.qtbot import QtBot

from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.file_field import FileField, PaperField, places_of_files


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / name for name in ("surat desa.pdf", "lampiran.pdf")]
    for file in made:
        file.write_bytes(b"%PDF-")
    return made


def shown(
    qtbot: QtBot, theming: ThemeContext, mode: QFileDialog.FileMode = QFileDialog.FileMode.ExistingFile
) -> FileField:
    field = FileField(theming, mode)
    qtbot.addWidget(field)
    field.render_field("Pindaian", "")
    field.show()
    return field


def dropped(field: FileField, files: list[Path]) -> None:
    what = QMimeData()
    what.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    left = Qt.MouseButton.LeftButton
    field.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, what, left, Qt.KeyboardModifier.NoModifier))


def test_a_file_is_chosen_by_keyboard_in_a_chooser_that_stops_nothing(
    qtbot: QtBot, theming: ThemeContext, files: list[Path]
) -> None:
    field = shown(qtbot, theming)
    (button,) = field.findChildren(ActionButton)
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.keyClick(button, Qt.Key.Key_Space)
    (chooser,) = field.findChildren(QFileDialog)
    assert chooser.isVisible()
    name = chooser.findChild(QLineEdit, "fileNameEdit")
    assert name is not None
    name.setText(str(files[0]))  # without the list of guesses, which has the keyboard while somebody types
    with qtbot.waitSignal(field.edited) as told:
        qtbot.keyClick(name, Qt.Key.Key_Return)
    assert told.args == [str(files[0])]
    assert field.text() == str(files[0])


@pytest.mark.parametrize(("language", "word"), [("id", "Nama berkas"), ("en", "File name")])
def test_the_chooser_speaks_the_language_of_the_program_and_nothing_else_changes(
    qtbot: QtBot, theming: ThemeContext, language: str, word: str
) -> None:
    theming.catalog.choose(language)
    field = shown(qtbot, theming)
    field.choose()
    (chooser,) = field.findChildren(QFileDialog)
    told = {text.text().replace("&", "") for text in chooser.findChildren(QLabel)}
    told |= {button.text().replace("&", "") for button in chooser.findChildren(QPushButton)}
    mine = {theming.say(message(f"chooser.{name}")).replace("&", "") for name in ("look_in", "file_name", "cancel")}
    assert mine <= told
    header = chooser.findChild(QTreeView).model()
    assert header.headerData(0, Qt.Orientation.Horizontal) == word
    chooser.reject()
    assert QCoreApplication.translate("QFileDialog", "Look in:") == "Look in:"


def test_a_stick_has_a_button_of_its_own_while_it_is_plugged_in(
    qtbot: QtBot, theming: ThemeContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plugged = [str(tmp_path)]
    monkeypatch.setattr("ui.widgets.file_field.sticks", lambda: plugged)
    field = shown(qtbot, theming)
    stick, choose = sorted(field.findChildren(ActionButton), key=lambda button: button.x())
    assert stick.text() == theming.say(message("formulir.stick")) != choose.text()
    qtbot.mouseClick(stick, Qt.MouseButton.LeftButton)
    (chooser,) = field.findChildren(QFileDialog)
    assert chooser.directory().absolutePath() == str(tmp_path)
    chooser.reject()
    plugged.clear()
    field.hide()
    field.show()
    assert not stick.isVisible()


def test_files_are_dropped_one_or_several(qtbot: QtBot, theming: ThemeContext, files: list[Path]) -> None:
    one, several = shown(qtbot, theming), shown(qtbot, theming, QFileDialog.FileMode.ExistingFiles)
    told: list[str] = []
    for field in (one, several):
        field.edited.connect(told.append)
        dropped(field, files)
    assert told == [str(files[0]), f"{files[0]}; {files[1]}"]
    dropped(one, [])
    assert one.text() == str(files[0])


def test_a_path_longer_than_the_field_is_read_under_the_mouse(qtbot: QtBot, theming: ThemeContext) -> None:
    field, path = shown(qtbot, theming), "/media/loket/" + "arsip/" * 40 + "daftar.xlsx"
    (edit,) = field.findChildren(QLineEdit)
    for text, refused, tip in ((path, "", path), ("", "", "surat.pdf"), (path, "Terkunci.", "Terkunci.")):
        field.render_field("Berkas", text, hint="surat.pdf", refused=refused)
        assert edit.toolTip() == tip


def test_the_button_follows_the_language(qtbot: QtBot, theming: ThemeContext) -> None:
    field = shown(qtbot, theming)
    (button,) = field.findChildren(ActionButton)
    before = button.text()
    theming.catalog.choose("en" if theming.catalog.language == "id" else "id")
    assert button.text() not in ("", before)


def test_a_paper_is_photographed_by_key_or_click(qtbot: QtBot, theming: ThemeContext) -> None:
    field = PaperField(theming)
    qtbot.addWidget(field)
    field.render_field("Pindaian", "")
    field.show()
    choose, photograph = field.findChildren(ActionButton)
    assert photograph.text() not in ("", choose.text())
    assert photograph.focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(field.photograph):
        qtbot.keyClick(photograph, Qt.Key.Key_Space)
    with qtbot.waitSignal(field.photograph):
        qtbot.mouseClick(photograph, Qt.MouseButton.LeftButton)
    before = photograph.text()
    theming.catalog.choose("en" if theming.catalog.language == "id" else "id")
    assert photograph.text() not in ("", before)


def test_places_exist_and_sticks_stand_first() -> None:
    places = [url.toLocalFile() for url in places_of_files()]
    assert places
    assert all(QDir(place).exists() for place in places)
    mounted = [volume.rootPath() for volume in QStorageInfo.mountedVolumes()]
    sticks = sorted(path for path in mounted if path.startswith(("/media/", "/run/media/", "/mnt/")))
    assert places[: len(sticks)] == sticks
