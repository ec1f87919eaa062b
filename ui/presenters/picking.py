"""Choosing from many by typing: a part of any word or the code finds a choice, those picked lately come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from ui.presenters.parts import Choice
from ui.presenters.presenter import Message, message

STAFF = "staff"  # the kind of whoever works for the dinas: crew of a plan, signer of letters
Picks: TypeAlias = Mapping[str, tuple[str, ...]]  # names by kind, the latest first
_MOST = 8


def _nowhere(_picks: Picks) -> None:
    """Keep nothing: nobody is signed in."""


class Recent:
    """What somebody picked lately, kind by kind. `keep` is told of each pick; `kept_picks.follow` says where to."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self.keep: Callable[[Picks], None] = _nowhere

    def remember(self, picks: Picks) -> None:
        """Take what was picked before, behind what was picked since."""
        for kind, names in picks.items():
            self._names[kind] = tuple(dict.fromkeys((*self.of(kind), *names)))[:_MOST]

    def forget(self) -> None:
        """Forget the person who was here."""
        self._names, self.keep = {}, _nowhere

    def note(self, kind: str, name: str) -> None:
        """Put a name in front of the others of its kind."""
        self._names[kind] = (name, *(other for other in self.of(kind) if other != name))[:_MOST]
        self.keep(dict(self._names))

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


def sexes() -> tuple[Choice, ...]:
    """Return the choices of a field that asks for the sex."""
    from fieldkit.domain.nik import Sex  # on demand: the sign-in screen asks for none

    return tuple(Choice(sex.value, message(f"biodata.sex_{sex.value.lower()}")) for sex in Sex)


def marital_statuses() -> tuple[Choice, ...]:
    """Return the choices of a field that asks for the marital status, by code."""
    from fieldkit.domain.nik import MaritalStatus

    return tuple(Choice(str(each.value), message(f"counter.married_{each.name.lower()}")) for each in MaritalStatus)


def offered(names: Iterable[str]) -> tuple[Choice, ...]:
    """Return names as the choices of a field in which others may be typed."""
    return tuple(Choice(name, name) for name in names if name)
