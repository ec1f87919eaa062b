"""What the core asks about a person among those recorded here (1:N), and where it keeps what they are compared by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.samples import Sample


@dataclass(frozen=True, slots=True)
class SamePerson:
    """A record whose fingers are taken for this person's: which, and the highest score."""

    record_id: str
    fingers: tuple[Position, ...]
    score: float


class PersonFinder(Protocol):
    """Compares the fingers of one person with those of many. What it says is advice."""

    @property
    def method(self) -> str:
        """Return algorithm and version."""
        ...

    def describe(self, samples: Sequence[Sample]) -> bytes:
        """Return what the fingers among the samples are compared by later, no images; b"" when none can be read."""
        ...

    def find(
        self, samples: Sequence[Sample], held: Collection[str], load: Callable[[str], bytes]
    ) -> Sequence[SamePerson]:
        """Return the records among `held` that seem to be of this person, the most alike first.

        `load` returns what `describe` made of a record; the likeliest are loaded once more.
        """
        ...

    def find_owners(
        self, samples: Sequence[Sample], held: Collection[str], load: Callable[[str], bytes]
    ) -> Sequence[SamePerson]:
        """Return whose fingers among `held` are laid under any of the positions; `record_id` is theirs in `held`."""
        ...


class FingerTemplates(Protocol):
    """What `describe` made of sealed records that no receipt proves yet, and of the kit's operators."""

    def keep(self, record_id: str, content: bytes) -> None:
        """Insert what is kept of a record."""
        ...

    def get(self, record_id: str) -> bytes:
        """Return what is kept of a record. Raise `StoreError("store.not_found")`."""
        ...

    def held(self) -> frozenset[str]:
        """Return the ids of the records of which something is kept."""
        ...

    def erase(self, record_id: str) -> None:
        """Erase what is kept of a record; an unknown one is no error."""
        ...
