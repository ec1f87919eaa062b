"""Distribusi: every printed document and where it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.messages import Messages
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.cards.distribution_words import (
    LATE_DAYS,
    document_words,
    facts_of,
    numbers_of,
    place_tag,
    waited,
    waited_words,
)
from ui.presenters.cards.slip_printing import MOST_SLIPS, SlipPrinting
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows
from ui.presenters.form import SEPARATOR
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.planning.sop_figures import Fact
from ui.presenters.presenter import Presenter
from ui.presenters.printing import Printing
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column("", 44),
    Column(phrase("distribusi.person")),
    Column(phrase("distribusi.document"), 190),
    Column(phrase("distribusi.village"), 170),
    Column(phrase("distribusi.where"), 300),
)
TICK = Cell("✓", is_strong=True)


class Shown(StrEnum):
    """What the list shows."""

    WAITING = "waiting"  # with nobody yet
    DINAS = "dinas"
    KECAMATAN = "kecamatan"
    DESA = "desa"
    COURIER = "courier"
    RETURNED = "returned"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionState(ViewState):
    """The documents as filtered and searched, and the one under the cursor."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    numbers: tuple[Number, ...] = ()
    about: Words = ""
    facts: tuple[Fact, ...] = ()
    ways: tuple[Command, ...] = ()  # beside the list: the bar has no room for them


