"""The real time and real ids."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from pathlib import Path
from typing import IO

from fieldkit import VERSION
from fieldkit.domain.trusted_time import Running
from fieldkit.ports.clock import Clock
from fieldkit.storage.reserve import with_room

# Indonesia knows no summer time, so fixed offsets need no time zone database, which Windows lacks.
WIB = timezone(timedelta(hours=7), "WIB")
WITA = timezone(timedelta(hours=8), "WITA")
WIT = timezone(timedelta(hours=9), "WIT")
ZONES = {"WIB": WIB, "WITA": WITA, "WIT": WIT}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = 7
_RANDOM_BITS = 74  # rand_a and rand_b of RFC 9562 §5.7


def random_bits(count: int) -> int:
    """Return unpredictable bits of the operating system; `secrets` and what it loads are not needed for that."""
    return int.from_bytes(os.urandom(-(-count // 8))) & (1 << count) - 1


class SystemClock:
    """`fieldkit.ports.clock.Clock` of this machine, with the calendar of the dinas."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the calendar day at the place of the dinas."""
        return self.local(self.now()).date()

    def local(self, at: datetime) -> datetime:
        """Return the same moment with the wall clock of the dinas."""
        return at.astimezone(self._zone)


class CorrectedClock:
    """`fieldkit.ports.clock.KitClock`: another clock with a correction on it."""

    def __init__(
        self, laptop: Clock, correction: timedelta = timedelta(0), running: Callable[[], Running] | None = None
    ) -> None:
        self._laptop, self.correction = laptop, correction
        self._running = running or time_running

    def now(self) -> datetime:
        """Return the aware UTC time that the kit works by."""
        return self._laptop.now() + self.correction

    def today(self) -> date:
        """Return the calendar day at the place of the dinas."""
        return self.local(self.now()).date()

    def local(self, at: datetime) -> datetime:
        """Return the same moment with the wall clock of the dinas."""
        return self._laptop.local(at)

    def wall(self) -> datetime:
        """Return what the laptop itself says."""
        return self._laptop.now()

    def running(self) -> Running:
        """Return how long the machine has been running."""
        return self._running()


_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_THIS_PROCESS = f"{random_bits(128):032x}"  # where the system names no boot, a process is as good


def time_running() -> Running:
    """Return how long this machine has been running, sleep included where the system counts it."""
    clock_id = getattr(time, "CLOCK_BOOTTIME", None)
    seconds = time.monotonic() if clock_id is None else time.clock_gettime(clock_id)
    try:
        return Running(_BOOT_ID.read_text("ascii").strip(), seconds)
    except OSError:
        return Running(_THIS_PROCESS, seconds)


class UuidV7:
    """`fieldkit.ports.clock.Ids`: UUIDv7 that only grow, also within a millisecond and when the clock is set back."""

    def __init__(self, clock: Clock, random_bits: Callable[[int], int] = random_bits) -> None:
        self._clock, self._random_bits = clock, random_bits
        self._last = 0
        self._turn = threading.Lock()

    def rise_above(self, known: str) -> None:
        """Give only ids that sort after this one, whatever the clock says; what is no UUIDv7 changes nothing."""
        try:
            value = int(known.replace("-", ""), 16)
        except ValueError:
            return
        if value >> 76 & 0xF == _VERSION and value < 1 << 128:
            rand_a, rand_b = value >> 64 & 0xFFF, value & (1 << 62) - 1
            with self._turn:
                self._last = max(self._last, value >> 80 << _RANDOM_BITS | rand_a << 62 | rand_b)

    def new(self) -> str:
        """Return a UUIDv7 as text; later ids sort later."""
        now_ms = max(0, (self._clock.now() - _EPOCH) // timedelta(milliseconds=1))  # a dead battery may say 1969
        with self._turn:
            if now_ms > self._last >> _RANDOM_BITS:
                self._last = now_ms << _RANDOM_BITS | self._random_bits(_RANDOM_BITS)
            else:
                # RFC 9562 §6.2, method 2: go on from the last id by a random step; an overflow borrows a millisecond.
                self._last += 1 + self._random_bits(32)
            value = self._last
        rand_a, rand_b = value >> 62 & 0xFFF, value & (1 << 62) - 1
        digits = f"{value >> _RANDOM_BITS << 80 | _VERSION << 76 | rand_a << 64 | 2 << 62 | rand_b:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# The program's log on this laptop: a line of JSON for each event, of bounded size, without what was typed or read.
#
# Sentences of other libraries and messages of errors may quote anything, so none of their text is kept: of an event
# stand its time, level, origin and the constant words it was logged with; of an error its kind and where it arose.

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
