"""Choosing from many by typing: a part of any word or the code finds a choice, those picked lately come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ui.presenters.messages import Message
from ui.presenters.parts import Choice


class Recent:
    """What was picked lately, kind by kind, as long as the window lives."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}

    def note(self, kind: str, name: str) -> None:
        """Put a name in front of the others of its kind."""
        self._names[kind] = (name, *(other for other in self.of(kind) if other != name))

    def of(self, kind: str) -> tuple[str, ...]:
        """Return the names of a kind, the latest first."""
        return self._names.get(kind, ())


def matching(
    choices: Sequence[Choice], typed: str, recent: Sequence[str], say: Callable[[Message], str]
) -> tuple[Choice, ...]:
    """Return the choices that have every typed part: picked lately, then those with a word that begins so."""
    parts = typed.casefold().split()
    found: list[tuple[int, bool, int, Choice]] = []
    for at, choice in enumerate(choices):
        text = f"{say(choice.words)} {say(choice.detail)}".casefold()
        if all(part in text for part in parts):
            lately = recent.index(choice.name) if choice.name in recent else len(recent)
            begins = any(word.startswith(parts[0]) for word in text.split()) if parts else True
            found.append((lately, not begins, at, choice))
    return tuple(choice for *_, choice in sorted(found, key=lambda each: each[:3]))


def offered(names: Iterable[str]) -> tuple[Choice, ...]:
    """Return names as the choices of a field in which others may be typed."""
    return tuple(Choice(name, name) for name in names if name)
