"""Serah terima: the documents at the left; who takes them, then the mark, then what was kept at the right."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from ui.presenters.cards.handover import HandoverState, Phase
from ui.presenters.cards.receipt_mark import Mark
from ui.presenters.messages import message
from ui.runtime.ink_pad import InkPad
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of, page
from ui.views.screen import Screen
from ui.widgets.file_field import FileField
from ui.widgets.form_fields import FormFields
from ui.widgets.ink_view import InkView
from ui.widgets.layout import column, row
from ui.widgets.lines import LineList
from ui.widgets.photo import CardSeenPanel
from ui.widgets.presence import present
from ui.widgets.preview import LivePreview
from ui.widgets.quality_panel import FactGrid
from ui.widgets.text import Role, Text

_LEFT, _LEAST_LEFT = 500, 340


class HandoverView(Screen[HandoverState]):
    """Fields first; Enter asks for the signature on the pad, J for a thumb mark, F for a signed paper."""

    type = Signal(str, str)
    choose = Signal(str, str)
    sign_here = Signal()
    type_path = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._hint, self._lines = Text(Role.TITLE), Text(Role.LEAD, wraps=True), LineList(theming)
        self._lines.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._fields, self._card = FormFields(theming), CardSeenPanel(theming)
        self._fields.typed.connect(self.type)
        self._fields.chosen.connect(self.choose)
        self._build_mark()
        self._facts = FactGrid(theming)
        self._done = card_of(theming, self._facts)
        self._lay_out()
        self._phase: Phase | None = None
        self._had_ink = self._was_blind = False

    def _build_mark(self) -> None:
        theming = self.theming
        self._ink, self.ink = InkView(theming), InkMailbox()
        self._sheet = card_of(theming, (self._ink, 1))
        self._ink.watch(self.ink)
        self.pad = InkPad(self._ink, self._ink.surface)
        self.pad.armed.connect(self._ink.invite)
        self.pad.touched.connect(self.sign_here)
        frames = self.frames = PreviewMailbox()
        self.destroyed.connect(lambda: frames.close())
        self._picture, self._preview, self._path = QWidget(), LivePreview(theming), FileField(theming)
        self._preview.watch(frames)
        self._path.edited.connect(self.type_path)
        column((self._preview, 1), self._path, on=self._picture, gap=theming.tokens.space["sm"])
        self._shown_picture = b""

    def _lay_out(self) -> None:
        space, documents = self.theming.tokens.space, card_of(self.theming, self._lines)
        documents.setMinimumWidth(_LEAST_LEFT)
        documents.setMaximumWidth(_LEFT)
        shown = (self._fields, self._card, (self._sheet, 1), (self._picture, 1), self._done)
        right = column(*shown, gap=space["md"])
        right.addStretch(0)
        below = row((documents, 2), (right, 3), gap=space["lg"])
        page(column(self._title, self._hint, (below, 1), on=self.content), self.theming)

    def show_state(self, state: HandoverState) -> None:
        """Show what is asked now."""
        say = self.theming.say
        self._title.setText(say(state.title))
        self._hint.setText(say(state.hint))
        self._lines.render_lines(say(state.title), state.lines)
        self._fields.render_fields(state.fields)
        present(self._fields, state.phase is Phase.WHO)
        self._card.render_card(state.card if state.phase is Phase.WHO else None)
        present(self._sheet, state.phase is Phase.SIGN or (state.phase is Phase.DONE and state.mark.ink is not None))
        present(self._picture, state.phase is Phase.PICTURE)
        present(self._done, state.phase is Phase.DONE)
        self._facts.render_facts(state.facts)
        if state.phase is not self._phase:
            self._phase, self._was_blind = state.phase, False
            self._take_keyboard(state)
        if state.phase in (Phase.SIGN, Phase.DONE):
            self._show_ink(state.mark)
        elif state.phase is Phase.PICTURE:
            self._show_picture(state.mark)

    def _show_ink(self, mark: Mark) -> None:
        if mark.ink is not None or self._had_ink:
            self._ink.show_signature(mark.ink)
        self._had_ink = mark.ink is not None

    def _show_picture(self, mark: Mark) -> None:
        if mark.content != self._shown_picture:
            self._shown_picture = mark.content
            image = QImage.fromData(QByteArray(mark.content)) if mark.content else QImage()
            self._preview.watch(None if mark.content else self.frames)
            self._preview.show_image(None if image.isNull() else image)
        waiting = mark.name or mark.away or message("distribusi.picture_waiting")
        self._preview.render_marks(waiting=waiting)
        present(self._path, not mark.content)
        self._path.render_field(message("distribusi.path"), mark.path, hint=message("distribusi.path_hint"))
        is_blind = bool(mark.away) and not mark.content
        if is_blind and not self._was_blind:  # without a camera only a file helps
            self._path.setFocus()
        self._was_blind = is_blind

    def _take_keyboard(self, state: HandoverState) -> None:
        if state.phase is Phase.WHO:
            self._fields.take_keyboard(state.fields[0].name)
        else:
            self.setFocus()
