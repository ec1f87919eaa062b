"""What office and field keep besides recordings: whole values by id, searchable by words, shared by activity.

A request, a plan, a letter, a check-out, an SOP run: each is one frozen dataclass. It is replaced as a whole when
somebody acts, together with the event that says who did it; the event carries the digest of the value, never the value.
"""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable


@runtime_checkable
class Thing(Protocol):
    """A frozen dataclass of plain values, enums, dates, aware times, tuples, mappings and other such dataclasses."""

    KIND: ClassVar[str]  # the name of its repository; never changes once kits in the field have written it

    @property
    def thing_id(self) -> str:
        """The id, a UUIDv7, or the id of the one thing that it belongs to."""
        ...

    @property
    def activity_id(self) -> str:
        """The activity that it belongs to, "" for what outlives activities."""
        ...

    @property
    def words(self) -> str:
        """What a search finds it by."""
        ...
