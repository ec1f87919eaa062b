"""A field for a file: its path typed or pasted, the file dropped on it, or chosen with sticks first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDir, QObject, QStandardPaths, QStorageInfo, QTranslator, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog

from ui.presenters.presenter import Command, Message, message
from ui.presenters.readers import BETWEEN_FILES
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.field import TextField
from ui.widgets.layout import present

_BY_THE_DESKTOP = ("/media/", "/run/media/")
_REMOVABLE = (*_BY_THE_DESKTOP, "/mnt/")
_AND = f"{BETWEEN_FILES} "
_MOST = 4_000  # letters of a path, or of several


# What Qt's chooser says, which has no Indonesian of its own, by the sentence of the catalogue.
_CHOOSER_WORDS = {
    "&Look in:": "look_in",
    "Directory:": "folder",
    "File &name:": "file_name",
    "Files of &type:": "file_type",
    "&Open": "open",
    "Open": "open",
    "&Choose": "choose",
    "Cancel": "cancel",
    "Back": "back",
    "Go back": "back",
    "Forward": "forward",
    "Go forward": "forward",
    "Parent Directory": "parent",
    "Go to the parent directory": "parent",
    "Create New Folder": "new_folder",
    "Create a New Folder": "new_folder",
    "&New Folder": "new_folder",
    "List View": "list",
    "Change to list view mode": "list",
    "Detail View": "details",
    "Change to detail view mode": "details",
    "Sidebar": "places",
    "List of places and bookmarks": "places",
    "Files": "files",
    "All Files (*)": "all_files",
    "Computer": "computer",
    "Drive": "drive",
    "Folder": "a_folder",
    "Name": "name",
    "Size": "size",
    "Type": "kind",
    "Kind": "kind",
    "Date Modified": "changed",
    "&Rename": "rename",
    "&Delete": "delete",
    "Show &hidden files": "hidden",
}
_CHOOSER_ROOMS = ("QFileDialog", "QFileSystemModel", "QAbstractFileIconProvider", "QPlatformTheme")


class ChooserWords(QTranslator):
    """Says in the program's language what Qt's chooser would say in English, while one is open."""

    def __init__(self, theming: ThemeContext, parent: QObject) -> None:
        super().__init__(parent)
        self._theming = theming

    def leave(self) -> None:
        """Say nothing any more."""
        QCoreApplication.removeTranslator(self)
        self.deleteLater()

    def isEmpty(self) -> bool:  # noqa: N802, D102 – Qt's name; Qt installs no empty one
        return False

    def translate(self, context: str, source: str, *_other: object) -> str | None:
        """Return the words for a text of the chooser, None for any other, which Qt then takes as it is."""
        key = _CHOOSER_WORDS.get(source)
        is_mine = key is not None and context in _CHOOSER_ROOMS
        return self._theming.say(message(f"chooser.{key}")) if is_mine else None


class FileField(TextField):
    """`edited` tells the path, or the paths between semicolons. Tab goes on to the button, Space opens the chooser.

    While a stick or a card is plugged in, a button of its own opens the chooser there.
    """

    def __init__(self, theming: ThemeContext, mode: QFileDialog.FileMode = QFileDialog.FileMode.ExistingFile) -> None:
        super().__init__(theming, max_length=_MOST)
        self._mode = mode
        is_folder = mode is QFileDialog.FileMode.Directory
        self._asked = message("formulir.choose_folder" if is_folder else "formulir.choose_file")
        self._button = ActionButton(theming)
        self._stick: ActionButton | None = None  # made when one is first plugged in
        self._say()
        theming.catalog.changed.connect(self._say)
        self._button.commanded.connect(self.choose)
        self._line.addWidget(self._button)
        self._edit.setAcceptDrops(False)  # the field takes files, not the text of their addresses
        self.setAcceptDrops(True)

    def _say(self) -> None:
        self._button.render_action(Command("choose_file", self._asked, runs=self.choose))
        if self._stick is not None:
            self._stick.render_action(Command("choose_on_stick", message("formulir.stick")))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().showEvent(event)
        is_there = bool(sticks())
        if is_there and self._stick is None:
            self._stick = ActionButton(self._theming)
            self._stick.commanded.connect(lambda _command: self._choose_in(sticks()[0]))
            self._line.insertWidget(self._line.indexOf(self._button), self._stick)
            self._say()
        if self._stick is not None:
            present(self._stick, is_there)

    def render_field(
        self, label: Message, text: str, *, problem: Message = "", hint: Message = "", refused: Message = ""
    ) -> None:
        """Show label and path; one that is longer than the field is read under the mouse."""
        super().render_field(label, text, problem=problem, hint=hint, refused=refused)
        if text and not refused:
            self._edit.setToolTip(text)

    def choose(self) -> None:
        """Open the chooser; the window goes on meanwhile. Esc closes it."""
        self._choose_in(places_of_files()[0].toLocalFile())

    def _choose_in(self, folder: str) -> None:
        words = ChooserWords(self._theming, self)
        QCoreApplication.installTranslator(words)  # before the chooser is built, which asks once
        chooser = QFileDialog(self, self._theming.say(self._asked))
        chooser.setOption(QFileDialog.Option.DontUseNativeDialog)  # the same keys on every desktop
        chooser.setFileMode(self._mode)
        chooser.setSidebarUrls(places_of_files())
        chooser.setDirectory(folder)
        chooser.filesSelected.connect(self._take)
        chooser.finished.connect(words.leave)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802, D102 – Qt's name
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802, D102 – Qt's name
        self._take([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def _take(self, paths: Sequence[str]) -> None:
        several = self._mode is QFileDialog.FileMode.ExistingFiles
        text = _AND.join(paths if several else paths[:1])
        if text:
            self._edit.setText(text)
            self._edit.setFocus()
            self.edited.emit(text)


class PaperField(FileField):
    """A field for the scan of a paper, which may be photographed instead: `photograph` asks for the camera."""

    photograph = Signal()

    def __init__(self, theming: ThemeContext, mode: QFileDialog.FileMode = QFileDialog.FileMode.ExistingFile) -> None:
        self._camera = ActionButton(theming)
        super().__init__(theming, mode)
        self._camera.commanded.connect(lambda _command: self.photograph.emit())
        self._line.addWidget(self._camera)

    def _say(self) -> None:
        super()._say()
        self._camera.render_action(Command("photograph", message("formulir.camera"), runs=self.photograph.emit))
        words = self._theming.say(message("formulir.photograph"))
        self._camera.setToolTip(words)
        self._camera.setAccessibleName(words)


def sticks() -> list[str]:
    """Return the folders of the sticks and cards that the desktop mounted when they were plugged in."""
    return [path for path in _mounted() if path.startswith(_BY_THE_DESKTOP)]


def _mounted() -> list[str]:
    ready = (volume.rootPath() for volume in QStorageInfo.mountedVolumes() if volume.isReady())
    return sorted(path for path in ready if path.startswith(_REMOVABLE))


def places_of_files() -> list[QUrl]:
    """Return where files may lie: sticks and cards first, then home, documents, downloads and the whole disk."""
    usual = (
        QStandardPaths.writableLocation(each)
        for each in (
            QStandardPaths.StandardLocation.HomeLocation,
            QStandardPaths.StandardLocation.DocumentsLocation,
            QStandardPaths.StandardLocation.DownloadLocation,
        )
    )
    known = dict.fromkeys((*_mounted(), *usual, QDir.rootPath()))
    return [QUrl.fromLocalFile(path) for path in known if path and QDir(path).exists()]
