"""The recording screen while a device is at work: the live picture in the middle, how good it is at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QByteArray, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGridLayout, QWidget

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import EYES, FINGERS, Modality, Position
from ui.presenters.figures import Finger, Frame, Guide
from ui.presenters.parts import Tone
from ui.presenters.presenter import Message, message
from ui.presenters.recording.panels import CardCheckState, ExceptionPanel, LeadPanel, number_of
from ui.presenters.recording.state import RecordingState, Still
from ui.presenters.wording import position_words
from ui.runtime.ink_pad import InkPad
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.theme import ThemeContext
from ui.views.screen import Screen, card_of, page
from ui.widgets.buttons import Mark, ToggleButton
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.hands import EyesPicture, HandsPicture
from ui.widgets.layout import SPRING, Pool, Role, Text, column, present, row
from ui.widgets.preview import CardSeenPanel, InkView, LivePreview, PhotoView
from ui.widgets.quality_panel import Advice, Attempts, QualityRows

_CELL_HEIGHT = 480
_MARGIN = 24
# From left to right as the hands lie on the glass; eyes as the subject has them.
_SEEN: tuple[Position, ...] = (*FINGERS[:4:-1], *FINGERS[:5], *EYES, Position.PORTRAIT)
_HEADS = {
    Modality.FINGER: "rekam.quality_fingers",
    Modality.IRIS: "rekam.quality_eyes",
    Modality.FACE: "rekam.quality_photo",
    Modality.SIGNATURE: "common.result",
}


class CapturePanel(QWidget):
    """Shows the live picture over hands or eyes, the kept pictures once a step is done, or the ink of the pad.

    `pad` takes signatures on the very field that shows them.
    """

    position_chosen = Signal(object)
    sign_here = Signal()

    def __init__(self, theming: ThemeContext, frames: PreviewMailbox, ink: InkMailbox) -> None:
        super().__init__()
        self._theming, self._mailbox = theming, frames
        self._preview, self._so_far, self._ink = LivePreview(theming), LivePreview(theming), InkView(theming)
        self._so_far.setMinimumSize(160, 180)  # beside the live one on a narrow screen
        self._hands, self._eyes = HandsPicture(theming), EyesPicture(theming)
        self._hands_card, self._eyes_card = card_of(theming, self._hands), card_of(theming, self._eyes)
        self._ink_card = card_of(theming, self._ink)
        self._ink.watch(ink)
        self.pad = InkPad(self._ink, self._ink.surface)
        self.pad.armed.connect(self._ink.invite)
        self.pad.touched.connect(self.sign_here)
        self._hands.finger_chosen.connect(self.position_chosen)
        self._eyes.eye_chosen.connect(self.position_chosen)
        gap = theming.tokens.space["md"]
        pictures = row((self._preview, 1), (self._so_far, 1), gap=gap)
        column((pictures, 1), (self._hands_card, 1), (self._eyes_card, 1), (self._ink_card, 1), on=self, gap=gap)
        self._shown_step: StepKind | None = None
        self._shown_stills: tuple[Still, ...] = ()
        self._shown_so_far: tuple[Still, ...] = ()
        self._was_away = False
        self._ink_round = -1

    def show_state(self, state: RecordingState) -> None:
        """Show a step that is captured."""
        modality = CAPTURED_AT[state.current][0].modality
        present(self._preview, modality is not Modality.SIGNATURE)
        present(self._so_far, bool(state.so_far) and not state.stills)
        present(self._hands_card, modality is Modality.FINGER)
        present(self._eyes_card, modality is Modality.IRIS)
        present(self._ink_card, modality is Modality.SIGNATURE)
        self._hands.render_fingers(state.fingers)
        self._eyes.render_eyes(state.eyes)
        if modality is Modality.SIGNATURE:
            self._show_ink(state)
        else:
            self._show_picture(state)
        self._shown_step = state.current

    def let_go(self) -> None:
        """Leave the live picture to another page until this one is shown again."""
        self._preview.watch(None)
        self._shown_step = None

    def _show_picture(self, state: RecordingState) -> None:
        is_new = state.current is not self._shown_step
        if is_new or state.stills != self._shown_stills or (state.is_away and not self._was_away):
            self._preview.watch(None if state.stills else self._mailbox)
            if state.stills:
                self._preview.show_image(self._sheet(state.stills))
        self._shown_stills, self._was_away = state.stills, state.is_away
        if state.so_far != self._shown_so_far:
            self._so_far.show_image(self._sheet(state.so_far) if state.so_far else None)
            chips = (message("rekam.so_far"),)
            self._so_far.render_marks(chips, _frames(_as_seen(state.so_far)))
            self._shown_so_far = state.so_far
        guide = Guide.NONE if state.stills else state.guide
        self._preview.render_marks(state.chips, _frames(_as_seen(state.stills)), guide, state.waiting)

    def _sheet(self, stills: tuple[Still, ...]) -> QImage:
        return _side_by_side(_as_seen(stills), self._theming.theme.colour("preview"))

    def _show_ink(self, state: RecordingState) -> None:
        if state.ink is not None:
            self._ink.show_signature(state.ink)
        elif state.ink_round != self._ink_round or (self._was_away and not state.is_away):
            self._ink.show_signature(None)
        if state.trouble is not None and state.is_away:
            self._ink.show_signature(None, state.trouble)
        self._was_away = state.is_away
        self._ink_round = state.ink_round


def _as_seen(stills: tuple[Still, ...]) -> tuple[Still, ...]:
    return tuple(sorted(stills, key=lambda still: _SEEN.index(still.position)))


def _side_by_side(stills: tuple[Still, ...], ground: QColor) -> QImage:
    """Return the pictures in equal cells beside each other, each as large as its cell allows; one alone as it is."""
    images = [QImage.fromData(QByteArray(still.jpeg)) for still in stills]
    if len(images) == 1:
        return images[0]
    cell = max(image.width() * _CELL_HEIGHT // max(1, image.height()) for image in images)
    width = len(images) * (cell + 2 * _MARGIN)
    sheet = QImage(max(1, width), _CELL_HEIGHT + 2 * _MARGIN, QImage.Format.Format_RGB32)
    sheet.fill(ground)
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for index, image in enumerate(images):
        size = image.size().scaled(cell, _CELL_HEIGHT, Qt.AspectRatioMode.KeepAspectRatio)
        left = index * (cell + 2 * _MARGIN) + _MARGIN + (cell - size.width()) / 2
        painter.drawImage(
            QRectF(left, _MARGIN + (_CELL_HEIGHT - size.height()) / 2, size.width(), size.height()), image
        )
    painter.end()
    return sheet


def _frames(stills: tuple[Still, ...]) -> tuple[Frame, ...]:
    """Return a frame in the tone of its score around each picture but the photo, whose checks stand beside it."""
    if len(stills) < 2 and (not stills or stills[0].position.modality is Modality.FACE):
        return ()
    pitch = 1000 // len(stills)
    return tuple(Frame(i * pitch + 15, 20, pitch - 30, 960, still.tone) for i, still in enumerate(stills))


class IndexPanel(QWidget):
    """Shows the hands with the two index fingers, and what a comparison said or why there is none."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._plain, self._hands = Advice(theming), HandsPicture(theming)
        hands = card_of(theming, (self._hands, 1))
        column((hands, 1), self._plain, on=self, gap=theming.tokens.space["md"])

    def show_state(self, state: RecordingState) -> None:
        """Show the step."""
        self._hands.render_fingers(state.fingers)
        self._plain.render_advice(state.index_title, state.index_hint, Tone.SOFT)


