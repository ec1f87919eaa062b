"""A finder of persons that says what the test wants."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.positions import FINGERS
from fieldkit.ports.recording import SamePerson


class NikByRote:
    """A `NikKey` for tests: the digest need not be secret here."""

    def digest(self, nik: str) -> str:
        return nik[::-1]


class NobodyElse:
    """A `PersonFinder` that finds the `same` records, nobody at first; it describes samples by their number."""

    method = "rote 1"

    def __init__(self) -> None:
        self.same: list[SamePerson] = []
        self.owners: list[SamePerson] = []
        self.error: Exception | None = None

    def describe(self, samples: Sequence[Sample]) -> bytes:
        return bytes([sum(sample.position in FINGERS for sample in samples)])

    def find(
        self, samples: Sequence[Sample], held: Collection[str], load: Callable[[str], bytes]
    ) -> Sequence[SamePerson]:
        if self.error is not None:
            raise self.error
        return [same for same in self.same if same.record_id in held and load(same.record_id)]

    def find_owners(
        self, samples: Sequence[Sample], held: Collection[str], load: Callable[[str], bytes]
    ) -> Sequence[SamePerson]:
        return [same for same in self.owners if same.record_id in held and load(same.record_id)]
