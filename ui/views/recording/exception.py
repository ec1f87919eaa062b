"""The panel of biometric exceptions: what, why, before whom."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from fieldkit.domain.recording.positions import Modality
from ui.presenters.figures import Finger
from ui.presenters.messages import message
from ui.presenters.recording.panels import ExceptionPanel, number_of
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of
from ui.widgets.choices import ChoiceList
from ui.widgets.eyes import EyesPicture
from ui.widgets.field import TextField
from ui.widgets.hands import HandsPicture
from ui.widgets.layout import SPRING, column, row
from ui.widgets.photo import PhotoView
from ui.widgets.presence import present
from ui.widgets.preview import LivePreview
from ui.widgets.text import Role, Text
from ui.widgets.toggle import ToggleButton

_COLUMNS = 2
_PHOTO_WIDE = 190


class Toggles(QWidget):
    """Toggles in two columns; `chosen` tells the place of the one that was pressed."""

    chosen = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theming.tokens.space["sm"])
        self.buttons: list[ToggleButton] = []

    def count_to(self, count: int) -> list[ToggleButton]:
        """Return `count` toggles, made when they are missing."""
        while len(self.buttons) < count:
            place = len(self.buttons)
            button = ToggleButton(self._theming)
            button.clicked.connect(lambda _checked=False, at=place: self.chosen.emit(at))
            self._grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
            self.buttons.append(button)
        for place, button in enumerate(self.buttons):
            present(button, place < count)
        return self.buttons[:count]


class ExceptionPage(QWidget):
    """Picture and toggles of the positions, the witness, the second attendant."""

    position_chosen = Signal(object)
    second_chosen = Signal(str)

    def __init__(self, theming: ThemeContext, frames: PreviewMailbox) -> None:
        super().__init__()
        self._theming, self._frames = theming, frames
        self._panel: ExceptionPanel | None = None
        self._live, self._is_live = LivePreview(theming), False
        self._hands, self._eyes = HandsPicture(theming), EyesPicture(theming)
        self._hands.finger_chosen.connect(self.position_chosen)
        self._eyes.eye_chosen.connect(self.position_chosen)
        self._picture = card_of(theming, self._hands, self._eyes)
        self._positions_head, self._positions = Text(Role.STRONG), Toggles(theming)
        self.witness = TextField(theming, max_length=60)
        self._second_head, self._second = Text(Role.STRONG), Toggles(theming)
        self._photo = PhotoView(theming)
        self._photo.setFixedWidth(_PHOTO_WIDE)
        self._positions.chosen.connect(self._choose_position)
        self._second.chosen.connect(self._choose_second)
        small, between = theming.tokens.space["sm"], theming.tokens.space["md"]
        people = column(self.witness, small, self._second_head, self._second, gap=small)
        column(
            (self._picture, 1),
            (self._live, 1),
            self._positions_head,
            self._positions,
            small,
            row((people, 1), self._photo, gap=between),
            on=self,
            gap=small,
        )

    def show_panel(self, panel: ExceptionPanel, fingers: tuple[Finger, ...], eyes: tuple[Finger, ...]) -> None:
        """Show what is chosen so far."""
        self._panel = panel
        say = self._theming.say
        modality = panel.positions[0].modality
        present(self._hands, modality is Modality.FINGER)
        present(self._eyes, modality is Modality.IRIS)
        # Hide first: both together would make the window grow.
        if not panel.is_live:
            present(self._live, False)
        present(self._picture, modality is not Modality.SIGNATURE and not panel.is_live)
        present(self._live, panel.is_live)
        self._watch(is_live=panel.is_live)
        self._hands.render_fingers(_selected(fingers, panel))
        self._eyes.render_eyes(_selected(eyes, panel))
        self._positions_head.setText(say(message("rekam.exception_positions")))
        toggles = self._positions.count_to(len(panel.positions))
        for button, (position, words, is_on) in zip(toggles, panel.position_words, strict=True):
            button.render_toggle(words, is_on=is_on, cap=str(number_of(position, panel.positions) % 10))
        self.witness.render_field(
            message("rekam.exception_witness"), panel.witness, hint=message("rekam.exception_witness_hint")
        )
        keys = say(message("rekam.exception_second_keys"))
        present(self._photo, bool(panel.photo))
        self._photo.show_photo(panel.photo or None, message("rekam.photo_exception"))
        self._second_head.setText(f"{say(message('rekam.exception_second'))} · {keys}")
        choices = panel.second_choices
        for button, choice in zip(self._second.count_to(len(choices)), choices, strict=True):
            button.render_toggle(choice.words, is_on=choice.name == panel.second)

    def let_go(self) -> None:
        """Leave the live picture to another page."""
        self._watch(is_live=False)

    def _watch(self, *, is_live: bool) -> None:
        if is_live is not self._is_live:
            self._live.watch(self._frames if is_live else None)
            self._is_live = is_live

    def _choose_position(self, place: int) -> None:
        if self._panel is not None:
            self.position_chosen.emit(self._panel.positions[place])

    def _choose_second(self, place: int) -> None:
        if self._panel is not None:
            self.second_chosen.emit(self._panel.second_choices[place].name)


class ReasonSide(QWidget):
    """The closed list of reasons."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._head, self._keys = Text(Role.SECTION), Text(Role.MUTED, wraps=True)
        self.reasons = ChoiceList(theming, has_keys=False)
        column(self._head, self._keys, self.reasons, SPRING, on=self, gap=theming.tokens.space["sm"])

    def show_panel(self, panel: ExceptionPanel) -> None:
        """Show the reasons that fit."""
        self._head.setText(self._theming.say(message("rekam.exception_reason")))
        self._keys.setText(self._theming.say(message("rekam.exception_reason_keys")))
        self.reasons.render_choices(panel.reasons, panel.reason.value if panel.reason else "")


def _selected(fingers: tuple[Finger, ...], panel: ExceptionPanel) -> tuple[Finger, ...]:
    return tuple(replace(finger, is_selected=finger.position in panel.chosen) for finger in fingers)
