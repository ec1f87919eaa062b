"""The checklist: the list at the left; the line under the cursor, its concerns and the signature at the right."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from ui.presenters.parts import Tone
from ui.presenters.presenter import CHOICES, Action, Command, message
from ui.presenters.sarpras import inventory
from ui.presenters.sarpras.checklist import ChecklistPresenter, IzinPresenter, PhotoPresenter, PhotoState
from ui.presenters.sarpras.inventory import Inventory, ItemHistory
from ui.presenters.sarpras.messages import COLUMNS, Answer, ChecklistState
from ui.presenters.viewfinder import PadSigning, SigningState
from ui.runtime.ink_pad import InkPad
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import ROOM_FOR_SIDE
from ui.views.page_parts import PageParts, Params
from ui.views.screen import Screen, card_of, page, take_keyboard
from ui.views.wiring import page_of
from ui.widgets.button import ActionButton
from ui.widgets.buttons import Mark, ToggleButton
from ui.widgets.cards import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.file_field import FileField
from ui.widgets.layout import SPRING, Role, Text, column, fill, grid, present, row
from ui.widgets.preview import InkView, LivePreview
from ui.widgets.quality_panel import Advice
from ui.widgets.table import Table
from ui.widgets.tags import TagRow

_INK = 48
_BUTTON, _ANSWERS = 40, 8
_SIDE = 392
_FOUR_ROWS = 250  # in a narrower window the side stands below the table
_STEPS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Minus: -1, Qt.Key.Key_Left: -1}


class _AnswerButton(ToggleButton):
    """An answer with its key; pressed it hands on its command."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, Mark.NONE)
        self._answer = Answer(Command("", ""))
        self.setFixedHeight(_BUTTON)
        self.clicked.connect(lambda: self.commanded.emit(self._answer.command))

    def render_answer(self, answer: Answer) -> None:
        self._answer, act = answer, answer.command.act
        cap = self._theming.say(act.cap) if act is not None else ""
        self.render_toggle(answer.command.words, is_on=answer.is_on, cap=cap)


class LineCard(Card):
    """Condition, lengkap, bersih of an item; the count of a consumable."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._say = theming.say
        self._name, self._note = Text(Role.SECTION, wraps=True), Text(Role.MUTED, wraps=True)
        self._buttons = [_AnswerButton(theming) for _ in range(_ANSWERS)]
        self._fewer, self._more = _AnswerButton(theming), _AnswerButton(theming)
        for button in (*self._buttons, self._fewer, self._more):
            button.commanded.connect(self.commanded)
        self._count, self._limit = Text(Role.NUMBER), Text(Role.MUTED, wraps=True)
        self._answers = QWidget()
        answers = grid(self._answers, gap=theming.tokens.space["sm"])
        for at, button in enumerate(self._buttons):
            answers.addWidget(button, at // 2, at % 2)
        self._answers.setFixedHeight(4 * _BUTTON + 3 * theming.tokens.space["sm"])
        self._counter = QWidget()
        for button in (self._fewer, self._more):
            button.setFixedWidth(_BUTTON)
        counter = (self._fewer, self._count, self._more, (self._limit, 1))
        row(*counter, on=self._counter, gap=theming.tokens.space["md"])
        fill(self.body, self._name, self._answers, self._counter, self._note)

    def show_state(self, state: ChecklistState) -> None:
        """Show the line under the cursor."""
        line, counter = state.line, state.counter
        present(self, line is not None or counter is not None)
        present(self._answers, line is not None)
        present(self._counter, counter is not None)
        for button in (*self._buttons, self._fewer, self._more):
            button.setEnabled(not state.is_closed)
        if line is not None:
            self._name.setText(line.name)
            for button, answer in zip(self._buttons, line.answers, strict=True):
                button.render_answer(answer)
        if counter is not None:
            self._name.setText(counter.name)
            self._fewer.render_answer(Answer(counter.fewer))
            self._more.render_answer(Answer(counter.more))
            self._count.setText(f"{counter.count} {counter.unit}")
            self._limit.setText(self._say(counter.limit))
        self._note.show_text(self._say(message("sarpras.count_hint")) if counter is not None else "")


class AttentionCard(Advice):
    """What is wrong and what helps; the reason to go on nevertheless behind a key."""

    def show_state(self, state: ChecklistState) -> None:
        """Show what stands against going on."""
        attention, override = state.attention, state.override
        if attention is None:
            self.render_advice("")
            return
        told = self._theming.catalog.explain(attention.problem)
        hint = "\n".join(filter(None, (told.do, self._theming.say(attention.more))))
        self.render_advice(told.what, hint, attention.tone, more=(override,) if override else ())


class IzinCard(Card):
    """The signature of the pengurus barang, or that it is missing."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._theming = theming
        self._ink, self._words = InkView(theming), Text(Role.MUTED, wraps=True)
        self._ink.setMinimumHeight(_INK)
        # It takes what is left: what it likes better would be taken from the cards above it.
        self._ink.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        fill(self.body, (self._ink, 1), self._words)

    def show_state(self, state: ChecklistState) -> None:
        """Show the ink and when it was drawn."""
        self.set_title(self._theming.say(message("sarpras.izin")))
        self.set_tone(Tone.NEUTRAL)
        self._ink.show_signature(state.ink, message("sarpras.izin_key"))
        self._words.setText(self._theming.say(state.izin))


