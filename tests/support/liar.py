"""Stands in front of the gateway's application and answers some requests itself, wrongly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.protocol import tus


class Liar:
    """Lies to requests whose method and path begin as told, `times` times; passes all others on."""

    def __init__(
        self,
        method: str,
        path: str,
        status: int,
        body: bytes | Callable[[], bytes] = b"",
        headers: dict[str, str] | None = None,
        times: int = 10**9,
        passes_first: bool = False,
        delay_s: float = 0.0,
    ) -> None:
        self.lies = 0
        self._wanted = (method, path)
        self._status, self._body, self._headers = status, body, headers or {}
        self._times = times
        self._passes_first = passes_first
        self._delay_s = delay_s

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def between(scope: Scope, receive: Receive, send: Send) -> None:
            method, path = self._wanted
            is_mine = scope["type"] == "http" and scope["method"] == method and scope["path"].startswith(path)
            if path == "/receipts":  # who lies about receipts is asked for them: a data center from before
                send = _without_receipt(send)
            if not is_mine or self.lies >= self._times:
                await app(scope, receive, send)
                return
            self.lies += 1
            if self._passes_first:
                # The gateway does its work, but its answer never arrives.
                await app(scope, receive, _nowhere)
            else:
                await _heard(receive)
            await asyncio.sleep(self._delay_s)
            body = self._body() if callable(self._body) else self._body
            headers = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
            await send({"type": "http.response.start", "status": self._status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return between


def _without_receipt(send: Send) -> Send:
    async def stripped(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message["headers"] if pair[0] != tus.RECEIPT_HEADER.lower().encode()]
            message = {**message, "headers": kept}
        await send(message)

    return stripped


async def _heard(receive: Receive) -> None:
    """Reads the request to its end: a server that answers early and closes resets the line instead of lying."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass


async def _nowhere(_message: object) -> None:
    return None
