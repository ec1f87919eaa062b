"""Repositories of things, and the files that belong to them; both within the one transaction of a `Unit`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from fieldkit.domain.things import Thing

T = TypeVar("T", bound=Thing)


class Repository(Protocol[T]):
    """All things of one kind."""

    def save(self, thing: T) -> str:
        """Insert or replace; return the hex SHA-256 of the value as it is kept."""
        ...

    def save_all(self, things: Iterable[T]) -> None:
        """Insert or replace many, for lists that come as a whole."""
        ...

    def get(self, thing_id: str) -> T:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def find(self, thing_id: str) -> T | None:
        """Return one, or None."""
        ...

    def of(self, activity_id: str) -> Sequence[T]:
        """Return those of an activity, oldest first."""
        ...

    def search(self, text: str = "", limit: int | None = None) -> Sequence[T]:
        """Return those whose words have every typed word as a beginning (FTS5), newest first."""
        ...

    def having(self, field: str, values: Iterable[str]) -> Sequence[T]:
        """Return those of which a field has one of some values, newest first, without reading the others."""
        ...

    def remove(self, thing_id: str) -> None:
        """Erase one; an unknown id is no error."""
        ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A scan, a photo, a rendered paper, a signature: bytes that belong to a thing, encrypted like all else here."""

    attachment_id: str
    owner: str  # thing_id
    name: str  # the file name that people see
    media_type: str
    content: bytes
    sha256: str  # hex
    added_at: datetime


class Attachments(Protocol):
    """The files of things."""

    def put(self, attachment: Attachment) -> None:
        """Insert. Raise `StoreError("store.attachment_exists")` for the same id."""
        ...

    def get(self, attachment_id: str) -> Attachment:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def of(self, owner: str) -> Sequence[Attachment]:
        """Return those of a thing, oldest first."""
        ...

    def remove(self, attachment_id: str) -> None:
        """Erase one; an unknown id is no error."""
        ...
