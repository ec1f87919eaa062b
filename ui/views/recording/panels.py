"""The panels that lie over a step: what cannot be given and why, before whom, and the team lead's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from fieldkit.domain.recording.positions import Modality
from ui.presenters.figures import Finger
from ui.presenters.messages import Message, message
from ui.presenters.recording.panels import ExceptionPanel, LeadPanel, number_of
from ui.presenters.wording import position_words
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.hands import EyesPicture, HandsPicture
from ui.widgets.layout import SPRING, column, row
from ui.widgets.photo import PhotoView
from ui.widgets.presence import Pool, present
from ui.widgets.preview import LivePreview
from ui.widgets.text import Role, Text
from ui.widgets.toggle import Mark, ToggleButton

_COLUMNS = 2
_PHOTO_WIDE = 190
_WIDTH = 560


class Toggles(QWidget):
    """Toggles in two columns; `chosen` tells the place of the one that was pressed."""

    chosen = Signal(int)

    def __init__(self, theming: ThemeContext, mark: Mark = Mark.BOX) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theming.tokens.space["sm"])
        self._pool: Pool[ToggleButton] = Pool(self._add, lambda: ToggleButton(theming, mark))
        self.buttons = self._pool.made

    def show_toggles(self, toggles: Sequence[tuple[Message, bool, str]]) -> None:
        """Show a toggle for each: its words, whether it is on, its key."""
        self._pool.show(toggles, lambda button, each: button.render_toggle(each[0], is_on=each[1], cap=each[2]))

    def _add(self, button: ToggleButton) -> None:
        place = len(self.buttons) - 1
        button.clicked.connect(lambda: self.chosen.emit(place))
        self._grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)


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
        self._second_head, self._second = Text(Role.STRONG), Toggles(theming, Mark.CIRCLE)
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
        of = panel.positions
        self._positions.show_toggles([(position_words(p), p in panel.chosen, str(number_of(p, of) % 10)) for p in of])
        hint = message("rekam.exception_witness_nik" if panel.needs_nik else "rekam.exception_witness_hint")
        self.witness.render_field(message("rekam.exception_witness"), panel.witness, hint=hint)
        keys = say(message("rekam.exception_second_keys"))
        present(self._photo, bool(panel.photo))
        self._photo.show_photo(panel.photo or None, message("rekam.photo_exception"))
        self._second_head.setText(f"{say(message('rekam.exception_second'))} · {keys}")
        self._second.show_toggles([(each.words, each.name == panel.second, "") for each in panel.second_choices])

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
        self._head.setText(self._theming.say(message("common.reason")))
        self._keys.setText(self._theming.say(message("rekam.exception_reason_keys")))
        self.reasons.render_choices(panel.reasons, panel.reason.value if panel.reason else "")


def _selected(fingers: tuple[Finger, ...], panel: ExceptionPanel) -> tuple[Finger, ...]:
    return tuple(replace(finger, is_selected=finger.position in panel.chosen) for finger in fingers)


class LeadPage(QWidget):
    """Choose with the arrows, type the passphrase, Enter."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._hint, self._who, self.people = Text(wraps=True), Text(Role.SECTION), ChoiceList(theming, has_keys=False)
        self.passphrase = TextField(theming, is_secret=True)
        self._cleared = 0
        card = card_of(theming, self._hint, self._who, self.people, self.passphrase)
        card.setMaximumWidth(_WIDTH)
        column(card, SPRING, on=self, gap=theming.tokens.space["md"])

    def show_panel(self, panel: LeadPanel, hint: Message) -> None:
        """Show what for and who may be asked; the passphrase empties when it was wrong."""
        self._hint.setText(self._theming.say(hint))
        self._who.setText(self._theming.say(message(f"rekam.{panel.words}_who")))
        self.people.render_choices(panel.choices, panel.chosen)
        text = self.passphrase.text() if panel.clear_serial == self._cleared else ""
        self._cleared = panel.clear_serial
        self.passphrase.render_field(message(f"rekam.{panel.words}_passphrase"), text, problem=panel.problem or "")

    def forget(self) -> None:
        """Empty the passphrase: the panel was closed."""
        self._cleared = 0
        self.passphrase.render_field(message("rekam.lead_passphrase"), "")
