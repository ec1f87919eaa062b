"""Kurir (Becak Pintar): what waits for the courier, what is on the way, and the message for their group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.cards.courier import MOST_ATTEMPTS, CourierState, courier_message
from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.cards.distribution import TICK
from ui.presenters.cards.distribution_words import courier_words, document_words
from ui.presenters.cards.slip_printing import MOST_SLIPS, SlipPrinting
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows
from ui.presenters.form import SEPARATOR
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.printing import Printing
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column("", 44),
    Column(phrase("distribusi.document"), 190),
    Column(phrase("distribusi.person")),
    Column(phrase("distribusi.village"), 160),
    Column(phrase("distribusi.courier_state"), 320),
)
_S = CourierState
_TONES = {
    _S.SIAP_DIAMBIL_KURIR: Tone.SOFT,
    _S.DISERAHKAN_KE_KURIR: Tone.SOFT,
    _S.DIANTAR: Tone.SOFT,
    _S.DIKEMBALIKAN: Tone.CAUTION,
}


class Shown(StrEnum):
    """What the list shows."""

    PINTAR = "pintar"  # asked for by the app, or chosen for the courier
    READY = "ready"
    OUT = "out"
    BACK = "back"
    ALL = "all"  # everything at the dinas that a courier may bring


class Step(StrEnum):
    """What comes next for a document."""

    READY = "ready"
    GIVE = "give"
    WENT = "went"
    DELIVER = "deliver"


_STEPS = {
    None: Step.READY,
    _S.DIKEMBALIKAN: Step.READY,
    _S.SIAP_DIAMBIL_KURIR: Step.GIVE,
    _S.DISERAHKAN_KE_KURIR: Step.WENT,
    _S.DIANTAR: Step.DELIVER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierScreenState(ViewState):
    """The documents as filtered, and the message; what is to be copied when `copies` changes."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    numbers: tuple[Number, ...] = ()
    message: str = ""
    copied: str = ""
    copies: int = 0
    ways: tuple[Command, ...] = ()  # beside the list: the bar has no room for them


