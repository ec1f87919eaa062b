"""The program's log on this laptop: a line of JSON for each event, of bounded size, without what was typed or read.

Sentences of other libraries and messages of errors may quote anything, so none of their text is kept: of an event
stand its time, level, origin and the constant words it was logged with; of an error its kind and where it arose.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import IO

from fieldkit import VERSION
from fieldkit.storage.reserve import with_room

_log = logging.getLogger(__name__)
FOLDER = "log"
_NAME = "fieldkit.jsonl"
MOST_BYTES, OLDER = 256 * 1024, 3  # a file, and how many of them are kept behind the one that grows
_OURS = ("fieldkit", "ui", "sync", "drivers")
_PLACES = 12  # of an error, the innermost


def keep_log(home: Path) -> LocalLog:
    """Write what the program logs into the home of a kit from now on, until `LocalLog.end`."""
    log = LocalLog(home / FOLDER / _NAME)
    logging.getLogger().addHandler(log)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    _log.info("program started", extra={"code": VERSION})
    return log


def log_files(home: Path) -> list[Path]:
    """Return the files of the log, the newest first."""
    return [file for file in _files(home / FOLDER / _NAME) if file.is_file()]


class LocalLog(logging.Handler):
    """Appends to a file of the home; at its size the file becomes the first of the older ones. Never raises."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.INFO)
        self._path = path
        self._file: IO[str] | None = None
        self._turning = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a disk that takes nothing must not disturb the work that is logged."""
        line = json.dumps(_facts(record), ensure_ascii=False) + "\n"
        with suppress(OSError, ValueError), self._turning:
            with_room(self._path, lambda: self._append(line))

    def _append(self, line: str) -> None:
        file = self._room_for(line)
        try:
            file.write(line)
            file.flush()
        except OSError:  # what it still holds would be written with the next line
            self._file = None
            with suppress(OSError):
                file.close()
            raise

    def end(self) -> None:
        """Log no more."""
        logging.getLogger().removeHandler(self)
        with self._turning, suppress(OSError):
            if self._file is not None:
                self._file.close()
            self._file = None

    def _room_for(self, line: str) -> IO[str]:
        if self._file is not None and self._file.tell() + len(line.encode()) > MOST_BYTES:
            self._file.close()
            self._file = None
            for newer, older in reversed(list(pairwise(_files(self._path)))):
                if newer.exists():
                    newer.replace(older)
        if self._file is None:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            self._path.touch(mode=0o600)
            self._file = self._path.open("a", encoding="utf-8")
        return self._file


def _files(path: Path) -> Iterator[Path]:
    yield path
    for number in range(1, OLDER + 1):
        yield path.with_name(f"{path.stem}.{number}{path.suffix}")


def _facts(record: logging.LogRecord) -> dict[str, object]:
    is_ours = record.name.partition(".")[0] in _OURS
    facts: dict[str, object] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "from": record.name,
        "event": record.msg
        if is_ours and isinstance(record.msg, str)
        else f"{Path(record.pathname).stem}:{record.lineno}",
    }
    code = getattr(record, "code", None)  # of a problem, of a device: one of ours, never anybody's words
    if is_ours and isinstance(code, str):
        facts["code"] = code
    error = record.exc_info[1] if record.exc_info else getattr(record, "error", None)
    if isinstance(error, BaseException):
        facts["error"] = type(error).__name__
        facts["places"] = places_of(error)
    return facts


def places_of(error: BaseException) -> list[str]:
    """Return where an error came from, without its message and without any line of the code."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    return [f"{_module_of(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _module_of(filename: str) -> str:
    """Return a file as its package names it: where it is installed tells of the user."""
    path = Path(filename)
    for folder in sys.path:
        if folder and path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.name
