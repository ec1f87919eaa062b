"""Recorded devices that speak in whole messages: signature pads on USB, and a card on the virtual reader."""

from __future__ import annotations

import time
from collections import deque
from types import ModuleType

from drivers.pcsc.apdu import Command
from drivers.simulators.recorded import Event, Findings, Script, Turn, asked_in, content_of
from drivers.stu.reports import MODELS, VENDOR

_GET, _SET, _OPEN = b"get", b"set", b"open"
_SILENT = b"\x6f\x00"  # of a card that has nothing recorded to say


class PadReplay:
    """Signature pads on a bus of their own; `module` stands in for `hid`."""

    def __init__(self, lines: dict[str, list[Event]], findings: Findings) -> None:
        self._listed = {line: _listed(events) for line, events in lines.items()}
        self._pads = {line: _Pad(line, events, findings) for line, events in lines.items()}
        self.module = ModuleType("hid")
        vars(self.module).update(enumerate=self._enumerate, device=lambda: _Handle(self._pads))

    def stop(self) -> None:
        """Note what was never asked."""
        for pad in self._pads.values():
            pad.script.end()

    def _enumerate(self, _vendor: int = 0, _product: int = 0) -> list[dict[str, object]]:
        return [entry for entry in self._listed.values() if entry]


def _listed(events: list[Event]) -> dict[str, object]:
    products = {model: product for product, model in MODELS.items()}
    for event in events:
        if event["act"] == "listed" and event["model"] in products:
            entry = {"path": event["line"].encode(), "vendor_id": VENDOR, "product_id": products[event["model"]]}
            return {**entry, "serial_number": event["serial"], "interface_number": 0}
    return {}


class _Pad:
    """One recorded pad: what it is asked and set, and the reports that followed."""

    def __init__(self, line: str, events: list[Event], findings: Findings) -> None:
        turns: list[Turn] = []
        for event in events:
            match event["act"]:
                case "opened":
                    turns.append(Turn((_OPEN,)))
                case "told":
                    turns.append(Turn((_GET, *asked_in(event["kind"])), [event]))
                case "set":
                    turns.append(Turn((_SET, *asked_in(event["data"])), [event]))
                case "report" if turns:
                    turns[-1].answers.append(event)
        self._line, self._findings = line, findings
        self._reports: deque[Event] = deque()
        self.script = Script(line, turns, findings)

    def ask(self, request: bytes) -> Event:
        """Return the event that answers; its reports come after it. Raise `OSError` for what is not recorded."""
        turn = self.script.ask(request)
        if turn is None:
            self.script.differ(request)
            raise OSError("not recorded")
        self._reports = deque(event for event in turn.answers if event["act"] == "report")
        return turn.answers[0] if turn.answers else {}

    def next_report(self) -> bytes:
        """Return the next report, b"" when there is none or a hidden one is due."""
        if not self._reports:
            return b""
        report = content_of(self._reports[0]["data"])
        if report is None:
            self._findings.hidden.add(self._line)
            return b""
        return bytes.fromhex(self._reports.popleft()["kind"]) + report


class _Handle:
    """An opened pad, as `hid.device()` gives it."""

    def __init__(self, pads: dict[str, _Pad]) -> None:
        self._pads = pads

    def open_path(self, path: bytes) -> None:
        if path.decode() not in self._pads:
            raise OSError("open failed")
        self._pad = self._pads[path.decode()]
        self._pad.ask(_OPEN)

    def read(self, _max_length: int, timeout_ms: int = 0) -> list[int]:
        report = self._pad.next_report()
        if not report:
            time.sleep(timeout_ms / 1000)
        return list(report)

    def get_feature_report(self, kind: int, _max_length: int) -> list[int]:
        return list(bytes.fromhex(self._pad.ask(_GET + bytes((kind,)))["data"]))

    def send_feature_report(self, report: bytes) -> int:
        return len(report) if self._pad.ask(_SET + bytes(report))["taken"] else -1

    def close(self) -> None:
        """Nothing is held."""


class CardReplay:
    """A card that answers as the recorded one; a `Chip` for the virtual reader."""

    def __init__(self, line: str, events: list[Event], findings: Findings) -> None:
        turns: list[Turn] = []
        for event in events:
            if event["act"] == "command":
                turns.append(Turn(_command(event)))
            elif event["act"] in ("answer", "failed") and turns:
                turns[-1].answers.append(event)
        self.line, self._findings = line, findings
        self._script = Script(line, turns, findings)
        self.atr = next(bytes.fromhex(event["atr"]) for event in events if event["act"] == "connected")

    def reset(self) -> None:
        """Be powered off and on: a recorded card goes on where it is."""

    def answer(self, apdu: bytes) -> bytes:
        """Return the recorded R-APDU."""
        turn = self._script.ask(apdu)
        if turn is None:
            self._script.differ(apdu)
            return _SILENT
        for event in turn.answers:
            if event["act"] == "answer":
                content = content_of(event["data"])
                if content is not None:
                    return content + bytes.fromhex(event["status"])
                self._findings.hidden.add(self.line)
        return _SILENT

    def stop(self) -> None:
        """Note what was never asked."""
        self._script.end()


def _command(event: Event) -> tuple[bytes | int, ...]:
    (head,) = asked_in(event["apdu"])
    hidden = event.get("data")
    if not isinstance(head, bytes) or hidden is None:
        return (head,)
    data = content_of(hidden)
    count = hidden["bytes"] if data is None else len(data)
    whole = Command(head, data or bytes(count), event.get("awaited")).encode()
    begin = len(head) + (1 if whole[len(head)] else 3)
    return (whole,) if data is not None else (whole[:begin], count, whole[begin + count :])