class CourierPresenter(Presenter[CourierScreenState]):
    """Enter does the next thing for what is chosen. The program sends nothing: the message is copied by a person."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, printing: Printing) -> None:
        super().__init__(CourierScreenState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._courier = desk.office.courier
        self._slips = SlipPrinting(desk, tasks, printing, self._tell, self._refused)
        self._text, self._filter, self._selected, self._told = "", Shown.PINTAR, "", 0
        self._all: Sequence[CardCase] = ()
        self._shown: Sequence[CardCase] = ()
        self._dinas = ""
        self._ticked: set[str] = set()
        self._is_acting = False

    def start(self) -> None:
        """Read the list anew."""

        def load() -> tuple[Sequence[CardCase], str]:
            return self._courier.offered(), self._desk.office.letterhead.read().dinas

        self._tasks.run(STORE, load, lambda found: self._loaded(*found), self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Find a document by registration number, name or village."""
        self._text = text
        self._render()

    def next_filter(self) -> None:
        """Show the next part of the way."""
        shown = tuple(Shown)
        self._filter = shown[(shown.index(self._filter) + 1) % len(shown)]
        self._ticked.clear()
        self._render()

    def select(self, card_id: str) -> None:
        """Stand on a row."""
        self._selected = card_id
        self._become(replace(self.state, bar=self._bar()))

    def toggle(self) -> None:
        """Choose the row under the cursor, or not."""
        if self._selected:
            self._ticked ^= {self._selected}
            self._render()

    def toggle_all(self) -> None:
        """Choose everything that is shown, or nothing."""
        shown = {card.thing_id for card in self._shown}
        self._ticked = set() if shown <= self._ticked else shown
        self._render()

    def accept(self) -> None:
        """Do the next thing for what is chosen."""
        step, ids = self._step(), [card.thing_id for card in self._chosen()]
        if step is None or self._refused_step() or self._is_acting:
            return
        match step:
            case Step.READY:
                self._act(lambda: self._courier.make_ready(ids), phrase("distribusi.made_ready", count=len(ids)))
            case Step.GIVE:
                self._navigator.push("handover", card_ids=SEPARATOR.join(ids), to=Place.COURIER.value)
            case Step.WENT:
                self._act(lambda: self._courier.attempts(ids), phrase("distribusi.noted_went", count=len(ids)))
            case Step.DELIVER:
                self._navigator.push("handover", card_ids=ids[0], to=Place.PERSON.value)

    def failed(self) -> None:
        """Note that nobody was at home, or that documents came back."""
        if not self._refused_failed():
            self._navigator.push("handover_failed", card_ids=SEPARATOR.join(card.thing_id for card in self._chosen()))

    def print_slips(self) -> None:
        """Print the tanda terima that the courier takes along."""
        if not self._refused_slips():
            self._slips.print([card.thing_id for card in self._chosen()])

    def copy_message(self) -> None:
        """Copy the message for the group of couriers, and note that they were told."""
        ids, message = [card.thing_id for card in self._ready()], self.state.message
        if not message or self._is_acting or not self._may:
            return
        self._become(replace(self.state, copied=message, copies=self.state.copies + 1))
        self._act(lambda: self._courier.note_told(ids), phrase("distribusi.copied", count=len(ids)))

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    # --- what is chosen

    @property
    def _may(self) -> bool:
        return self._desk.user.may(Permission.HAND_OVER)

    def _wanted(self) -> Sequence[CardCase]:
        words = self._text.casefold().split()
        return [
            card
            for card in self._all
            if _is_in(card, self._filter) and all(word in card.words.casefold() for word in words)
        ]

    def _chosen(self) -> Sequence[CardCase]:
        ticked = [card for card in self._shown if card.thing_id in self._ticked]
        return ticked or [card for card in self._shown if card.thing_id == self._selected]

    def _ready(self) -> Sequence[CardCase]:
        """Return what the message names: those that are ticked and ready, or all that are ready."""
        ready = [card for card in self._all if _state(card) is _S.SIAP_DIAMBIL_KURIR]
        return [card for card in ready if card.thing_id in self._ticked] or ready

    def _step(self) -> Step | None:
        steps = {_STEPS.get(_state(card)) for card in self._chosen()}
        return steps.pop() if len(steps) == 1 else None

    def _refused_step(self) -> Words:
        refused = self._refused_chosen()
        if refused:
            return refused
        step = self._step()
        if step is None:
            return phrase("distribusi.mixed")
        return phrase("distribusi.one_receipt") if step is Step.DELIVER and len(self._chosen()) > 1 else ""

    def _refused_chosen(self) -> Words:
        if not self._may:
            return phrase("distribusi.not_yours")
        return "" if self._chosen() else phrase("distribusi.choose_first")

    def _refused_failed(self) -> Words:
        refused = self._refused_chosen()
        is_out = all(card.place is Place.COURIER for card in self._chosen())
        return refused or ("" if is_out else phrase("distribusi.not_out"))

    def _refused_slips(self) -> Words:
        refused = self._refused_chosen()
        too_many = phrase("distribusi.too_many_slips", most=MOST_SLIPS)
        return refused or (too_many if len(self._chosen()) > MOST_SLIPS else "")

    # --- showing

    def _loaded(self, cards: Sequence[CardCase], dinas: str) -> None:
        self._all, self._dinas = cards, dinas
        self._ticked &= {card.thing_id for card in cards}
        self._render(stage=Stage.CONTENT, retry=None)

    def _render(self, **changes: Any) -> None:
        shown = self._shown = self._wanted()
        if all(card.thing_id != self._selected for card in shown):
            self._selected = shown[0].thing_id if shown else ""
        tags = [Tag(phrase(f"distribusi.courier_shown.{self._filter.value}"), Tone.SOFT)]
        ticked = sum(card.thing_id in self._ticked for card in shown)
        if ticked:
            tags.append(Tag(phrase("distribusi.ticked", count=ticked), Tone.GOOD))
        message, problem = self._message()
        self._become(
            replace(
                self.state,
                rows=Rows(len(shown), len(self._all), lambda at: self._row(shown[at])),
                tags=tuple(tags),
                nothing=self._nothing(),
                numbers=self._numbers(),
                message=message,
                problem=problem,
                **changes,
            )
        )
        ways = (Command("next_filter", phrase("distribusi.filter"), Act.FILTER, Weight.PLAIN),)
        self._become(replace(self.state, ways=ways, bar=self._bar()))

    def _message(self) -> tuple[str, Problem | None]:
        ready = self._ready()
        try:
            return courier_message(self._dinas, [card.registration for card in ready]) if ready else "", None
        except InputError as error:  # a number that looks like a NIK never leaves
            return "", error.problem

    def _numbers(self) -> tuple[Number, ...]:
        counted = Counter(_state(card) for card in self._all)
        return tuple(
            Number(str(counted[state]), phrase(f"distribusi.courier.{state.value}"), _TONES[state]) for state in _TONES
        )

    def _row(self, card: CardCase) -> Row:
        state, run = _state(card), card.courier
        tag = Tag(courier_words(card), _TONES.get(state, Tone.NEUTRAL) if state else Tone.NEUTRAL)
        told: Words = ""
        if run is not None and state is _S.SIAP_DIAMBIL_KURIR:
            told = phrase("distribusi.untold")
            if run.told_at is not None:
                told = phrase("distribusi.told", at=self._desk.clock.local(run.told_at).strftime("%d-%m"))
        elif run is not None and run.attempts and card.place is Place.COURIER:
            told = phrase("distribusi.attempt_of", count=len(run.attempts), most=MOST_ATTEMPTS)
        return Row(
            card.thing_id,
            (
                TICK if card.thing_id in self._ticked else Cell(),
                Cell(card.registration, document_words(card.document), is_strong=True),
                Cell(card.name, card.masked_nik),
                Cell(card.village),
                Cell(told, tags=(tag,)),
            ),
        )

    def _nothing(self) -> Empty:
        if self._text.strip():
            return Empty(phrase("distribusi.not_found", text=self._text), phrase("distribusi.not_found_hint"))
        if self._all:
            return Empty(phrase("distribusi.none_shown"), phrase("distribusi.none_shown_hint"))
        return Empty(phrase("distribusi.no_courier"), phrase("distribusi.no_courier_hint"))

    def _bar(self) -> Bar:
        step = self._step() or Step.READY
        no_message: Words = "" if self.state.message else phrase("distribusi.no_message")
        not_yours: Words = "" if self._may else phrase("distribusi.not_yours")
        return Bar(
            BACK,
            (
                Command("print_slips", phrase("distribusi.blank_slip"), Act.NEW, refused=self._refused_slips()),
                Command("failed", phrase("distribusi.failed"), Act.REMOVE, refused=self._refused_failed()),
                Command("copy_message", phrase("distribusi.copy"), Act.ISSUE, refused=not_yours or no_message),
                Command(
                    "accept", phrase(f"distribusi.step.{step.value}"), Act.ACCEPT, Weight.PRIMARY, self._refused_step()
                ),
            ),
        )

    def _act(self, act: Callable[[], object], told: Words) -> None:
        def done(_result: object) -> None:
            self._is_acting = False
            self._ticked.clear()
            self._tell(told)
            self.start()

        self._is_acting = True
        self._tasks.run(STORE, act, done, self._refused)

    def _tell(self, words: Words) -> None:
        self._told += 1
        self._become(replace(self.state, problem=None, toast=Toast(words, Tone.GOOD, serial=self._told)))

    def _refused(self, problem: Problem) -> None:
        self._is_acting = False
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _state(card: CardCase) -> CourierState | None:
    return card.courier.state if card.courier else None


def _is_in(card: CardCase, shown: Shown) -> bool:
    state = _state(card)
    match shown:
        case Shown.PINTAR:
            return card.courier is not None or bool(card.application_id)
        case Shown.READY:
            return state is _S.SIAP_DIAMBIL_KURIR
        case Shown.OUT:
            return card.place is Place.COURIER
        case Shown.BACK:
            return state is _S.DIKEMBALIKAN
        case _:
            return card.place is Place.DINAS
