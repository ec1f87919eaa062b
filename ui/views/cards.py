"""Views of documents: handover, printing day, lists and pages."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QRectF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QFont, QGuiApplication, QImage, QKeyEvent, QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QWidget

from fieldkit.domain.cards.printing import QueueBoard
from ui.presenters.cards import blanks, distribution
from ui.presenters.cards.distribution import Courier, DistributionPlan
from ui.presenters.cards.handover import HandoverPresenter, HandoverState, Mark, Phase, Sinks
from ui.presenters.cards.prints import PrintingDay, QueueBoardPresenter, QueueNumbers, walk_in_form
from ui.presenters.presenter import message
from ui.runtime.ink_pad import InkPad
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.page_parts import PageParts, Params
from ui.views.screen import Screen, card_of, page
from ui.views.wiring import page_of
from ui.widgets.file_field import FileField
from ui.widgets.form_fields import FormFields
from ui.widgets.layout import Role, Text, column, present, row
from ui.widgets.preview import CardSeenPanel, InkView, LivePreview
from ui.widgets.quality_panel import FactGrid
from ui.widgets.table import LineList

# Serah terima: the documents at the left; who takes them, then the mark, then what was kept at the right.
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


# The window for those who wait: the number that is called, as large as it goes, and who is next.

_SIZE = (960, 600)
_LINES = (0.09, 0.56, 0.08, 0.17)  # of the height: head, number, head, next; the rest is air


class QueueBoardWindow(QWidget):
    """Belongs to the window of the program and goes with it; Esc closes it alone."""

    def __init__(self, theming: ThemeContext, owner: QWidget, presenter: QueueBoardPresenter) -> None:
        super().__init__(owner, Qt.WindowType.Window)
        self._theming, self._owner, self._presenter, self._board = theming, owner, presenter, presenter.state
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle(theming.say(message("antrean.board")))
        presenter.listen(self.render_board)
        presenter.start()

    def open(self) -> None:
        """Show it whole on another screen where there is one, else as a window beside the program's."""
        other = another(QGuiApplication.screens(), self._owner.screen())
        if other is None:
            self.resize(*_SIZE)
            self.show()
        else:
            self.setGeometry(other.geometry())
            self.showFullScreen()

    def render_board(self, board: QueueBoard) -> None:
        """Show the numbers."""
        self._board = board
        self.update()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 – Qt's name
        """Follow the store no more."""
        self._presenter.stop()
        self._presenter.deafen()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 – Qt's name
        """Close with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
        """Draw four lines: they grow with the window."""
        board, say, colour = self._board, self._theming.say, self._theming.tokens.colours()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colour["surface"]))
        current = f"{board.current:03}" if board.current is not None else "–"
        following = "   ".join(f"{number:03}" for number in board.following) or "–"
        lines = (
            (say(message("antrean.board_now")), "text_muted"),
            (current, "accent"),
            (say(message("antrean.board_next", count=board.waiting)), "text_muted"),
            (following, "text"),
        )
        top = self.height() * (1 - sum(_LINES)) / 2
        for (words, tone), share in zip(lines, _LINES, strict=True):
            height = self.height() * share
            self._draw(painter, QRectF(0, top, self.width(), height), words, QColor(colour[tone]))
            top += height
        painter.end()

    def _draw(self, painter: QPainter, place: QRectF, words: str, colour: QColor) -> None:
        """Draw a line as large as its place lets it be."""
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(max(8, round(place.height() * 0.8)))
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(words)
        if wide > place.width() * 0.94:
            font.setPixelSize(max(8, round(font.pixelSize() * place.width() * 0.94 / wide)))
            painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)


def another(screens: Sequence[QScreen], own: QScreen) -> QScreen | None:
    """Return a screen that the program's window is not on, None where there is only one."""
    return next((screen for screen in screens if screen is not own), None)


def toggle_board(theming: ThemeContext, owner: QWidget, presenter: QueueBoardPresenter) -> None:
    """Open the window, or close the one that is open."""
    there = owner.findChild(QueueBoardWindow)
    if there is not None:
        there.close()
    else:
        QueueBoardWindow(theming, owner, presenter).open()


# The pages of cards: the ledger of blanks, documents and where they are, handing over, schedule, courier.


def distribution_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `distribution` (`activity_id` or none), `handover` (`card_ids` with blanks between,
    `to`), `distribution_plan` (`activity_id`), `courier`, `blanks`, `printing_day` and
    `queue_numbers` (`activity_id`, "" for the dinas), and of their forms.
    """
    navigator, printing = at.navigator, at.printing

    def handover(params: Params) -> Page:
        view = HandoverView(at.theming)
        sinks = Sinks(view.ink, view.frames, view.pad)
        presenter = HandoverPresenter(at.context(), at.tasks, navigator, _ids(params), params.get("to", ""), sinks)
        view.type.connect(presenter.type)
        view.choose.connect(presenter.choose)
        view.sign_here.connect(presenter.sign_here)
        view.type_path.connect(presenter.type_path)
        return page_of(presenter, view)

    def printing_day(params: Params) -> Page:
        of = _of(params)

        def show_board() -> None:
            toggle_board(at.theming, listed.view.window(), QueueBoardPresenter(at.context(), at.tasks, of))

        listed = at.listed(PrintingDay(at.context(), navigator, printing, of, show_board).screen())
        return listed

    return {
        "printing_day": printing_day,
        "handover": handover,
        **at.lists(
            {
                "blanks": lambda now, _: blanks.BlankLedger(now, navigator).screen(),
                "queue_numbers": lambda now, params: QueueNumbers(now, navigator, printing, _of(params)).screen(),
                "distribution": lambda now, params: distribution.DistributionList(
                    now, navigator, printing, at.spoken, _of(params), params.get("card_id", "")
                ).screen(),
                "courier": lambda now, _: Courier(now, navigator, printing).screen(),
                "distribution_plan": lambda now, params: DistributionPlan(now, navigator, _of(params)).screen(),
            }
        ),
        **at.forms(
            {
                **blanks.FORMS.screens,
                "distribution_stop": lambda now, params: distribution.stop_form(
                    now, params["activity_id"], int(params.get("at", "-1"))
                ),
                "handover_ba": lambda now, params: distribution.ba_form(now, _ids(params)),
                "queue_walk_in": lambda now, params: walk_in_form(now, _of(params)),
                "handover_failed": lambda now, params: distribution.failed_form(now, _ids(params)),
            }
        ),
    }


def _of(params: Params) -> str:
    return params.get("activity_id", "")


def _ids(params: Params) -> tuple[str, ...]:
    return tuple(params["card_ids"].split())
