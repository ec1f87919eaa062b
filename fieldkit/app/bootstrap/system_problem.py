"""What the operating system refused, as a sentence of ours: its own words are English only."""

from __future__ import annotations

import errno

from fieldkit.domain.errors import Problem, has_no_room, reason_of

_CODES = {
    errno.EACCES: "system.denied",
    errno.EPERM: "system.denied",
    errno.ENOENT: "system.missing",
    errno.EROFS: "system.read_only",
    errno.EIO: "system.unreadable",
}


def system_problem(error: OSError) -> Problem:
    """Return what happened with the file that it names; what is rare bears the name of its number (EMLINK)."""
    if has_no_room(error):
        return Problem("store.disk_full")
    where = str(error.filename or "")
    if where and error.errno in _CODES:
        return Problem(_CODES[error.errno], {"file": where})
    return Problem("cli.system", {"file": where or "reason.this_act", "detail": reason_of(error)})
