"""Where the SOPs of the kabupaten come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fieldkit.domain.errors import Problem
from fieldkit.domain.sop.profile import SopProfile


@dataclass(frozen=True, slots=True)
class ProfilesRead:
    """What could be read, by name, and every mistake of the files that could not."""

    profiles: tuple[SopProfile, ...]
    mistakes: tuple[Problem, ...] = ()


class SopProfiles(Protocol):
    """The SOPs that come with the program, and those that a dinas put beside them."""

    def read(self) -> ProfilesRead:
        """Return all of them; a faulty file keeps nobody from the others."""
        ...
