"""How every record stands, read in one query: what the data center said last, its card, the age of its owner."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol


class Standing(NamedTuple):
    """What decides about the next act. `code` is "" while nothing was said, `place` is "" before a card was printed."""

    code: str
    is_stuck: bool  # sent, and nothing since `Asked.stuck_at`
    is_young: bool  # the card waits for a birthday
    place: str  # where the card is


class StandingLine(NamedTuple):
    """One record. A plain tuple: thousands are read at once."""

    record_id: str
    masked_name: str
    masked_nik: str
    since: str  # ISO time of the last status, of the seal before the first; as text it sorts like time
    source: str  # who said the last status
    code_before: str  # what was said before the last
    card_from: str  # ISO day from which the card may be printed, "" for at once
    standing: Standing


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which moment, and of which activity; "" is every one."""

    today: date
    stuck_at: datetime  # who was sent by then and heard nothing is stuck
    activity_id: str = ""


class Standings(Protocol):
    """Reads them; records that another amends are left out."""

    def counts(self, asked: Asked) -> Mapping[Standing, int]:
        """Return how many records stand alike, without those whose card is with its owner: nothing is left to do."""
        ...

    def without_card(self, codes: Collection[str], activity_id: str = "") -> Sequence[str]:
        """Return the ids of the records that heard one of these codes last and have no card, as they were sealed."""
        ...

    def lines(self, asked: Asked) -> Sequence[StandingLine]:
        """Return every record, the longest waiting first."""
        ...

    def unfinished(self, ended: Collection[str], since: datetime) -> Sequence[str]:
        """Return the ids of the records that no card ended, by a code or our own print, or only since then."""
        ...
