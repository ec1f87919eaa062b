"""How a presenter goes to another screen."""

from __future__ import annotations

from typing import Protocol


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
