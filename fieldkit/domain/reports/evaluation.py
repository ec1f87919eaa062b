"""What the team and its office learned from an activity: before the report is written and the activity closed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Points:
    """What is said, one point a line; people are not named here."""

    went_well: tuple[str, ...] = ()
    went_badly: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is said."""
        return not any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The one evaluation of an activity; its id is the activity's. `letter_id` is its report, once there is one."""

    KIND: ClassVar[str] = "evaluation"

    thing_id: str
    activity_id: str
    points: Points
    by: str  # user_id of who wrote last
    at: datetime
    letter_id: str = ""

    @property
    def words(self) -> str:
        """Every point, so that an obstacle of last year is found again."""
        points = self.points
        return " ".join((*points.went_well, *points.went_badly, *points.obstacles, *points.proposals))
