"""Jadwal distribusi: when documents go where, and who brings them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.cards.card import CardCase, Distribution, Place, Stop
from fieldkit.domain.people.accounts import Permission
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.lists import Head, Listed, ListScreen
from ui.presenters.messages import Message, message
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Empty, Tag, Tone

NEW_STOP = -1


@dataclass(frozen=True, slots=True)
class Planned:
    """A stop at its place of the schedule, and how many documents wait for it."""

    at: int
    stop: Stop
    waiting: int


class DistributionPlan(OfficeList):
    """Shows the schedule of an activity; who may plan also changes it."""

    _needs = (Permission.PLAN, "distribusi.plan_not_yours")

    def screen(self) -> ListScreen[Planned]:
        """Return the stops, in the order of their days."""
        on: Head[Planned] = Head(
            message("common.day"),
            lambda p: Cell(day_text(p.stop.on), is_strong=True, is_muted=self._is_over(p)),
            170,
            lambda p: p.stop.on,
        )
        return ListScreen(
            title=message("distribusi.plan_title"),
            heads=(
                on,
                Head.tagged(message("distribusi.to"), self._to, 190, lambda p: p.stop.to),
                Head.plain(message("common.place"), lambda p: p.stop.where),
                Head.plain(message("distribusi.field.by"), lambda p: p.stop.by, 280),
                Head(message("distribusi.waiting_there"), _waiting, 220, lambda p: p.waiting),
            ),
            load=self._load,
            name=lambda p: str(p.at),
            text=lambda p: f"{p.stop.where} {p.stop.by} {day_text(p.stop.on)}",
            reads=frozenset({Distribution.KIND, CardCase.KIND}),
            empty=self._nothing,
            commands=self._commands,
            hint=message("distribusi.plan_search"),
        )

    def _load(self) -> Sequence[Planned]:
        handover = self._office.handover
        plan, waiting = handover.distribution(self._of), handover.undelivered(self._of)
        villages = [each.card.village.casefold() for each in waiting if each.card.village]
        return [
            Planned(at, stop, sum(village in stop.where.casefold() for village in villages))
            for at, stop in enumerate(plan.stops if plan else ())
        ]

    def _is_over(self, planned: Planned) -> bool:
        return planned.stop.on < self._context.clock.today()

    def _to(self, planned: Planned) -> Tag:
        return Tag(
            message(f"distribusi.place.{planned.stop.to.value}"), Tone.NEUTRAL if self._is_over(planned) else Tone.SOFT
        )

    def _commands(self, listed: Listed[Planned]) -> tuple[Command, ...]:
        planned = listed.current
        none = self._not_yours or ("" if planned else message("distribusi.choose_stop"))
        remove = self._remove([each.stop for each in listed.everything], planned) if planned else None
        at, change = planned.at if planned else NEW_STOP, message("common.change")
        return (
            Command("remove", message("act.remove"), Action.REMOVE, Weight.DANGER, none, remove),
            self._writes("add", message("distribusi.add_stop"), Action.NEW, self._not_yours, NEW_STOP),
            self._writes("accept", change, Action.ACCEPT, none, at),
        )

    def _remove(self, stops: Sequence[Stop], planned: Planned) -> Operation[Distribution]:
        plan = self._office.handover.plan_distribution
        rest = [stop for at, stop in enumerate(stops) if at != planned.at]
        return Operation(
            work=lambda: plan(self._of, rest),
            told=lambda _: message("distribusi.stop_removed", where=planned.stop.where),
            undo=lambda _: Operation(work=lambda: plan(self._of, stops)),
        )

    def _writes(self, name: str, words: Message, act: Action, refused: Message, at: int) -> Command:
        return self._opens(name, words, act, refused, "distribution_stop", activity_id=self._of, at=str(at))

    def _nothing(self, _listed: Listed[Planned]) -> Empty:
        if self._not_yours:
            return Empty(message("distribusi.no_stops"), self._not_yours)
        add = self._writes("add", message("distribusi.add_stop"), Action.NEW, "", NEW_STOP)
        return Empty.of("distribusi.no_stops", replace(add, weight=Weight.PRIMARY))


def _waiting(planned: Planned) -> Cell:
    return Cell("–" if planned.stop.to is Place.KECAMATAN else message("distribusi.documents", count=planned.waiting))
