"""A field for a file: its path typed or pasted, the file dropped on it, or chosen with sticks first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDir, QStandardPaths, QStorageInfo, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog

from ui.presenters.presenter import Command, Message, message
from ui.presenters.readers import BETWEEN_FILES
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.field import TextField

_REMOVABLE = ("/media/", "/run/media/", "/mnt/")
_AND = f"{BETWEEN_FILES} "
_MOST = 4_000  # letters of a path, or of several


class FileField(TextField):
    """`edited` tells the path, or the paths between semicolons. Tab goes on to the button, Space opens the chooser."""

    def __init__(self, theming: ThemeContext, mode: QFileDialog.FileMode = QFileDialog.FileMode.ExistingFile) -> None:
        super().__init__(theming, max_length=_MOST)
        self._mode = mode
        is_folder = mode is QFileDialog.FileMode.Directory
        self._asked = message("formulir.choose_folder" if is_folder else "formulir.choose_file")
        self._button = ActionButton(theming)
        self._say()
        theming.catalog.changed.connect(self._say)
        self._button.commanded.connect(self.choose)
        self._line.addWidget(self._button)
        self._edit.setAcceptDrops(False)  # the field takes files, not the text of their addresses
        self.setAcceptDrops(True)

    def _say(self) -> None:
        self._button.render_action(Command("choose_file", self._asked, runs=self.choose))

    def render_field(
        self, label: Message, text: str, *, problem: Message = "", hint: Message = "", refused: Message = ""
    ) -> None:
        """Show label and path; one that is longer than the field is read under the mouse."""
        super().render_field(label, text, problem=problem, hint=hint, refused=refused)
        if text and not refused:
            self._edit.setToolTip(text)

    def choose(self) -> None:
        """Open the chooser; the window goes on meanwhile. Esc closes it."""
        chooser = QFileDialog(self, self._theming.say(self._asked))
        chooser.setOption(QFileDialog.Option.DontUseNativeDialog)  # the same keys on every desktop
        chooser.setFileMode(self._mode)
        places = places_of_files()
        chooser.setSidebarUrls(places)
        chooser.setDirectoryUrl(places[0])
        chooser.filesSelected.connect(self._take)
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


def places_of_files() -> list[QUrl]:
    """Return where files may lie: sticks and cards first, then home, documents, downloads and the whole disk."""
    mounted = (volume.rootPath() for volume in QStorageInfo.mountedVolumes() if volume.isReady())
    removable = sorted(path for path in mounted if path.startswith(_REMOVABLE))
    usual = (
        QStandardPaths.writableLocation(each)
        for each in (
            QStandardPaths.StandardLocation.HomeLocation,
            QStandardPaths.StandardLocation.DocumentsLocation,
            QStandardPaths.StandardLocation.DownloadLocation,
        )
    )
    known = dict.fromkeys((*removable, *usual, QDir.rootPath()))
    return [QUrl.fromLocalFile(path) for path in known if path and QDir(path).exists()]
