"""Numbers over many records, visits and documents at once: what reports are made of. No person is named in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from fieldkit.domain.cards.card import Place
from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.domain.reports.beside import CoverageLine
from fieldkit.domain.sop.profile import Sla
from fieldkit.domain.visits import Outcome


@dataclass(frozen=True, slots=True)
class Within:
    """From when (included) to when (excluded); None is open. With an activity only what belongs to it."""

    begun_at: datetime | None = None
    ended_at: datetime | None = None
    activity_id: str = ""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A sealed record as a report counts it; `statuses` are those that end its way: unique, failed, printed."""

    record_id: str
    activity_id: str
    target_id: str
    sealed_at: datetime
    card_from: date | None
    exceptions: int
    is_acknowledged: bool
    statuses: tuple[CentralStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit that ended."""

    activity_id: str
    outcome: Outcome
    minutes: int


class Figures(Protocol):
    """Reads many rows in one query each."""

    def records(self, within: Within) -> Sequence[RecordLine]:
        """Return the records sealed within a time that none amends, oldest first."""
        ...

    def visits(self, within: Within) -> Sequence[VisitLine]:
        """Return the visits that ended within a time."""
        ...

    def documents(self, within: Within) -> Mapping[Place, int]:
        """Return where the documents are now that were first printed within a time."""
        ...

    def coverage(self, born_by: date, activity_ids: Collection[str]) -> Sequence[CoverageLine]:
        """Return by village who on the lists of activities was born by a day or is or was married."""
        ...

    def first_prints(self) -> Mapping[str, datetime]:
        """Return by record when its document was first printed."""
        ...

    def promises(self) -> Mapping[str, tuple[Sla, ...]]:
        """Return by activity what its SOP promises, without reading the rest of the profile."""
        ...
