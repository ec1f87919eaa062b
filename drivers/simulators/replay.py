"""The devices of a trace, played back: the other end of the same wires says what was recorded."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from drivers.pcsc.reader import Command
from drivers.simulators.loopback import Connection, HttpRequest, LoopbackServer, head
from drivers.simulators.recorded import Event, Findings, Script, Tested, Trace, Turn, asked_in, content_of
from drivers.simulators.serial_end import serial_end
from drivers.simulators.vpcd import PORT, READER, CardSlot
from drivers.stu.transport import MODELS, VENDOR

# A recorded service of registration devices.

_WAIT_S = 0.1
_PREVIEW = "STREAM"
_UNSAID = "0"  # of a signature that the trace does not hold


class HttpReplay:
    """Answers on the recorded port, or on any when that one is taken: by verb and path, in the recorded order."""

    def __init__(self, line: str, events: list[Event], findings: Findings) -> None:
        self._line, self._findings, self._is_asked = line, findings, False
        turns: dict[tuple[str, str], list[Turn]] = {}
        by_number: dict[int, Turn] = {}
        for event in events:
            if event["act"] == "request":
                turn = by_number[event["number"]] = Turn((_body(event["body"]),))
                turns.setdefault((event["verb"], event["path"]), []).append(turn)
            else:
                by_number[event["number"]].answers.append(event)
        self._scripts = {key: Script(line, found, findings) for key, found in turns.items()}
        self._recorded = urlsplit(line).port or 80
        self._server = LoopbackServer(self._handle, (self._recorded, 0), "replay-http")

    @property
    def url(self) -> str:
        """Return where it listens."""
        return self._server.url

    def stop(self) -> None:
        """Close the port, and note what was never asked; one of somebody else's program is not asked at all."""
        self._server.stop()
        for (verb, _), script in self._scripts.items():
            # A preview that starts late ends unasked with the capture that it is for.
            if verb != _PREVIEW and self._is_asked:
                script.end()

    def _handle(self, connection: Connection, request: HttpRequest) -> None:
        self._is_asked = True
        script = self._scripts.get((request.verb, request.path))
        turn = script.ask(request.body) if script else None
        if turn is None:
            asked = f"{request.verb} {request.path} {request.body[:200]!r}"
            self._findings.differences.append(f"{self._line}: not recorded: {asked}")
            connection.reply("405 Not recorded", b"", "text/plain")
            return
        kind = ""
        for event in turn.answers:
            match event["act"]:
                case "answer" if "body" in event:
                    connection.reply(f"{event['status']} Recorded", self._answer(event["body"]), event["type"])
                case "answer":
                    kind, connection.is_open = event["type"], False
                    connection.send(head("200 OK", (("Content-Type", kind), ("Connection", "close"))))
                case "frame":
                    connection.send(_part(kind, self._frame(event["data"])))
                case "ended":
                    connection.send(_delimiter(kind) + b"--\r\n")
                case "failed" if event["code"] != "device.timed_out":
                    connection.cut()
                case _:  # it was silent, or the program left: what came next is not recorded
                    _wait(connection)

    def _answer(self, body: Any) -> bytes:
        if isinstance(body, dict) and "json" in body:
            self._findings.hidden.add(self._line)
            return json.dumps(_signed_again(body["json"])).encode()
        if isinstance(body, dict) and "bytes" in body:
            self._findings.hidden.add(self._line)
        answer = _body(body)
        # What is signed stays as it is; an unsigned list of devices says where they are now.
        return answer.replace(b":%d" % self._recorded, b":%d" % self._server.port)

    def _frame(self, data: Any) -> bytes:
        if (frame := content_of(data)) is not None:
            return frame
        self._findings.hidden.add(self._line)
        return b"\xff\xd8".ljust(data["bytes"], b"\0")


