"""The plan of an outreach: when, where, who, with what. Its rules stand in `schedule`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import ClassVar


class Terrain(StrEnum):
    """How hard the way is (medan lokasi)."""

    EASY = "easy"
    ROUGH = "rough"
    REMOTE = "remote"


class Rhythm(StrEnum):
    """How the days of several visits follow each other; the SOP of Blitar says weekly, or as decided otherwise."""

    WEEKLY = "weekly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan per activity; its id is the activity's."""

    KIND: ClassVar[str] = "plan"

    thing_id: str
    activity_id: str
    days: tuple[date, ...]
    starts: time
    team: tuple[str, ...]  # thing_ids of Staff; the first is the ketua tim
    kits: tuple[str, ...]  # thing_ids of sarpras kits
    vehicle: str
    terrain: Terrain
    minutes: int  # the work that was estimated, travel included
    route: tuple[str, ...] = ()  # target_ids in the order of visits
    companions: str = ""  # whom the surat balasan asks for
    approved_by: str = ""  # user_id
    directed_by: str = ""  # user_id, where the SOP has the head give directions
    note: str = ""
    rhythm: Rhythm = Rhythm.WEEKLY
    direction: str = ""  # arahan of the head
    way_minutes: int = 0  # from the office to the place, one way

    @property
    def words(self) -> str:
        """Vehicle and note."""
        return f"{self.vehicle} {self.note}"
