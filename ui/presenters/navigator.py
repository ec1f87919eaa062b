"""How a presenter goes to another screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import Message


class Navigator(Protocol):
    """The way through the screens, by the names that the bootstrap registered; `params` go to the factory."""

    def push(self, name: str, **params: str) -> None:
        """Open a screen on top; `back` returns here."""
        ...

    def back(self) -> None:
        """Close the screen on top; the lowest one stays."""
        ...

    def replace(self, name: str, **params: str) -> None:
        """Open a screen in the place of the one on top."""
        ...

    def restart(self, name: str, **params: str) -> None:
        """Close all screens and open this one."""
        ...


@dataclass(frozen=True, slots=True)
class Opens:
    """Opens a screen when it is called. Two that open the same are the same: a screen that reads nothing new stays."""

    navigator: Navigator
    screen: str
    params: Mapping[str, str] = field(hash=False)

    def __call__(self) -> None:
        """Open it."""
        self.navigator.push(self.screen, **self.params)


def opens(navigator: Navigator, screen: str, **params: str) -> Opens:
    """Return what opens a screen."""
    return Opens(navigator, screen, params)


def opening(
    navigator: Navigator, name: str, words: Message, act: Action | None, refused: Message, screen: str, **params: str
) -> Command:
    """Return the command that opens a screen; the one of Enter is the primary one."""
    weight = Weight.PRIMARY if act is Action.ACCEPT else Weight.SECOND
    return Command(name, words, act, weight, refused, Opens(navigator, screen, params))