def _body(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes.fromhex(body["hex"]) if "hex" in body else b""


def _signed_again(value: Any) -> Any:
    """Return decoded JSON in the shape in which it was sent; nothing in it is what was captured or signed."""
    match value:
        case {"header": header, "payload": payload}:
            return ".".join((_encoded(header), _encoded(_signed_again(payload)), _UNSAID))
        case {"bytes": int()}:
            return ""
        case dict():
            return {key: _signed_again(each) for key, each in value.items()}
        case list():
            return [_signed_again(each) for each in value]
    return value


def _encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _delimiter(kind: str) -> bytes:
    found = re.search(r'boundary="?([^";\s]+)', kind, re.IGNORECASE)
    return b"--" + (found[1] if found else "").lstrip("-").encode()


def _part(kind: str, frame: bytes) -> bytes:
    return _delimiter(kind) + b"\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(frame), frame)


def _wait(connection: Connection) -> None:
    while not connection.is_left():
        connection.stopping.wait(_WAIT_S)
    connection.is_open = False


# Recorded devices that speak in whole messages: signature pads on USB, and a card on the virtual reader.

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


# A recorded device on a serial line.

_POLL_S = 0.05
_SOME_BYTES = 256  # at a time, so that a program that asks anew is heard


class SerialReplay:
    """Waits for the recorded bytes, then sends those that followed.

    A device that speaks without being asked does so when a program opens the port or empties its input: the kernel
    tells of both, and of two at once only once.
    """

    def __init__(self, line: str, events: list[Event], findings: Findings, path: Path) -> None:
        self._line, self._findings, self.path = line, findings, path
        turns: list[Turn] = []
        for event in events:
            match event["act"]:
                case "opened" | "emptied":
                    turns.append(Turn(None))
                case "out":
                    turns.append(Turn(asked_in(event["data"])))
                case "in" if turns:
                    turns[-1].answers.append(event)
        self._script = Script(line, turns, findings)
        self._heard = self._to_say = b""
        self._end = serial_end(path.parent, path.name, hears_flush=True)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replay-serial")
        self._thread.start()

    def stop(self) -> None:
        """Let the port vanish, and note what was never asked."""
        self._stopping.set()
        self._thread.join()
        self._end.close()
        if self._heard:
            self._script.differ(self._heard)
        self._script.end()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._hear(0 if self._to_say else _POLL_S)
            self._say()

    def _hear(self, seconds: float) -> None:
        self._heard += self._end.read(seconds)
        if self._end.is_begun():
            self._listened()
        while self._heard and (turn := self._script.ask(self._heard)) is not None:
            self._heard = self._heard[turn.size :]
            self._to_say = self._said_in(turn)
        if len(self._heard) > self._script.longest:
            self._script.differ(self._heard)
            self._heard = b""

    def _listened(self) -> None:
        """Say what was said unasked, again when it may have been thrown away."""
        turn, said = self._script.listen(), b""
        while turn is not None:  # the program may have opened and emptied before we looked
            said += self._said_in(turn)
            turn = self._script.listen()
        current = self._script.turn
        if said:
            self._to_say = said
        elif current is not None and current.asked is None:
            self._to_say = self._said_in(current)

    def _said_in(self, turn: Turn) -> bytes:
        said = b""
        for event in turn.answers:
            content = content_of(event["data"])
            if content is None:
                self._findings.hidden.add(self._line)
                break  # what came after it answers nobody
            said += content
        return said

    def _say(self) -> None:
        if self._to_say:
            some, rest = self._to_say[:_SOME_BYTES], self._to_say[_SOME_BYTES:]
            unsent = self._end.write(some)
            if unsent == some:  # the line is full
                self._stopping.wait(_POLL_S)
            self._to_say = unsent + rest


class Replay:
    """Plays a trace back while its context is open; `folder` holds the serial ports.

    `findings` says what was asked otherwise; what was never asked stands in it after the context.
    """

    def __init__(self, trace: Trace, folder: Path, *, vpcd_port: int = PORT) -> None:
        self._trace, self._folder, self._slot = trace, folder, CardSlot(vpcd_port)
        self._places: dict[str, str] = {}  # where each recorded line is now
        self._open = ExitStack()
        self.findings = Findings()
        self.hid: ModuleType | None = None  # stands in for the module `hid`
        self.card: CardReplay | None = None  # the first that was recorded: there is one virtual reader

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for line, events in self._trace.lines("http").items():
                http = HttpReplay(line, events, self.findings)
                stack.callback(http.stop)
                self._places[line] = http.url
            for number, (line, events) in enumerate(self._trace.tested_lines("serial").items()):
                port = SerialReplay(line, events, self.findings, self._folder / f"tty{number}")
                stack.callback(port.stop)
                self._places[line] = str(port.path)
            if pads := self._trace.lines("hid"):
                pad = PadReplay(pads, self.findings)
                stack.callback(pad.stop)
                self.hid = pad.module
                self._places |= {line: line for line in pads}
            for line, events in self._trace.lines("pcsc").items():
                if self.card is None and any(event["act"] == "connected" for event in events):
                    self.card = CardReplay(line, events, self.findings)
                    stack.callback(self.card.stop)
                    stack.callback(self._slot.remove)
            self._open = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def tested(self) -> list[Tested]:
        """Return the recorded devices that are here again, where they are now."""
        return [
            Tested({name: self.placed(text) for name, text in device.found.items()}, *device.asked)
            for device in self._trace.tested()
            if _line_of(device) in self._places
        ]

    def placed(self, text: str) -> str:
        """Return an address, or a name with an address in it, with the place where its line is now."""
        for line in sorted(self._places, key=len, reverse=True):
            if line in text:
                return text.replace(line, self._places[line])
        return text

    def recorded_at(self, address: str) -> str:
        """Return the recorded line that is at an address now."""
        now = address.partition("#")[0]
        return next((line for line, place in self._places.items() if place == now), "")

    def insert_card(self) -> bool:
        """Lay the recorded card on the virtual reader; False while that one is not there."""
        assert self.card is not None
        if self._slot.insert(self.card):
            self._places[self.card.line] = READER
            return True
        return False


def _line_of(device: Tested) -> str:
    return device.found["address"].partition("#")[0]
