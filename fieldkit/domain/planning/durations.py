"""How many minutes things take, by which outreaches are planned.

Minutes per person: 5 where people come by themselves, 30 as in the SOP of Blitar step 10 for one who cooperates, 60 and
more for lansia and ODGJ, where field reports say 30 to 120. They are estimates; a dinas sets its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import ClassVar

from fieldkit.domain.errors import InputError
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.planning.plan import Terrain

_C = ServiceCategory
THE_DURATIONS = "efforts"
MOST_MINUTES = 600
EARLIEST_END = time(10)  # before that no day has room for a visit


@dataclass(frozen=True, slots=True)
class Durations:
    """Minutes that things take; one per dinas."""

    KIND: ClassVar[str] = "efforts"

    per_person: Mapping[ServiceCategory, int] = field(
        default_factory=lambda: {_C.PEMULA: 5, _C.UMUM: 5, _C.SAKIT: 30, _C.DISABILITAS: 30, _C.LANSIA: 60, _C.ODGJ: 90}
    )
    between_houses: Mapping[Terrain, int] = field(
        default_factory=lambda: {Terrain.EASY: 5, Terrain.ROUGH: 10, Terrain.REMOTE: 20}
    )
    way: Mapping[Terrain, int] = field(
        default_factory=lambda: {Terrain.EASY: 30, Terrain.ROUGH: 60, Terrain.REMOTE: 90}
    )
    coordination: int = 30  # Blitar step 8
    rest: int = 30
    day_ends: time = time(16)
    thing_id: str = THE_DURATIONS
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Nothing that anybody searches for."""
        return ""

    def check(self) -> None:
        """Raise `InputError("efforts.range")` or `InputError("efforts.day_ends")` for what no plan can be made with."""
        ways = (*self.between_houses.values(), *self.way.values(), self.coordination, self.rest)
        for least, minutes in ((1, tuple(self.per_person.values())), (0, ways)):
            if any(not least <= each <= MOST_MINUTES for each in minutes):
                raise InputError("efforts.range", least=least, most=MOST_MINUTES)
        if self.day_ends < EARLIEST_END:
            raise InputError("efforts.day_ends", earliest=f"{EARLIEST_END:%H.%M}").at("day_ends")


USUAL = Durations()