class DistributionPresenter(Presenter[DistributionState]):
    """Answers where a document is, and leads to handing it over."""

    def __init__(
        self,
        desk: Desk,
        tasks: Tasks,
        navigator: Navigator,
        printing: Printing,
        messages: Messages,
        activity_id: str = "",
    ) -> None:
        super().__init__(DistributionState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._printing, self._messages = printing, messages
        self._handover, self._activity_id = desk.office.handover, activity_id
        self._text, self._filter, self._selected, self._told = "", Shown.WAITING, "", 0
        self._all: Sequence[CardCase] = ()
        self._shown: Sequence[CardCase] = ()
        self._ticked: set[str] = set()
        self._slips = SlipPrinting(desk, tasks, printing, self._printed, self._refused)

    def start(self) -> None:
        """Read the list anew."""
        text = self._text
        self._tasks.run(STORE, lambda: self._handover.all(self._activity_id, text), self._read, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Find a document by name, registration number or village."""
        self._text = text
        self.start()

    def next_filter(self) -> None:
        """Show what is at the next place."""
        shown = tuple(Shown)
        self._filter = shown[(shown.index(self._filter) + 1) % len(shown)]
        self._ticked.clear()
        self._render()

    def select(self, card_id: str) -> None:
        """Tell about a row."""
        self._selected = card_id
        self._point()

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
        """Hand over what is chosen."""
        self._go("handover", self._refused_handover())

    def failed(self) -> None:
        """Note that a document could not be handed over, or that it came back."""
        self._go("handover_failed", self._refused_handover())

    def write_ba(self) -> None:
        """Write the BA serah terima of what is chosen."""
        self._go("handover_ba", self._refused_handover())

    def schedule(self) -> None:
        """Go to the schedule of the distribution."""
        activity_id = self._activity_of_plan()
        if activity_id:
            self._navigator.push("distribution_plan", activity_id=activity_id)

    def print_slips(self) -> None:
        """Print the tanda terima: filled when somebody has the document, blank for the door otherwise."""
        if not self._refused_slips():
            self._slips.print([card.thing_id for card in self._chosen()])

    def export(self) -> None:
        """Write what is with nobody yet into a file."""
        if not self._desk.user.may(Permission.HAND_OVER):
            return

        def save() -> Words:
            name, content = self._handover.export_undelivered(self._activity_id, self._messages)
            return phrase("distribusi.exported", where=self._printing.save(name, content))

        self._tasks.run(STORE, save, self._printed, self._refused)

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    # --- what is chosen

    def _chosen(self) -> Sequence[CardCase]:
        """Return what is ticked, or the row under the cursor."""
        ticked = [card for card in self._shown if card.thing_id in self._ticked]
        return ticked or [card for card in self._shown if card.thing_id == self._selected]

    def _go(self, screen: str, refused: Words) -> None:
        if not refused:
            self._navigator.push(screen, card_ids=SEPARATOR.join(card.thing_id for card in self._chosen()))

    def _refused_handover(self) -> Words:
        if not self._desk.user.may(Permission.HAND_OVER):
            return phrase("distribusi.not_yours")
        chosen = self._chosen()
        if not chosen:
            return phrase("distribusi.choose_first")
        if any(card.receipt is not None for card in chosen):
            return phrase("distribusi.received_already")
        return ""

    def _refused_slips(self) -> Words:
        if not self._desk.user.may(Permission.HAND_OVER):
            return phrase("distribusi.not_yours")
        count = len(self._chosen())
        if not count:
            return phrase("distribusi.choose_first")
        return phrase("distribusi.too_many_slips", most=MOST_SLIPS) if count > MOST_SLIPS else ""

    def _activity_of_plan(self) -> str:
        chosen = self._chosen()
        return self._activity_id or (chosen[0].activity_id if chosen else "")

    # --- showing

    def _printed(self, words: Words) -> None:
        self._told += 1
        self._become(replace(self.state, problem=None, toast=Toast(words, Tone.GOOD, serial=self._told)))

    def _read(self, cards: Sequence[CardCase]) -> None:
        self._all = cards
        self._ticked &= {card.thing_id for card in cards}
        self._render(stage=Stage.CONTENT, problem=None, retry=None)

    def _render(self, **changes: Any) -> None:
        shown = self._shown = [card for card in self._all if _is_in(card, self._filter)]
        if all(card.thing_id != self._selected for card in shown):
            self._selected = shown[0].thing_id if shown else ""
        late = sum(card.receipt is None and waited(card, self._desk.clock).days >= LATE_DAYS for card in self._all)
        tags = [Tag(phrase(f"distribusi.shown.{self._filter.value}"), Tone.SOFT)]
        ticked = sum(card.thing_id in self._ticked for card in shown)
        if ticked:
            tags.append(Tag(phrase("distribusi.ticked", count=ticked), Tone.GOOD))
        elif late:
            tags.append(Tag(phrase("distribusi.late", count=late, days=LATE_DAYS), Tone.CAUTION))
        self._become(
            replace(
                self.state,
                rows=Rows(len(shown), len(self._all), lambda at: self._row(shown[at])),
                tags=tuple(tags),
                nothing=self._nothing(),
                numbers=numbers_of(self._all),
                **changes,
            )
        )
        self._point()

    def _point(self) -> None:
        """Tell about the row under the cursor. The rows stay: laid anew they would move the cursor, and so on."""
        current = next((card for card in self._shown if card.thing_id == self._selected), None)
        about = current.name if current else ""
        facts = facts_of(current, self._desk.clock) if current else ()
        no_plan: Words = "" if self._activity_of_plan() else phrase("distribusi.no_activity")
        not_yours: Words = "" if self._desk.user.may(Permission.HAND_OVER) else phrase("distribusi.not_yours")
        ways = (
            Command("export", phrase("distribusi.export"), Act.RECAP, Weight.PLAIN, not_yours),
            Command("next_filter", phrase("distribusi.filter"), Act.FILTER, Weight.PLAIN),
            Command("schedule", phrase("distribusi.schedule"), Act.CALENDAR, Weight.PLAIN, no_plan),
        )
        self._become(replace(self.state, about=about, facts=facts, ways=ways, bar=self._bar()))

    def _row(self, card: CardCase) -> Row:
        return Row(
            card.thing_id,
            (
                TICK if card.thing_id in self._ticked else Cell(),
                Cell(card.name, card.masked_nik, is_strong=True),
                Cell(document_words(card.document), card.registration),
                Cell(card.village),
                Cell(waited_words(card, self._desk.clock), tags=(place_tag(card),)),
            ),
        )

    def _nothing(self) -> Empty:
        if self._text.strip():
            return Empty(phrase("distribusi.not_found", text=self._text), phrase("distribusi.not_found_hint"))
        if self._all:
            return Empty(phrase("distribusi.none_shown"), phrase("distribusi.none_shown_hint"))
        return Empty(phrase("distribusi.empty"), phrase("distribusi.empty_hint"))

    def _bar(self) -> Bar:
        refused = self._refused_handover()
        is_received = any(card.receipt is not None for card in self._chosen())
        slip = phrase("distribusi.receipt" if is_received else "distribusi.blank_slip")
        return Bar(
            BACK,
            (
                Command("print_slips", slip, Act.ISSUE, refused=self._refused_slips()),
                Command("failed", phrase("distribusi.failed"), Act.REMOVE, refused=refused),
                Command("write_ba", phrase("distribusi.write_ba"), Act.NEW, refused=refused),
                Command("accept", phrase("distribusi.hand_over"), Act.ACCEPT, Weight.PRIMARY, refused),
            ),
        )

    def _refused(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _is_in(card: CardCase, shown: Shown) -> bool:
    if shown is Shown.WAITING:
        return card.receipt is None
    if shown is Shown.RETURNED:
        return card.is_returned
    return card.place.value == shown.value
