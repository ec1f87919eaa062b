"""The HTTP side of a simulated registration device."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable

from drivers.simulators.loopback import Connection, HttpRequest, LoopbackServer, head
from drivers.simulators.sbi.requests import Act, RefusedError
from drivers.simulators.sbi.service import DeviceService, Preview
from drivers.simulators.stage import Fault

PORTS = range(4501, 4601)
# The parameter already holds the two dashes that a delimiter would add: services in the field do it so.
BOUNDARY = "--BoundaryString"
_FRAME_S = 0.1
_HUGE = 2 * 1024**3
_HANG_S = 600.0


class SbiServer:
    """A registration device on the first free port of `ports`."""

    def __init__(self, service: DeviceService, ports: Iterable[int] = PORTS) -> None:
        self._service = service
        self._server = LoopbackServer(self._handle, ports, f"sbi-{service.model.kind.lower()}")
        service.url = self._server.url

    @property
    def url(self) -> str:
        """Return the base URL."""
        return self._server.url

    def unplug(self) -> None:
        """Let the device vanish."""
        self._server.unplug()

    def plug(self) -> None:
        """Let the device come back on the same port."""
        self._server.plug()

    def stop(self) -> None:
        """Close the port and wait for the threads."""
        self._server.stop()

    def _handle(self, connection: Connection, request: HttpRequest) -> None:
        act = self._service.dialect.routes.get((request.verb, request.path.partition("?")[0]))
        match act:
            case Act.DISCOVER:
                self._answer(connection, self._service.discover(request.body))
            case Act.DESCRIBE:
                self._answer(connection, self._service.describe(request.body))
            case Act.CAPTURE:
                self._capture(connection, request.body)
            case Act.STREAM:
                self._stream(connection, request.body)
            case None:
                connection.reply("405 Method Not Allowed", b"", "text/plain")

    def _answer(self, connection: Connection, answer: object) -> None:
        connection.reply("200 OK", json.dumps(answer).encode())

    def _capture(self, connection: Connection, body: bytes) -> None:
        stage = self._service.stage
        if stage.take(Fault.HANG):
            self._hang(connection)
            return
        answer = json.dumps(self._service.capture(body, connection.stopping)).encode()
        length = _HUGE if stage.take(Fault.HUGE_LENGTH) else len(answer)
        start = head("200 OK", (("Content-Type", "application/json"), ("Content-Length", str(length))))
        if stage.take(Fault.UNPLUG):
            connection.send(start + answer[: len(answer) // 2])
            self.unplug()
            return
        connection.send(start + answer)
        if length == _HUGE:
            self._hang(connection)

    def _stream(self, connection: Connection, body: bytes) -> None:
        try:
            call = self._service.open_stream(body)
        except RefusedError as refused:
            self._answer(connection, {"error": refused.reply})
            return
        try:
            self._send_frames(connection, call.sub_id, time.monotonic() + call.timeout_ms / 1000)
        finally:
            connection.is_open = False
            self._service.close_stream(call.sub_id)

    def _send_frames(self, connection: Connection, sub_id: int, ends_at: float) -> None:
        stage = self._service.stage
        preview = Preview(stage, self._service.model.subs[sub_id])
        connection.send(
            head(
                "200 OK",
                (("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}"), ("Connection", "close")),
            )
        )
        number = 0
        is_wanted = True
        while is_wanted and time.monotonic() < ends_at and not connection.is_left():
            frame = preview.frame(number)
            if stage.take(Fault.TRUNCATED_JPEG):
                frame = frame[: len(frame) // 2]
            length = _HUGE if stage.take(Fault.HUGE_FRAME) else len(frame)
            part = f"{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n"
            connection.send(part.encode() + frame + b"\r\n")
            number += 1
            is_wanted = self._service.may_stream_after(_FRAME_S, sub_id)
        connection.send(f"{BOUNDARY}--\r\n".encode())

    def _hang(self, connection: Connection) -> None:
        """Say nothing more until the other side gives up."""
        ends_at = time.monotonic() + _HANG_S
        while time.monotonic() < ends_at and not connection.is_left():
            connection.stopping.wait(_FRAME_S)
        connection.is_open = False
