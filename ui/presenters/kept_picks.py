"""What somebody picked lately stands with their drafts in the encrypted store, and is there after a restart."""

from __future__ import annotations

from fieldkit.domain.errors import Problem
from fieldkit.domain.typed import DraftName
from fieldkit.services.unit_of_work import KeepDrafts
from ui.presenters.picking import Picks, Recent
from ui.presenters.tasks import STORE, Tasks

PICKED = DraftName("picked")
_BETWEEN = "\n"  # no name of a choice has one


def follow(recent: Recent, drafts: KeepDrafts, tasks: Tasks) -> None:
    """Bring back what the person who signed in picked before, and keep what they pick from now on."""
    recent.forget()

    def keep(picks: Picks) -> None:
        fields = {kind: _BETWEEN.join(names) for kind, names in picks.items()}
        tasks.write(lambda: drafts.keep(PICKED, fields), _unkept)

    def read() -> Picks:
        left = drafts.find(PICKED)
        return {kind: tuple(text.split(_BETWEEN)) for kind, text in left.fields.items()} if left else {}

    def remember(picks: Picks) -> None:
        if recent.keep is keep:  # else somebody else is here by now
            recent.remember(picks)

    recent.keep = keep
    tasks.run(STORE, read, remember, _unkept)


def _unkept(_problem: Problem) -> None:
    """Go on without: the order of a list is nothing to stop anybody for."""