class ChecklistView(Screen[ChecklistState]):
    """Arrows walk, Space says all is well, 1–4 the condition, L and H complete and clean, + and − count."""

    select = Signal(str)
    number = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._tags = Text(Role.TITLE), TagRow(theming)
        self._table = Table(theming, opens_rows=False)
        self._table.selected.connect(self.select)
        self._gauges, self._gauges_head = TagRow(theming), Text(Role.STRONG)
        self._kits = ActionButton(theming)
        self._line, self._attention, self._izin = LineCard(theming), AttentionCard(theming), IzinCard(theming)
        for part in (self._kits, self._line, self._attention):
            part.commanded.connect(self.command)
        self._shown: Any = None
        self.setFocusProxy(self._table)
        self._lay_out()

    def _lay_out(self) -> None:
        theming, space = self.theming, self.theming.tokens.space
        gauges = Card(theming)
        gauges.body.setContentsMargins(20, space["sm"], 20, space["sm"])
        gauges.body.addLayout(row(self._gauges_head, self._gauges, SPRING, gap=space["md"]))
        head = row(self._title, self._tags, SPRING, self._kits, gap=space["md"])
        left = column(head, (card_of(theming, self._table), 1), gauges, gap=space["md"])
        self._side = QWidget()
        self._below = column(self._line, self._attention, (self._izin, 1), on=self._side, gap=space["md"])
        self._outer = page(row((left, 1), self._side, on=self.content), theming)
        self._outer.setSpacing(space["lg"])

    def show_state(self, state: ChecklistState) -> None:
        """Show the list."""
        say = self.theming.say
        self._title.setText(say(state.title))
        self._tags.render_tags(state.tags)
        self._gauges_head.setText(say(message("common.laptop")))
        self._gauges.render_tags(state.gauges)
        present(self._kits, state.choose_kits is not None)
        if state.choose_kits is not None:
            self._kits.render_action(state.choose_kits)
        shown = (tuple(map(state.rows.row, range(state.rows.count))), self.theming.catalog.language)
        if shown != self._shown:
            self._shown = shown
            self._table.render_rows(COLUMNS, state.rows)
        self._stand(state)
        self._line.show_state(state)
        self._attention.show_state(state)
        self._izin.show_state(state)
        take_keyboard(self)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        has_room = self.width() >= ROOM_FOR_SIDE
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._outer.setDirection(across if has_room else down)
        self._below.setDirection(down if has_room else across)
        self._side.setMinimumWidth(_SIDE if has_room else 0)
        self._side.setMaximumWidth(_SIDE if has_room else self.maximumWidth())
        self._table.setMinimumHeight(0 if has_room else _FOUR_ROWS)

    def _stand(self, state: ChecklistState) -> None:
        names = [state.rows.row(at).name for at in range(state.rows.count)]
        if state.cursor in names and self._table.currentIndex().row() != names.index(state.cursor):
            self._table.selectRow(names.index(state.cursor))

    def perform(self, act: Action) -> bool:
        """Take a digit of a count; what other keys mean is said by their commands."""
        state = self.state
        if state is not None and state.counter is not None and act in CHOICES:
            self.number.emit(CHOICES.index(act) + 1)
            return True
        return super().perform(act)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        by = _STEPS.get(Qt.Key(event.key()))
        counter = self.state.counter if self.state is not None else None
        if by is not None and counter is not None:
            self.command(counter.more if by > 0 else counter.fewer)
        else:
            event.ignore()


# Who allows it: the name, the passphrase, the signature.

