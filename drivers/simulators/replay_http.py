"""A recorded service of registration devices."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import urlsplit

from drivers.simulators.loopback import Connection, HttpRequest, LoopbackServer, head
from drivers.simulators.recorded import Event, Findings, Script, Turn, content_of

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
