"""The adapter's side of the line protocol, for adapters in Python. Standard library only: copy it beside yours."""

from __future__ import annotations

import base64
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

VERSION = 1
Fields = dict[str, Any]
Show = Callable[[object], None]
IsLeft = Callable[[], bool]


class RefusedError(Exception):
    """Something the device cannot do now: nothing, missing, busy, absent, removed, permission or failed."""

    def __init__(self, kind: str, reason: str = "") -> None:
        super().__init__(kind, reason)
        self.answer = {"error": kind, "reason": reason}


class Adapter(Protocol):
    """What a vendor writes. `show` takes a JPEG or the fields of a grey frame; `is_left` says that nobody waits."""

    def devices(self) -> list[Fields]:
        """Return what is plugged in, without opening it."""
        ...

    def open(self, device: str) -> None:
        """Claim a device."""
        ...

    def close(self, device: str) -> None:
        """Let go of a device, also of one that is not open."""
        ...

    def preview(self, request: Fields, show: Show, is_left: IsLeft) -> None:
        """Show live frames until left."""
        ...

    def capture(self, request: Fields, show: Show, is_left: IsLeft) -> list[Fields]:
        """Return the images taken, within the request's time."""
        ...


def grey(width: int, height: int, pixels: bytes) -> Fields:
    """Return the fields of a grey picture, one byte a pixel, rows from top to bottom."""
    return {"width": width, "height": height, "pixels": encoded(pixels)}


def encoded(content: bytes) -> str:
    """Return bytes as the protocol carries them."""
    return base64.b64encode(content).decode()


def serve(adapter: Adapter) -> None:
    """Answer requests in order until standard input ends; `stop` overtakes."""
    line = _protocol_line()
    saying = threading.Lock()

    def say(number: int, **content: object) -> None:
        with saying:
            line.write(json.dumps({"number": number, **content}).encode() + b"\n")
            line.flush()

    requests: queue.SimpleQueue[Fields | None] = queue.SimpleQueue()
    left: set[int] = set()

    def listen() -> None:
        for told in sys.stdin.buffer:
            request = json.loads(told)
            if request["do"] == "stop":
                left.add(request["number"])
            else:
                requests.put(request)
        left.add(-1)  # the kit is gone
        requests.put(None)

    say(0, protocol=VERSION)
    threading.Thread(target=listen, daemon=True).start()
    while (request := requests.get()) is not None:
        number = request["number"]

        def show(frame: object, number: int = number) -> None:
            say(number, frame=_framed(frame))

        try:
            answer = _obey(adapter, request, show, left)
        except RefusedError as refused:
            answer = refused.answer
        say(number, **({"error": "stopped"} if number in left else answer))


def _obey(adapter: Adapter, request: Fields, show: Show, left: set[int]) -> Fields:
    def is_left() -> bool:
        return request["number"] in left or -1 in left

    match request["do"]:
        case "list":
            return {"devices": adapter.devices()}
        case "open":
            adapter.open(request["device"])
        case "close":
            adapter.close(request["device"])
        case "preview":
            adapter.preview(request, show, is_left)
        case "capture":
            return {"images": adapter.capture(request, show, is_left)}
        case unknown:
            raise RefusedError("failed", f"cannot do {unknown}")
    return {"done": True}


def _framed(frame: object) -> object:
    return encoded(frame) if isinstance(frame, bytes) else frame


def _protocol_line() -> BinaryIO:
    """Keep standard output for the protocol: what a library prints goes to standard error."""
    line = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return line
