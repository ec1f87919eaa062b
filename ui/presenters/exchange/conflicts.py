"""Perbedaan: what was changed on two laptops that did not know of each other; Enter shows both sides."""

from __future__ import annotations

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.exchange.settle_conflicts import Conflict, Side
from ui.presenters.actions import Action
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command
from ui.presenters.exchange.conflict_messages import kind_words, side_words
from ui.presenters.figures import Cell
from ui.presenters.lists import Head, Listed, ListScreen
from ui.presenters.messages import message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Empty


class Conflicts:
    """Lists what differs; everything stays on both sides until somebody chooses."""

    def __init__(self, context: AppContext, navigator: Navigator) -> None:
        self._context, self._navigator = context, navigator

    def screen(self) -> ListScreen[Conflict]:
        """Return the list."""
        return ListScreen(
            title=message("conflicts.title"),
            heads=(
                Head(message("conflicts.what"), lambda c: Cell(kind_words(c.kind)), 190, lambda c: c.kind),
                Head(message("conflicts.whose"), _about, 0, lambda c: c.about or c.activity),
                Head(message("conflicts.one"), lambda c: self._side(c.sides[0]), 270, lambda c: c.sides[0].at),
                Head(message("conflicts.other"), lambda c: self._side(c.sides[1]), 270, lambda c: c.sides[1].at),
            ),
            load=self._context.office.conflicts.all,
            name=lambda conflict: f"{conflict.kind} {conflict.thing_id}",
            text=lambda conflict: f"{conflict.about} {conflict.activity}",
            empty=lambda _listed: Empty.of("conflicts.none"),
            commands=self._commands,
            hint=message("conflicts.search"),
        )

    def _commands(self, listed: Listed[Conflict]) -> tuple[Command, ...]:
        conflict = listed.current
        if conflict is None:
            return ()
        of = {"kind": conflict.kind, "thing_id": conflict.thing_id}
        return (opening(self._navigator, "accept", message("conflicts.show"), Action.ACCEPT, "", "conflict", **of),)

    def _side(self, side: Side) -> Cell:
        at = moment_text(self._context.clock.local(side.at))
        return Cell(side_words(side), at)


def _about(conflict: Conflict) -> Cell:
    return Cell(conflict.about or conflict.activity, conflict.activity if conflict.about else "", is_strong=True)
