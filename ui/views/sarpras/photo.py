"""A photo of an item: the live picture, and the path of a file below it."""

from __future__ import annotations

from PySide6.QtCore import Signal

from ui.presenters.messages import message
from ui.presenters.sarpras.photo import PhotoState
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.file_field import FileField
from ui.widgets.layout import column
from ui.widgets.preview import LivePreview
from ui.widgets.text import Role, Text


class PhotoTakingView(Screen[PhotoState]):
    """Enter or Space takes what is seen; typing names a file instead."""

    type = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        frames = self.frames = PreviewMailbox()
        self.destroyed.connect(lambda: frames.close())
        self._title, self._preview, self._path = Text(Role.TITLE), LivePreview(theming), FileField(theming)
        self._preview.watch(self.frames)
        self._path.edited.connect(self.type)
        page(column(self._title, (self._preview, 1), self._path, on=self.content), theming)

    def show_state(self, state: PhotoState) -> None:
        """Show the picture."""
        self._title.setText(self.theming.say(message("sarpras.photo_title")))
        self._preview.render_marks(waiting=state.away or message("sarpras.photo_waiting"))
        self._path.render_field(message("sarpras.photo_path"), state.path, hint=message("sarpras.photo_path_hint"))
