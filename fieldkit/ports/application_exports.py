"""The export of an app for applications and the files that came with it; foreign formats stay behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fieldkit.domain.targets.sheets import Sheet


@dataclass(frozen=True, slots=True)
class ComeFile:
    """A file that came along. `words` are what may name its application: path, subject, first lines of the mail."""

    name: str
    words: str
    read: Callable[[], bytes]


class ApplicationExports(Protocol):
    """Reads CSV, XLSX and JSON, and takes mails apart. Nothing in a file is ever executed."""

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        """Return the sheets that have rows. Raise `InputError` with one clear sentence for anything else."""
        ...

    def unpack(self, file: ComeFile) -> Sequence[ComeFile]:
        """Return the attachments of a mail, or the file itself. Raise `InputError("export.broken_mail")`."""
        ...
