"""The slip of the office in a file: as it is printed, or as JSON."""

from __future__ import annotations

import errno
import json
import os
import select
import stat
import sys
import time
from pathlib import Path

from fieldkit.domain.errors import InputError, reason_of
from fieldkit.domain.people import slip_in
from fieldkit.media.place import Place

_MOST_BYTES = 64 * 1024
# A pipe that nobody writes into; who does may first ask a person, as a password manager does.
_NOBODY_S, _WRITER_S = 3.0, 120.0


def read_slip(file: Path) -> tuple[str, str, str]:
    """Return URL, code and fingerprint of the CA. Raise `InputError` `cli.unreadable`, `cli.slip_form`."""
    text = "\n".join(lines_of(file))
    found = slip_in(text)  # one line, as its QR code says it, or more lines than three
    if found.is_whole:
        return found.url, found.code, found.ca_fingerprint
    try:
        if text.lstrip().startswith("{"):
            slip = json.loads(text)
            return str(slip["url"]), str(slip["code"]), str(slip["ca_fingerprint"])
        # As it is printed, "Kode sekali pakai: ABCD-…": what stands after the name counts.
        url, code, ca_fingerprint = (line.rpartition(": ")[2].strip() for line in text.splitlines() if line.strip())
    except (ValueError, KeyError, RecursionError) as error:
        raise InputError("cli.slip_form", file=str(file)) from error
    return url, code, ca_fingerprint


def lines_of(file: Path) -> list[str]:
    """Return the lines of a text file. Raise `InputError("cli.unreadable")`."""
    try:
        found = file.stat()
        if stat.S_ISFIFO(found.st_mode):
            content = _through_pipe(file)
        elif stat.S_ISREG(found.st_mode):
            content = Place.led_to(file).head(_MOST_BYTES + 1)  # a person's own file may be reached by links
        else:  # a terminal or device may never answer
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        if len(content) > _MOST_BYTES:
            raise InputError("cli.unreadable", file=str(file), detail="reason.too_long")
        return content.decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error


def _through_pipe(file: Path) -> bytes:
    """Return what somebody writes into a named pipe, or a shell's `<(…)`. Raise `InputError` when nobody does."""
    if sys.platform == "win32":
        return b""  # no such file there
    descriptor, content, began = os.open(file, os.O_RDONLY | os.O_NONBLOCK), b"", time.monotonic()
    try:
        while len(content) <= _MOST_BYTES:
            try:
                piece, patience_s = os.read(descriptor, _MOST_BYTES), _NOBODY_S
            except BlockingIOError:  # open at the other end
                piece, patience_s = None, _WRITER_S
            if piece:
                content += piece
            elif piece is not None and content:
                break
            elif time.monotonic() - began > patience_s:
                raise InputError("cli.unreadable", file=str(file), detail="reason.silent")
            else:
                select.select([descriptor], [], [], 0.05) if piece is None else time.sleep(0.05)
        return content
    finally:
        os.close(descriptor)
