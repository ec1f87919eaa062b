"""Lines of short lists: to be ticked, or to be put in order."""

from __future__ import annotations

from dataclasses import dataclass

from ui.presenters.parts import Tag
from ui.presenters.words import Words


@dataclass(frozen=True, slots=True)
class Line:
    """A line; `is_on` None has no tick box. `name` comes back when it is ticked or moved."""

    name: str
    words: Words
    detail: Words = ""
    is_on: bool | None = None
    tag: Tag | None = None


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field of a form as shown; `problem` takes the place of the hint, `refused` locks it and says why."""

    name: str
    label: Words
    text: str = ""
    problem: Words = ""
    hint: Words = ""
    refused: Words = ""
