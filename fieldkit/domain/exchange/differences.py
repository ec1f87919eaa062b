"""Where several bodies of one thing differ, field by field, and a body made of chosen parts of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

Body = Mapping[str, Any]


def differing(bodies: Sequence[Body]) -> tuple[str, ...]:
    """Return the paths (`biodata.name`) at which they are not all the same; lists are taken as a whole."""
    return tuple(_differing("", [dict(body) for body in bodies]))


def value_at(body: Body, path: str) -> Any:
    """Return what a body has at a path, None where it has nothing."""
    found: Any = body
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def combined(bodies: Sequence[Body], chosen: int, picks: Mapping[str, int]) -> dict[str, Any]:
    """Return the chosen body with those fields of others that were picked: path → which body."""
    made: dict[str, Any] = copy.deepcopy(dict(bodies[chosen]))
    for path, number in picks.items():
        *way, last = path.split(".")
        place = made
        for name in way:
            place = place[name]
        place[last] = copy.deepcopy(value_at(bodies[number], path))
    return made


def _differing(before: str, bodies: Sequence[Body]) -> list[str]:
    found = []
    for name in dict.fromkeys(name for body in bodies for name in body):
        values: list[Any] = [body.get(name) for body in bodies]
        if all(value == values[0] for value in values):
            continue
        if all(isinstance(value, Mapping) for value in values):
            found += _differing(f"{before}{name}.", values)
        else:
            found.append(f"{before}{name}")
    return found
