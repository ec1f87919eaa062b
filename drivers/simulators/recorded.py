"""Reads a trace of devices: what was found, how each test went, and what was asked and answered on each line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from pathlib import Path
from typing import Any

from drivers.trace import FORMAT, VERSION

Event = dict[str, Any]


class TraceError(Exception):
    """A file that is no whole trace of this version; the text says what is wrong."""


@dataclass(slots=True)
class Tested:
    """One device: how it was found, the moment and the ids with which it was asked, and the verdict."""

    found: dict[str, str]
    at: str = ""
    ids: list[str] = field(default_factory=list)
    is_ok: bool = False
    code: str = ""

    @property
    def asked(self) -> tuple[str, list[str], bool, str]:
        """Return everything but how it was found."""
        return self.at, self.ids, self.is_ok, self.code


@dataclass(frozen=True, slots=True)
class Trace:
    """The header and the events of a trace."""

    header: Event
    events: list[Event]

    def tested(self) -> list[Tested]:
        """Return the devices in their order."""
        devices: dict[int, Tested] = {}
        for event in self.events:
            match event:
                case {"way": "test", "act": "scanned", "device": number, **found}:
                    devices[number] = Tested({k: v for k, v in found.items() if k not in ("ms", "line")})
                case {"way": "test", "act": "test", "device": number, "at": at}:
                    devices[number].at = at
                case {"way": "test", "act": "id", "device": number, "id": given}:
                    devices[number].ids.append(given)
                case {"way": "test", "act": "verdict", "device": number, "ok": is_ok, "code": code}:
                    devices[number].is_ok, devices[number].code = is_ok, code
        return list(devices.values())

    def lines(self, way: str) -> dict[str, list[Event]]:
        """Return the events of each line of a way, by its address."""
        return _by_line(event for event in self.events if event["way"] == way)

    def tested_lines(self, way: str) -> dict[str, list[Event]]:
        """Return what passed since the scan on the lines of devices: a search also opens the lines of others."""
        tested = {event["line"].partition("#")[0] for event in self.events if event["act"] == "scanned"}
        since = dropwhile(lambda event: event["act"] != "scanned", self.events)
        return _by_line(event for event in since if event["way"] == way and event["line"] in tested)


def _by_line(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event["line"], []).append(event)
    return found


def read_trace(path: Path) -> Trace:
    """Read a trace. Raise `TraceError` for what is none, of another version or cut off; `OSError`."""
    header, *events = [*_values(path)] or [{}]
    if header.get("format") != FORMAT:
        raise TraceError(f"{path} is no trace of devices")
    if header.get("version") != VERSION:
        raise TraceError(f"{path} is a trace of version {header.get('version')}, this program reads {VERSION}")
    if not events or events[-1].get("act") != "end":
        raise TraceError(f"{path} is cut off after line {len(events) + 1}: its recording did not come to its end")
    return Trace(header, events)


def _values(path: Path) -> Iterable[Event]:
    """Yield the objects of a file; one that is cut off in a line ends before that line."""
    for line in path.read_bytes().splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            return
        if not isinstance(value, dict):
            return
        yield value


def content_of(value: Any) -> bytes | None:
    """Return the bytes of an event's `data`; None when they are hidden."""
    return bytes.fromhex(value) if isinstance(value, str) else None


@dataclass(slots=True)
class Turn:
    """What was asked, in bytes and hidden lengths, and the events that followed. None: the program only listened."""

    asked: tuple[bytes | int, ...] | None
    answers: list[Event] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Return how many bytes were asked."""
        return sum(part if isinstance(part, int) else len(part) for part in self.asked or ())

    def is_begun_by(self, request: bytes) -> bool:
        """Return whether these bytes begin with what was asked; hidden bytes are like any."""
        at = 0
        for part in self.asked or ():
            if isinstance(part, bytes) and request[at : at + len(part)] != part:
                return False
            at += part if isinstance(part, int) else len(part)
        return self.asked is not None and len(request) >= at


def asked_in(*values: Any) -> tuple[bytes | int, ...]:
    """Return what was asked by the bytes of events: hidden ones by their number."""
    return tuple(value["bytes"] if isinstance(value, dict) else bytes.fromhex(value) for value in values)


@dataclass(slots=True)
class Findings:
    """How a replay went: what was asked otherwise than it was recorded, and where a hidden payload was due."""

    differences: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)


class Script:
    """The turns of one line in their order.

    What is asked again is answered again, and may be asked fewer times: a program that waits for a person asks as
    often as it finds the time.
    """

    def __init__(self, line: str, turns: Sequence[Turn], findings: Findings) -> None:
        self._line, self._turns, self._findings = line, list(turns), findings
        self._at = -1
        self.longest = max((turn.size for turn in turns), default=0)

    @property
    def turn(self) -> Turn | None:
        """Return the turn that was taken last."""
        return self._turns[self._at] if self._at >= 0 else None

    def ask(self, request: bytes) -> Turn | None:
        """Take the turn that a request begins; None when it is not recorded."""
        ahead = [at for at in range(self._at + 1, len(self._turns)) if self._turns[at].asked is not None]
        again = [] if self.turn is None else [self._at]
        found = next((at for at in (*ahead[:1], *again, *ahead[1:]) if self._turns[at].is_begun_by(request)), None)
        if found is None:
            return None
        skipped = [self._turns[at] for at in ahead if at < found]
        self._note_unasked(skipped)
        self._at = found
        return self.turn

    def listen(self) -> Turn | None:
        """Take the next turn if nothing was asked in it."""
        following = self._turns[self._at + 1 : self._at + 2]
        if not following or following[0].asked is not None:
            return None
        self._at += 1
        return following[0]

    def differ(self, request: bytes) -> None:
        """Note a request that is not recorded."""
        self._findings.differences.append(f"{self._line}: not recorded: {request[:200]!r}")

    def end(self) -> None:
        """Note what was recorded and never asked."""
        self._note_unasked(turn for turn in self._turns[self._at + 1 :] if turn.asked is not None)

    def _note_unasked(self, skipped: Iterable[Turn]) -> None:
        for turn in skipped:
            if self.turn is None or turn.asked != self.turn.asked:
                self._findings.differences.append(f"{self._line}: not asked: {turn.asked!r:.200}")
