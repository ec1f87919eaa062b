"""Jadwal distribusi: when documents go where, and who brings them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.cards.card import CardCase, Place, Stop
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.amounts import day_text
from ui.presenters.cards.distribution_words import place_words
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows, rows_of
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("distribusi.field.on"), 170),
    Column(phrase("distribusi.to"), 190),
    Column(phrase("distribusi.field.where")),
    Column(phrase("distribusi.field.by"), 280),
    Column(phrase("distribusi.waiting_there"), 220),
)
NEW_STOP = "-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionPlanState(ViewState):
    """The stops, in the order of their days."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING


class DistributionPlanPresenter(Presenter[DistributionPlanState]):
    """Shows the schedule of an activity; who may plan also changes it."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        super().__init__(DistributionPlanState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._activity_id = desk, tasks, navigator, activity_id
        self._handover = desk.office.handover
        self._text, self._selected = "", ""
        self._stops: Sequence[Stop] = ()
        self._cards: Sequence[CardCase] = ()

    def start(self) -> None:
        """Read the schedule."""
        self._tasks.run(STORE, self._load, lambda found: self._loaded(*found), self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Find a stop by its place or by who goes there."""
        self._text = text
        self._render()

    def select(self, name: str) -> None:
        """Stand on a stop."""
        self._selected = name
        self._become(replace(self.state, bar=self._bar()))

    def accept(self) -> None:
        """Change the stop under the cursor."""
        if self._selected and self._may:
            self._navigator.push("distribution_stop", activity_id=self._activity_id, at=self._selected)

    def add(self) -> None:
        """Write a new stop."""
        if self._may:
            self._navigator.push("distribution_stop", activity_id=self._activity_id, at=NEW_STOP)

    def remove(self) -> None:
        """Take the stop under the cursor off the schedule."""
        if not self._selected or not self._may:
            return
        rest = [stop for place, stop in enumerate(self._stops) if str(place) != self._selected]
        plan = self._handover.plan_distribution
        self._tasks.run(STORE, lambda: plan(self._activity_id, rest), lambda _: self.start(), self._refused)

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    @property
    def _may(self) -> bool:
        return self._desk.user.may(Permission.PLAN)

    def _load(self) -> tuple[Sequence[Stop], Sequence[CardCase]]:
        plan = self._handover.distribution(self._activity_id)
        waiting = [each.card for each in self._handover.undelivered(self._activity_id)]
        return plan.stops if plan else (), waiting

    def _loaded(self, stops: Sequence[Stop], cards: Sequence[CardCase]) -> None:
        self._stops, self._cards = stops, cards
        self._render(stage=Stage.CONTENT, problem=None, retry=None)

    def _render(self, **changes: Any) -> None:
        wanted = self._text.casefold().strip()
        shown = {
            str(place): stop
            for place, stop in enumerate(self._stops)
            if wanted in f"{stop.where} {stop.by} {day_text(stop.on)}".casefold()
        }
        if self._selected not in shown:
            self._selected = next(iter(shown), "")
        today = self._desk.clock.today()
        left = sum(stop.on >= today for stop in self._stops)
        rows = tuple(self._row(name, stop) for name, stop in shown.items())
        may_add = Command("add", phrase("distribusi.add_stop"), Act.NEW, Weight.PRIMARY) if self._may else None
        hint = phrase("distribusi.no_stops_hint" if self._may else "distribusi.plan_not_yours")
        self._become(
            replace(
                self.state,
                rows=rows_of(rows, len(self._stops)),
                tags=(
                    Tag(phrase("distribusi.stops_left", count=left), Tone.SOFT),
                    Tag(phrase("distribusi.documents_left", count=len(self._cards)), Tone.NEUTRAL),
                ),
                nothing=Empty(phrase("distribusi.no_stops"), hint, may_add if not self._stops else None),
                bar=self._bar(),
                **changes,
            )
        )

    def _row(self, name: str, stop: Stop) -> Row:
        there = sum(card.village.casefold() in stop.where.casefold() for card in self._cards if card.village)
        is_over = stop.on < self._desk.clock.today()
        return Row(
            name,
            (
                Cell(day_text(stop.on), is_strong=True, is_muted=is_over),
                Cell(tags=(Tag(place_words(stop.to), Tone.NEUTRAL if is_over else Tone.SOFT),)),
                Cell(stop.where),
                Cell(stop.by),
                Cell(phrase("distribusi.documents", count=there) if stop.to is not Place.KECAMATAN else "–"),
            ),
        )

    def _bar(self) -> Bar:
        not_yours: Words = "" if self._may else phrase("distribusi.plan_not_yours")
        none: Words = not_yours or ("" if self._selected else phrase("distribusi.choose_stop"))
        return Bar(
            BACK,
            (
                Command("remove", phrase("act.remove"), Act.REMOVE, Weight.PLAIN, none),
                Command("add", phrase("distribusi.add_stop"), Act.NEW, refused=not_yours),
                Command("accept", phrase("distribusi.change_stop"), Act.ACCEPT, Weight.PRIMARY, none),
            ),
        )

    def _refused(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))
