"""A photo of an item: the live picture, and the path of a file below it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.sarpras.photo import PhotoState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.runtime.mailbox import PreviewMailbox
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.field import TextField
from ui.widgets.preview import LivePreview
from ui.widgets.text import Role, Text


class PhotoTakingView(Screen[PhotoState]):
    """Enter or Space takes what is seen; typing names a file instead."""

    accept = Signal()
    type = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        frames = self.frames = PreviewMailbox()
        self.destroyed.connect(lambda: frames.close())
        self._title, self._preview, self._path = Text(Role.TITLE), LivePreview(look), TextField(look)
        self._preview.watch(self.frames)
        self._path.edited.connect(self.type)
        column = page(QVBoxLayout(self.content), look)
        column.addWidget(self._title)
        column.addWidget(self._preview, 1)
        column.addWidget(self._path)

    def show_state(self, state: PhotoState) -> None:
        """Show the picture."""
        self._title.setText(self.look.say(phrase("sarpras.photo_title")))
        self._preview.render_marks(waiting=state.away or phrase("sarpras.photo_waiting"))
        self._path.render_field(phrase("sarpras.photo_path"), state.path, hint=phrase("sarpras.photo_path_hint"))

    def perform(self, act: Act) -> bool:
        """Let Space take the photo as it does while recording."""
        if act is Act.CAPTURE:
            self.accept.emit()
            return True
        return False
