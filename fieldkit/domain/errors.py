"""The two trees of errors: what the world does to us, and what we got wrong.

A `KnownError` carries a `Problem`: a stable code and parameters. Sentences live in `assets/i18n`, one per language;
each says what happened, what is safe and what to do. A bug is any other exception and is never dressed up as a problem.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

_REASONS = {
    errno.EACCES: "reason.denied",
    errno.EPERM: "reason.denied",
    errno.ENOENT: "reason.missing",
    errno.ENODEV: "reason.gone",
    errno.ENXIO: "reason.gone",
    errno.EROFS: "reason.read_only",
    errno.EIO: "reason.disk",
    errno.EEXIST: "reason.exists",
    errno.EISDIR: "reason.folder",
    errno.ENOTDIR: "reason.no_folder",
    errno.ENAMETOOLONG: "reason.long_name",
    errno.EBUSY: "reason.busy",
    errno.ENOEXEC: "reason.no_program",
    errno.ELOOP: "reason.link",
    errno.EOPNOTSUPP: "reason.no_file",
    errno.ESTALE: "reason.changed",
    errno.E2BIG: "reason.too_long",
    errno.EINVAL: "reason.name",
}
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Recovery(StrEnum):
    """What the person can do next; a view turns it into the main button."""

    RETRY = "retry"
    CORRECT_INPUT = "correct_input"
    CHECK_DEVICE = "check_device"
    ASK_TEAM_LEAD = "ask_team_lead"
    ASK_OFFICE = "ask_office"
    FREE_DISK = "free_disk"
    SIGN_IN = "sign_in"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Problem:
    """A code of the message catalogue (`nik.length`), its parameters, the way out, and the field that is wrong."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    recovery: Recovery = Recovery.NONE
    field_name: str = ""  # as its form calls it; "" where no single field is wrong


class KnownError(Exception):
    """Base of every error that a person can understand and act on."""

    recovery: Recovery = Recovery.NONE
    exit_code = 3

    def __init__(self, code: str, *, recovery: Recovery | None = None, **params: str | int) -> None:
        self.problem = Problem(code, params, recovery or self.recovery)
        super().__init__(f"{code} {params}" if params else code)

    @property
    def code(self) -> str:
        """Stable code of the message catalogue."""
        return self.problem.code

    def at(self, field: str) -> Self:
        """Name the field that is wrong, and return the error."""
        self.problem = replace(self.problem, field_name=field)
        return self


class InputError(KnownError):
    """What a person typed or a file holds cannot be used; nothing was changed."""

    recovery = Recovery.CORRECT_INPUT
    exit_code = 2


class RuleError(KnownError):
    """An act that the session, the role or the SOP does not allow now."""

    exit_code = 2


class StoreError(KnownError):
    """The local store cannot do it: disk full, file newer than the program, damaged, held by another process."""

    recovery = Recovery.FREE_DISK


def has_no_room(error: OSError) -> bool:
    """Return whether the disk was full, a quota used up, or a file larger than its file system takes."""
    return error.errno in _NO_ROOM


def reason_of(error: OSError | ValueError) -> str:
    """Return why a file could not be used, as a parameter that each language says in its own words.

    What is rare bears the name of its number (EMLINK); what is no text is said so. The system's own words are English.
    """
    if isinstance(error, OSError):
        if has_no_room(error):
            return "reason.full"
        number = error.errno or 0
        return _REASONS.get(number) or errno.errorcode.get(number, type(error).__name__)
    return "reason.no_text" if isinstance(error, UnicodeError) else "reason.name"


def known(error: BaseException) -> KnownError | None:
    """Return what a person can act on: a known error, or a full disk wherever it was met; None for our own mistakes."""
    if isinstance(error, OSError) and has_no_room(error):
        return StoreError("store.disk_full")
    return error if isinstance(error, KnownError) else None


class VaultError(KnownError):
    """Keys, passphrases, seals and signatures that do not open or do not verify."""

    recovery = Recovery.SIGN_IN


class TransferError(KnownError):
    """The data center cannot be reached or its answer cannot be believed; the record stays in the queue."""

    recovery = Recovery.RETRY


class SigningError(KnownError):
    """An electronic signature was certainly not made, and why."""

    recovery = Recovery.RETRY


class SigningUnknownError(SigningError):
    """The letter went to the signing service and no answer that can be believed came back. Never retried by itself."""

    recovery = Recovery.NONE