_WIDTH = 760
_ARROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class IzinView(Screen[SigningState]):
    """Arrows choose, the passphrase is typed, then the pad, or the field on the screen, takes the signature."""

    sign_here = Signal()
    choose = Signal(str)
    choose_next = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._hint = Text(Role.TITLE), Text(Role.LEAD, wraps=True)
        self._signed = Text(Role.STRONG, wraps=True)
        self._people, self._passphrase = ChoiceList(theming, has_keys=False), TextField(theming, is_secret=True)
        self._people.chosen.connect(self.choose)
        self._ink, self.ink = InkView(theming), InkMailbox()
        self._who, self._sheet = card_of(theming, self._people, self._passphrase), card_of(theming, (self._ink, 1))
        self._who.setMaximumWidth(_WIDTH)
        self._ink.watch(self.ink)
        self.pad = InkPad(self._ink, self._ink.surface)
        self.pad.armed.connect(self._ink.invite)
        self.pad.touched.connect(self.sign_here)
        shown = (self._title, self._hint, self._signed, self._who, (self._sheet, 1))
        page(column(*shown, on=self.content), theming).addStretch(0)
        self._cleared, self._is_asking, self._had_ink = 0, False, False

    def show_state(self, state: SigningState) -> None:
        """Show who is asked, then the ink."""
        is_asking = not state.signer
        self._title.setText(self.theming.say(state.title if is_asking else state.signer))
        self._hint.setText(self.theming.say(state.hint))
        say = self.theming.say
        self._signed.show_text(" · ".join(f"{say(what)}: {say(how).lower()}" for what, how in state.signed))
        present(self._who, is_asking and bool(state.people))
        present(self._sheet, not is_asking)
        if is_asking and state.people:
            self._ask(state)
        elif not is_asking:
            if state.ink is not None or self._had_ink:
                self._ink.show_signature(state.ink)
            self._had_ink = state.ink is not None
            self.setFocus()
        self._is_asking = is_asking and bool(state.people)

    def _ask(self, state: SigningState) -> None:
        self._people.render_choices(state.people, state.chosen)
        text = self._passphrase.text() if state.clear_serial == self._cleared else ""
        self._cleared = state.clear_serial
        self._passphrase.render_field(message("sarpras.passphrase"), text, problem=state.wrong or "")
        present(self._passphrase, state.asks_passphrase)
        if not self._is_asking:
            (self._passphrase if state.asks_passphrase else self).setFocus()

    def held(self) -> str:
        """Return the passphrase."""
        return self._passphrase.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        by = _ARROWS.get(Qt.Key(event.key()))
        if by is not None:
            self.choose_next.emit(by)
        else:
            event.ignore()


def signing_page(presenter: PadSigning, view: IzinView) -> Page:
    """Return the page of somebody who signs."""
    view.sign_here.connect(presenter.sign_here)
    view.choose.connect(presenter.choose)
    view.choose_next.connect(presenter.choose_next)
    return page_of(presenter, view)


# A photo of an item: the live picture, and the path of a file below it.


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


# The pages of sarpras: presenter, view, and which signal means which intent.


def sarpras_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factory of each screen of sarpras by its name."""

    def checklist(way: str, params: Params) -> Page:
        view = ChecklistView(at.theming)
        presenter = ChecklistPresenter(at.context(), at.tasks, at.navigator, params["activity_id"], way)
        view.select.connect(presenter.select)
        view.number.connect(presenter.number)
        return page_of(presenter, view)

    def izin(params: Params) -> Page:
        view = IzinView(at.theming)
        list_of = (params["way"], params["list_id"])
        presenter = IzinPresenter(at.context(), at.door, at.tasks, at.navigator, list_of, view.ink, view.pad)
        return signing_page(presenter, view)

    def photo(params: Params) -> Page:
        view = PhotoTakingView(at.theming)
        presenter = PhotoPresenter(
            at.context(), at.tasks, at.navigator, view.frames, params["way"], params["list_id"], params["item_id"]
        )
        view.type.connect(presenter.type)
        return page_of(presenter, view)

    return {
        "check_out": partial(checklist, "out"),
        "check_in": partial(checklist, "in"),
        "sarpras_izin": izin,
        "sarpras_photo": photo,
        **at.lists(
            {
                "sarpras": lambda now, _: Inventory(now, at.navigator).screen(),
                "item_history": lambda now, params: ItemHistory(now, params["item_id"]).screen(),
            }
        ),
        **at.forms(
            {
                "sarpras_item": lambda now, params: inventory.item_form(now, params["thing_id"]),
                "sarpras_consumable": lambda now, params: inventory.consumable_form(now, params["thing_id"]),
                "sarpras_kit": lambda now, params: inventory.kit_form(now, params["thing_id"]),
                "sarpras_repair": lambda now, params: inventory.repair_form(now, params["item_id"]),
                "sarpras_kits": lambda now, params: inventory.kits_form(now, params["list_id"]),
                "sarpras_note": lambda now, params: inventory.note_form(
                    now, params["way"], params["list_id"], params["item_id"]
                ),
                "sarpras_reason": lambda now, params: inventory.reason_form(now, params["way"], params["list_id"]),
            }
        ),
    }
