"""A printing day: people take a number, are called in its order, and leave with their card.

The numbers are those of one laptop and one day; they never travel. On the screen for those who wait stand numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.errors import RuleError

MOST_SHOWN = 5
"""Of those who are next, on the screen for those who wait."""


class TicketState(StrEnum):
    """How far a number is."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class QueueTicket:
    """A number. `place` is its place in the order of calls: the number itself, until somebody goes to the end."""

    KIND: ClassVar[str] = "queue_ticket"

    thing_id: str
    activity_id: str  # "" at the dinas
    on: date
    number: int
    place: int
    name: str
    taken_at: datetime
    by: str  # user_id
    masked_nik: str = ""
    record_id: str = ""  # whose card waits for its print
    card_id: str = ""  # the document that waits for its person
    state: TicketState = TicketState.WAITING
    called_at: datetime | None = None
    calls: int = 0
    ended_at: datetime | None = None
    has_slip: bool = False

    @property
    def words(self) -> str:
        """Number and name."""
        return f"{self.number} {self.name}"

    @property
    def key(self) -> str:
        """Return the document or record that it is about, "" of somebody who stands on no list."""
        return self.card_id or self.record_id

    @property
    def is_open(self) -> bool:
        """Return whether the person still waits or stands at the desk."""
        return self.state in (TicketState.WAITING, TicketState.CALLED)

    def called(self, at: datetime) -> QueueTicket:
        """Return it called, or called once more: also who was absent, and who was sent away too early."""
        return replace(self, state=TicketState.CALLED, called_at=at, calls=self.calls + 1, ended_at=None)

    def ended(self, state: TicketState, at: datetime) -> QueueTicket:
        """Return it served, or absent. Raise `RuleError("queue.over")`."""
        if self.state is TicketState.SERVED:
            raise RuleError("queue.over", number=self.number)
        return replace(self, state=state, ended_at=at)

    def at_the_end(self, place: int) -> QueueTicket:
        """Return it waiting again at another place. Raise `RuleError("queue.over")`."""
        if self.state is TicketState.SERVED:
            raise RuleError("queue.over", number=self.number)
        return replace(self, state=TicketState.WAITING, place=place, called_at=None, ended_at=None)


@dataclass(frozen=True, slots=True)
class QueueBoard:
    """What those who wait see: the number that was called last, how often, and who is next."""

    current: int | None = None
    calls: int = 0
    following: tuple[int, ...] = ()
    waiting: int = 0


NO_BOARD = QueueBoard()


def in_order(tickets: Iterable[QueueTicket]) -> list[QueueTicket]:
    """Return tickets as they are called: who is at the desk, who waits, then who was here."""
    ranks = [TicketState.CALLED, TicketState.WAITING, TicketState.ABSENT, TicketState.SERVED]
    return sorted(tickets, key=lambda ticket: (ranks.index(ticket.state), ticket.place))


def board_of(tickets: Sequence[QueueTicket]) -> QueueBoard:
    """Return what the screen for those who wait shows."""
    called = [ticket for ticket in tickets if ticket.state is TicketState.CALLED]
    last = max(called, key=lambda ticket: (ticket.called_at is not None, ticket.called_at), default=None)
    waiting = [ticket.number for ticket in in_order(tickets) if ticket.state is TicketState.WAITING]
    number, calls = (last.number, last.calls) if last else (None, 0)
    return QueueBoard(number, calls, tuple(waiting[:MOST_SHOWN]), len(waiting))


def minutes_each(tickets: Iterable[QueueTicket]) -> int:
    """Return how many minutes a person took from the call to the end, on average, 0 before the first."""
    took = [t.ended_at - t.called_at for t in tickets if t.state is TicketState.SERVED and t.called_at and t.ended_at]
    return round(sum(took, timedelta()) / len(took) / timedelta(minutes=1)) if took else 0
