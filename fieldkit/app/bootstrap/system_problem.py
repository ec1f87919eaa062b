"""What the operating system refused, as a sentence of ours: its own words are English only."""

from __future__ import annotations

import errno

from fieldkit.domain.errors import Problem, has_no_room

_CODES = {
    errno.EACCES: "system.denied",
    errno.EPERM: "system.denied",
    errno.ENOENT: "system.missing",
    errno.EROFS: "system.read_only",
    errno.EIO: "system.unreadable",
}


def system_problem(error: OSError) -> Problem:
    """Return what happened with the file that it names; what is rare bears the name of its number (ENOTDIR)."""
    if has_no_room(error):
        return Problem("store.disk_full")
    where = str(error.filename or "")
    if where and error.errno in _CODES:
        return Problem(_CODES[error.errno], {"file": where})
    number = errno.errorcode.get(error.errno or 0, "") or type(error).__name__
    return Problem("cli.system", {"detail": " ".join(part for part in (number, where) if part)})
