"""A paper before the camera, then its photo, large enough to see whether it can be read."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.presenters.actions import Action
from ui.presenters.messages import message
from ui.presenters.viewfinder import Sight
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import column
from ui.widgets.letter_pages import LetterPages
from ui.widgets.presence import present
from ui.widgets.preview import LivePreview


class PaperPhoto(QWidget):
    """Shows what a mailbox brings, or the photo; a click or Ctrl Space opens the photo over the window."""

    def __init__(self, theming: ThemeContext, frames: PreviewMailbox) -> None:
        super().__init__()
        self._frames, self._preview, self._pages = frames, LivePreview(theming), LetterPages(theming)
        column((self._preview, 1), (self._pages, 1), on=self)
        self._is_watching = False

    def render_photo(self, photo: Sight) -> None:
        """Show the live picture, why there is none, or the photo."""
        is_taken, watches = bool(photo.jpeg), not photo.jpeg and not photo.away
        if self._is_watching is not watches:  # the last frame of a camera that went is not shown as a live one
            self._is_watching = watches
            self._preview.watch(self._frames if watches else None)
        self._preview.render_marks(waiting=photo.away or message("sarpras.photo_waiting"))
        present(self._preview, not is_taken)
        present(self._pages, is_taken)  # what was open over the window closes with it
        if is_taken:
            self._pages.render_pages((photo.jpeg,), message("foto.title"))

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys that look at the photo."""
        return (Action.READ,) if self._pages.isVisible() else ()

    def perform(self, act: Action) -> bool:
        """Open the photo over the window; `False` for any other key."""
        return act is Action.READ and self._pages.perform(act)