class SidePanel(QWidget):
    """Shows how good it is and what helps."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._head, self._rows, self._judged_by = Text(Role.SECTION), QualityRows(theming), Text(Role.MUTED, wraps=True)
        self._advice, self._attempts = Advice(theming), Attempts(theming)
        self._note, self._take_back = Text(Role.MUTED, wraps=True), Text(Role.MUTED, wraps=True)
        above = (self._head, self._rows, self._judged_by, self._advice, self._attempts)
        column(*above, self._note, self._take_back, SPRING, on=self, gap=theming.tokens.space["md"])

    def show_state(self, state: RecordingState) -> None:
        """Show the rows of a step that is captured."""
        say = self._theming.say
        modality = CAPTURED_AT[state.current][0].modality if state.current in CAPTURED_AT else None
        self._head.setText(say(message(_HEADS[modality] if modality else "rekam.comparison")))
        self._rows.render_rows(state.rows)
        self._judged_by.show_text(say(state.judged_by))
        if state.trouble is not None:
            self._advice.render_advice(state.trouble, tone=Tone.BAD)
        else:
            self._advice.render_advice(state.advice_title, self._hint(state.advice))
        self._attempts.render_attempts(state.attempts)
        nothing = "rekam.sign_nothing_yet" if modality is Modality.SIGNATURE else "rekam.nothing_yet"
        is_untried = state.current in CAPTURED_AT and not state.attempts
        self._note.show_text(say(message(nothing) if is_untried else state.attempts_note))
        has_mark = any(row.tag.words == message("verdict.excepted") for row in state.rows)
        self._take_back.show_text(say(message("rekam.take_back")) if has_mark else "")

    def _hint(self, words: Message) -> Message:
        if not isinstance(words, Problem):
            return words
        told = self._theming.catalog.explain(words)
        return f"{told.what} {told.do}"


# What the card of a person on the reader tells.


class CardCheckView(Screen[CardCheckState]):
    """One card with one photo; Esc leaves, F4 waits for a card again."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._card = Text(Role.TITLE), CardSeenPanel(theming)
        page(column(self._title, self._card, SPRING, on=self.content), theming)

    def show_state(self, state: CardCheckState) -> None:
        """Show what the card told."""
        self._title.setText(self.theming.say(state.title))
        self._card.render_card(state.card)


# The panels that lie over a step: what cannot be given and why, before whom, and the team lead's word.

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
