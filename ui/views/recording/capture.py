"""The recording screen while a device is at work: the live picture in the middle, how good it is at the right."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import EYES, FINGERS, Modality, Position
from ui.presenters.figures import Frame, Guide
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tone
from ui.presenters.recording.state import RecordingState, Still
from ui.runtime.ink_pad import InkPad
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of
from ui.widgets.hands import EyesPicture, HandsPicture
from ui.widgets.ink_view import InkView
from ui.widgets.layout import SPRING, column, row
from ui.widgets.presence import present
from ui.widgets.preview import LivePreview
from ui.widgets.quality_panel import Advice, Attempts, QualityRows
from ui.widgets.text import Role, Text

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
