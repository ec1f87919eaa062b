"""What the office notes by hand about the clocks of cards: pauses, complete files, marriages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from fieldkit.domain.cards.sla import Pause
from fieldkit.domain.sop.profile import PauseReason


@dataclass(frozen=True, slots=True)
class ClockPause:
    """A pause of all clocks, of those of one activity, or of one record's."""

    KIND: ClassVar[str] = "clock_pause"

    thing_id: str
    reason: PauseReason
    began_at: datetime
    note: str
    ended_at: datetime | None = None
    activity_id: str = ""  # "" = every activity
    record_id: str = ""  # "" = every record of the activity

    @property
    def words(self) -> str:
        """Reason and note."""
        return f"{self.reason.value.replace('_', ' ')} {self.note}"

    @property
    def pause(self) -> Pause:
        """Return it as the clocks count it."""
        return Pause(self.reason, self.began_at, self.ended_at, self.note)

    def holds_for(self, activity_id: str, record_id: str) -> bool:
        """Return whether the clocks of a record stand still by it."""
        return self.activity_id in ("", activity_id) and self.record_id in ("", record_id)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What staff noted about one target: when the file was complete, when a person under 17 married."""

    KIND: ClassVar[str] = "card_facts"

    thing_id: str  # the target_id
    activity_id: str
    file_complete_on: date | None = None
    married_on: date | None = None

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""
