"""How the columns of a table share a room that is too narrow for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """Px that a column needs: whole heads and tags, words that still say something, everything."""

    hard: int
    least: int
    liked: int


def shared(room: int, widths: Sequence[int], needs: Sequence[Need]) -> list[int] | None:
    """Return a width in px for each column, or `None` where the widths as they are do.

    In `widths` 0 stands for a column that takes what is left. Who has more than it likes gives; who lacks the least
    gets first. Where there is room for everything nothing is cut.
    """
    takers = [at for at, width in enumerate(widths) if not width]
    rest = max(0, room - sum(widths)) // len(takers) if takers else 0
    given = [width or rest for width in widths]
    whole = all(has >= need.liked for has, need in zip(given, needs, strict=True))
    has_room = sum(need.liked for need in needs) <= room
    if all(has >= need.least for has, need in zip(given, needs, strict=True)) and (whole or not has_room):
        return None
    if sum(need.hard for need in needs) > room:  # too little for all: what is over is rolled to
        return [need.hard for need in needs]
    steps = [(need.least, need.liked) for need in needs]
    if sum(need.least for need in needs) > room:
        steps = [(need.hard, need.least) for need in needs]
    wanted = [max(0, high - low) for low, high in steps]
    part = min(1.0, (room - sum(low for low, _ in steps)) / sum(wanted)) if any(wanted) else 0.0
    fair = [low + int(wants * part) for (low, _), wants in zip(steps, wanted, strict=True)]
    over = takers or [len(fair) - 1]
    fair[over[0]] += room - sum(fair)
    return fair
