"""A form on one card: Tab walks, Enter keeps, Esc leaves. A paper is photographed in the place of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.presenters.actions import CHOICES, Action
from ui.presenters.form import FormState, Pick, Wrong
from ui.presenters.messages import message
from ui.presenters.viewfinder import Sight
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.form_fields import FormFields
from ui.widgets.layout import SPRING, column
from ui.widgets.letter_pages import LetterPages
from ui.widgets.presence import present
from ui.widgets.preview import LivePreview
from ui.widgets.text import Role, Text

_ALL_THE_ROOM = 100


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


class FormView(Screen[FormState]):
    """The first field has the keyboard as soon as the fields are known."""

    type = Signal(str, str)
    choose = Signal(str, str)
    photograph = Signal(str)
    accept = Signal()

    def __init__(self, theming: ThemeContext, wide: Mapping[str, int] | None = None) -> None:
        super().__init__(theming)
        self._title, self._hint = Text(Role.TITLE), Text(Role.MUTED, wraps=True)
        self._fields = FormFields(theming, wide)
        self._fields.typed.connect(self.type)
        self._fields.chosen.connect(self.choose)
        self._fields.photograph.connect(self.photograph)
        self.column = page(column(self._title, self._hint, self._fields, SPRING, on=self.content), theming)
        self._has_begun = False
        self._wrong: Wrong | None = None
        self._is_photo = False

    @cached_property
    def frames(self) -> PreviewMailbox:
        """Return where the camera shows what it sees; most forms never ask."""
        frames = PreviewMailbox()
        self.destroyed.connect(lambda: frames.close())
        return frames

    @cached_property
    def _photo(self) -> PaperPhoto:
        photo = PaperPhoto(self.theming, self.frames)
        self.column.insertWidget(self.column.count() - 1, photo, _ALL_THE_ROOM)
        return photo

    def show_state(self, state: FormState) -> None:
        """Show the fields, or the photo of a paper."""
        self._title.show_text(self.theming.say(state.title))
        self._hint.show_text(self.theming.say(state.hint))
        self._show_photo(state.photo)
        self._fields.render_fields(state.fields)
        if state.fields and not self._has_begun:
            self._has_begun = True
            self._fields.take_keyboard(state.fields[0].name)
        if state.wrong is not None and state.wrong != self._wrong:
            self._fields.take_keyboard(state.wrong.name)
        self._wrong = state.wrong

    def _show_photo(self, photo: Sight | None) -> None:
        if photo is not None:
            self.show_photo_words(photo)
            self._photo.render_photo(photo)
        if (photo is not None) != self._is_photo:
            self._is_photo = photo is not None
            present(self._fields, not self._is_photo)
            present(self._photo, self._is_photo)
            if self._is_photo:
                self.setFocus()

    def show_photo_words(self, photo: Sight) -> None:
        """Say what the camera is for."""
        self._title.setText(self.theming.say(message("foto.title")))
        hint = "foto.look" if photo.jpeg else "foto.away" if photo.away else "foto.hint"
        self._hint.show_text(self.theming.say(message(hint)))

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (Action.CAPTURE, *self._photo.keys) if self._is_photo else self.own_keys

    def perform(self, act: Action) -> bool:
        """Choose by a digit; let Space take the photo as it does while recording, and Ctrl Space look at it closely."""
        if not self._is_photo:
            return self._choose(act)
        if act is Action.CAPTURE:
            self.accept.emit()
            return True
        return self._photo.perform(act)

    def _choose(self, act: Action) -> bool:
        fields = self.state.fields if self.state is not None and self.state.is_open and act in CHOICES else ()
        for field in fields:
            if field.pick is Pick.DIGITS and CHOICES.index(act) < len(field.choices):
                self.choose.emit(field.name, field.choices[CHOICES.index(act)].name)
                self._fields.take_keyboard(field.name)  # Tab goes on from what was chosen
                return True
        return super().perform(act)
