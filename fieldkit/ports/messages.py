"""The sentences a person reads, in the language that the kit speaks now."""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from fieldkit.domain.errors import Problem


class ProblemText(NamedTuple):
    """A problem in words: what happened, what is safe, what to do."""

    what: str
    safe: str
    do: str


class Messages(Protocol):
    """The message catalogue. Callers format numbers and dates before they pass them."""

    def text(self, key: str, /, **params: str | int) -> str:
        """Return the sentence of a key with its `{placeholders}` filled."""
        ...

    def problem(self, problem: Problem) -> ProblemText:
        """Return the three sentences of a problem."""
        ...


def told_by_code(messages: Messages, code: str) -> str:
    """Return what happened in words where only the code came over; what stood in it is unknown and shown as "…"."""
    return re.sub(r"\{\w+\}", "…", messages.problem(Problem(code, _Unknown())).what)


class _Unknown(dict[str, str | int]):
    def __missing__(self, _name: str) -> str:
        return "…"
