"""Handing valid records on to the official system, and what it answers. A dinas may bring an adapter of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class OnwardState(StrEnum):
    """Where a record stands on its way to the official system; `NONE` is not queued."""

    NONE = "none"
    WAITING = "waiting"
    HANDED_OVER = "handed_over"  # an answer follows
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    FAILED = "failed"  # a person must look


@dataclass(frozen=True, slots=True)
class HandOver:
    """A valid record, opened; it stays in memory unless the adapter's work is to write it.

    `transaction_id` is the same at each try, and `is_again` says that there was one, whose outcome may be unknown.
    `person` is the same text for the same NIK and tells nothing of it, "" of somebody without one.
    """

    kit: str
    record_id: str
    transaction_id: str
    person: str
    is_again: bool
    enrollment: bytes = field(repr=False)  # OSIA Enrollment 1.3.0 as JSON, images inside
    # → `record.an2` and `samples/<position>.<ext>`; made when asked for. Raises `InputError`.
    others: Callable[[], Mapping[str, bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record. `WAITING` tries it again later, with its reason.

    `code` is a central status in the words of the other side, "" for the usual one of the state.
    """

    state: OnwardState
    reason: str = ""
    external_id: str = ""
    code: str = ""
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back later. `number` is the record's id, its transaction id or the number that the other side gave."""

    number: str
    outcome: Outcome


class Onward(Protocol):
    """The other side. Its failures are contained: what it raises makes records wait, and never stops the program."""

    @property
    def name(self) -> str:
        """Who answers, as the statuses call the source; at most 64 characters."""
        ...

    @property
    def batch_size(self) -> int:
        """How many records it takes at once."""
        ...

    def hand_over(self, records: Sequence[HandOver]) -> Sequence[Outcome]:
        """Hand records over and return an outcome for each, in their order; records that came before count once.

        Raise `KnownError` or `OSError` when the other side is away: all of them wait.
        """
        ...

    def collect(self, settle: Callable[[Answer], str]) -> None:
        """Give `settle` each answer that came since, and forget it only after that returned "" or why it is no use."""
        ...

    def close(self) -> None:
        """Let go of what it holds; idempotent."""
        ...
