"""What the core asks of whoever looks after the laptop: what is wrong with it, and one file for who helps from afar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fieldkit.domain.errors import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the checklist: `name` is a message key behind `doctor.`, `problem` a fault with its remedy.

    What is not needed only warns. `is_private` marks a detail that tells of a person or a place.
    """

    name: str
    problem: Problem | None = None
    detail: str = ""
    is_needed: bool = True
    is_private: bool = False

    @property
    def is_ok(self) -> bool:
        """Return whether nothing is wrong here."""
        return self.problem is None

    @property
    def exit_code(self) -> int:
        """Return 3 for what stops work, 0 for what is well or only warns."""
        return 3 if self.problem is not None and self.is_needed else 0


class LaptopCheck(Protocol):
    """The laptop under this kit. Both acts block for seconds."""

    def examine(self) -> Sequence[Finding]:
        """Look, and change nothing."""
        ...

    def diagnose(self, place: str) -> Path:
        """Write the diagnostics file into a folder, or at a path that ends in .zip; return where it is.

        It bears no personal data and no secret. Raise `InputError`, `OSError`.
        """
        ...
