"""A form on one card: Tab walks, Enter keeps, Esc leaves. A paper is photographed in the place of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from ui.presenters.form import FormState, Pick, Wrong
from ui.presenters.presenter import CHOICES, Action, message
from ui.presenters.viewfinder import Sight
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme import ThemeContext
from ui.views.screen import Screen, page, take_keyboard
from ui.widgets.form_fields import FormFields
from ui.widgets.layout import SPRING, Role, Text, column, present, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.panels import Panels
from ui.widgets.preview import LivePreview

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


# A form beside what it is about: the fields at the left, the pages to be read at the right.

_ROOM_FOR_BOTH = 1000  # in a narrower window the pages stand below the fields
_LEAST = 520


class ReadingFormView(FormView):
    """PgDn and PgUp turn the pages, a click or Ctrl Space opens them over the window."""

    def __init__(self, theming: ThemeContext, wide: Mapping[str, int] | None = None) -> None:
        super().__init__(theming, wide)
        self._pages, self._note = LetterPages(theming), Text(Role.MUTED, wraps=True)
        self.column.removeWidget(self._fields)
        left = column(self._fields, SPRING, gap=0)
        right = column(self._note, (self._pages, 1), gap=theming.tokens.space["sm"])
        self._both = row((left, 3), (right, 2), gap=theming.tokens.space["lg"])
        self.column.insertLayout(self.column.count() - 1, self._both, 100)

    def show_state(self, state: FormState) -> None:
        """Show the fields, and the pages as soon as they are drawn."""
        super().show_state(state)
        self._note.show_text(self.theming.say(state.beside.note))
        present(self._pages, bool(state.beside.pages) and state.photo is None)
        self._pages.render_pages(state.beside.pages, state.title)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        has_room = self.width() >= _ROOM_FOR_BOTH
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._both.setDirection(beside if has_room else below)
        self._pages.setMinimumHeight(0 if has_room else _LEAST)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (*super().keys, *(PAGE_KEYS if self._pages.isVisible() else ()))

    def perform(self, act: Action) -> bool:
        """Turn a page or open it."""
        return super().perform(act) or self._pages.perform(act)


# A form that is a place of work: what it is about at the left, the fields and what belongs below them at the right.
#
# Where the window has no room for both, the fields come first and what it is about below them.

_SIDE, _NO_BOUND = 400, 16_777_215
_TURNS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}


class WorkFormView(FormView):
    """F5 reads anew, PgUp and PgDn scroll."""

    own_keys = (Action.REFRESH, *_TURNS)

    def __init__(self, theming: ThemeContext, wide: Mapping[str, int] | None = None) -> None:
        super().__init__(theming, wide)
        self._side, self._below = Panels(theming), Panels(theming)
        self._side.setMinimumWidth(_SIDE)
        self.column.removeWidget(self._fields)
        self._right = column(self._fields, self._below, gap=theming.tokens.space["md"])
        self._both = row(self._side, (self._right, 1), gap=theming.tokens.space["lg"])
        self.column.insertLayout(self.column.count() - 1, self._both)

    def show_state(self, state: FormState) -> None:
        """Show the fields and what stands around them."""
        present(self._fields, bool(state.fields))  # first: what is out of sight takes no keyboard
        super().show_state(state)
        self._side.render_panels(state.side)
        self._below.render_panels(state.below)
        self._fields.setEnabled(state.is_open)
        take_keyboard(self)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        around = self.column.contentsMargins()
        least = around.left() + _SIDE + self._both.spacing() + self._right.minimumSize().width() + around.right()
        has_room = self.area.viewport().width() >= least
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.BottomToTop
        self._both.setDirection(beside if has_room else below)
        self._side.setMaximumWidth(_SIDE if has_room else _NO_BOUND)

    def perform(self, act: Action) -> bool:
        """Read anew, scroll what does not fit, or choose by a digit."""
        if act not in _TURNS:
            return super().perform(act)
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.value() + _TURNS[act] * bar.pageStep())
        return True
