"""Perbedaan: what was changed on two laptops that did not know of each other; Enter shows both sides."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.services.context.desk import Desk
from fieldkit.services.exchange.settle_conflicts import Conflict, Side
from ui.presenters.acts import Act
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Weight
from ui.presenters.exchange.conflict_words import kind_words
from ui.presenters.figures import Cell
from ui.presenters.lists import Head, Listed, ListScreen
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Empty
from ui.presenters.words import phrase


class Conflicts:
    """Lists what differs; everything stays on both sides until somebody chooses."""

    def __init__(self, desk: Desk, navigator: Navigator) -> None:
        self._desk, self._navigator = desk, navigator

    def screen(self) -> ListScreen[Conflict]:
        """Return the list."""
        return ListScreen(
            title=phrase("conflicts.title"),
            heads=(
                Head(phrase("conflicts.what"), lambda c: Cell(kind_words(c.kind)), 190, lambda c: c.kind),
                Head(phrase("conflicts.whose"), _about, 0, lambda c: c.about or c.activity),
                Head(phrase("conflicts.one"), lambda c: self._side(c.sides[0]), 270, lambda c: c.sides[0].at),
                Head(phrase("conflicts.other"), lambda c: self._side(c.sides[1]), 270, lambda c: c.sides[1].at),
            ),
            load=self._desk.office.conflicts.all,
            name=lambda conflict: f"{conflict.kind} {conflict.thing_id}",
            text=lambda conflict: f"{conflict.about} {conflict.activity}",
            empty=lambda _listed: Empty(phrase("conflicts.none"), phrase("conflicts.none_hint")),
            commands=self._commands,
            hint=phrase("conflicts.search"),
        )

    def _commands(self, listed: Listed[Conflict]) -> tuple[Command, ...]:
        conflict = listed.current
        if conflict is None:
            return ()
        show = Command("accept", phrase("conflicts.show"), Act.ACCEPT, Weight.PRIMARY)
        go = self._navigator.push
        return (replace(show, runs=lambda: go("conflict", kind=conflict.kind, thing_id=conflict.thing_id)),)

    def _side(self, side: Side) -> Cell:
        at = moment_text(self._desk.clock.local(side.at))
        return Cell(phrase("conflicts.side", kit=side.kit, name=side.by) if side.by else side.kit, at)


def _about(conflict: Conflict) -> Cell:
    return Cell(conflict.about or conflict.activity, conflict.activity if conflict.about else "", is_strong=True)
