"""Planted bugs: each says which fact must give it away, and only that fact counts as caught.

A plant that breaks (its signature is stale, it raises what is no `KnownError`, its process dies by itself) says nothing
about its harness. It must never pass for a bug that was caught.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

# What the disk refuses may well be the fact itself; everything else of Python's own is a mistake of the plant.
_MISTAKES = [
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, (OSError, Warning))
]
_BROKEN = re.compile(rf"Traceback \(most recent call last\)|died by itself|\b(?:{'|'.join(_MISTAKES)})\b")


@dataclass(frozen=True)
class PlantedBug:
    """A bug on purpose. `fact` is a regular expression of the fault that must give it away."""

    name: str
    fact: str
    plant: Callable[..., object] = lambda *_: None  # puts it in place, where no argument of a program does


HONEST = PlantedBug("", "")
"""No bug: the program as it is."""


def mistakes_in(noise: str) -> list[str]:
    """Return the lines of what processes wrote on standard error that only a mistake of a plant, or of ours, makes."""
    return [line for line in noise.splitlines() if _BROKEN.search(line)]


def demand_caught(found: Collection[str], bug: PlantedBug) -> None:
    """See that a harness found the fact of a bug, and print it.

    Raise `AssertionError` when nothing or only something else was found, and when the plant itself broke.
    """
    whole = "\n  ".join(found)
    if broken := _BROKEN.search(whole):
        raise AssertionError(f"the plant of {bug.name!r} broke ({broken[0]}), it proves nothing:\n  {whole}")
    if not found:
        raise AssertionError(f"{bug.name!r} was not caught: nothing was found, not {bug.fact!r}")
    facts = [line for line in found if re.search(bug.fact, line)]
    if not facts:
        raise AssertionError(f"{bug.name!r} was not given away by {bug.fact!r} but by:\n  {whole}")
    print(f"\n  caught: {bug.name}: {facts[0]}")


def demand_quiet(found: Collection[str], bug: PlantedBug) -> None:
    """See that an act, with a planted bug or without, ends as it should where nothing happens to it.

    Raise `AssertionError` when it does not: then its plant broke, or a fault would be found without any harness.
    """
    if found:
        who = repr(bug.name or "the program")
        raise AssertionError(f"{who} does not end as it should when nothing happens:\n  " + "\n  ".join(found))
