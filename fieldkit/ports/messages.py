"""The sentences a person reads, in the language that the kit speaks now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol

from fieldkit.domain.errors import Problem
from fieldkit.domain.notices import NoticeSettings

# A file on a medium that somebody plugged in, as services and senders may use it.


class MediaFile(Protocol):
    """A regular file, opened without following links. All methods raise `OSError`."""

    def open(self) -> BinaryIO:
        """Open it for reading at 0; the caller closes it."""
        ...

    def read(self, most: int) -> bytes:
        """Return the whole file, of at most so many bytes."""
        ...

    def head(self, most: int) -> bytes:
        """Return its first bytes, at most so many."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """Yield all of it, whatever its length."""
        ...

    def lay_beside(self, ending: str, content: bytes) -> None:
        """Write a file of the same name with another ending."""
        ...


class ProblemText(NamedTuple):
    """A problem in words: what happened, what is safe, what to do."""

    what: str
    safe: str
    do: str


class Messages(Protocol):
    """The message catalogue. Callers format numbers and dates before they pass them."""

    def text(self, key: str, /, **params: str | int) -> str:
        """Return the sentence of a key with its `{placeholders}` filled."""
        ...

    def problem(self, problem: Problem) -> ProblemText:
        """Return the three sentences of a problem."""
        ...


def told_by_code(messages: Messages, code: str) -> str:
    """Return what happened in words where only the code came over; what stood in it is unknown and shown as "…"."""
    return re.sub(r"\{\w+\}", "…", messages.problem(Problem(code, _Unknown())).what)


class _Unknown(dict[str, str | int]):
    def __missing__(self, _name: str) -> str:
        return "…"


# Sends messages out of the kit, and draws the code of a link.


class Messenger(Protocol):
    """The way out. Calls block: run them off the store."""

    def mail(self, settings: NoticeSettings, to: str, subject: str, text: str) -> None:
        """Hand a mail to the configured server. Raise `TransferError("told.…")`: it did not take it."""
        ...

    def qr(self, link: str) -> bytes:
        """Return a PNG of the QR code of a link."""
        ...
