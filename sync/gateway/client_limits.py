"""Bounds what one client can hold: requests at a time from its address, silence and slowness while it sends a body.

The server underneath bounds connections and headers (`GatewayServer`), but waits for a body for ever.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Iterable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.gateway.context import Limits
from sync.protocol.messages import Trouble

# What a refused client may still send before it is cut: it reads the answer only after it has sent its chunk.
_DRAIN_BYTES = 8 * 1024 * 1024
_DRAIN_SILENCE_S = 1.0
_GONE: Message = {"type": "http.disconnect"}


class ClientLimits:
    """Stands in front of the application. To it a client that is given up looks like one that hung up."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429 (too many at a time) or 408 (the body does not come)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address = counted_as((scope.get("client") or ("",))[0])
        if self._open[address] >= self._limits.requests_per_address:
            await _refusal(429, "client.too_many", {"Retry-After": "5"})(scope, receive, send)
            return
        self._open[address] += 1
        try:
            await self._pass_on(scope, receive, send)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive, send, self._limits, is_read=not _has_body(scope["headers"]))

        async def answer(message: Message) -> None:
            if body.is_given_up:
                return
            if message["type"] == "http.response.start" and not body.is_read:
                if not _waits_to_send(scope["headers"]):
                    await body.drain()
                if not body.is_read:
                    message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await body.send(message)

        try:
            await self._app(scope, body.receive, answer)
        finally:
            body.let_go()
        if body.is_given_up:
            await _refusal(408, "client.slow", {})(scope, receive, send)


class _Body:
    """The body of one request as it comes in. Only the time spent waiting for the client counts against it."""

    def __init__(self, receive: Receive, send: Send, limits: Limits, *, is_read: bool) -> None:
        self.is_read = is_read
        self.is_given_up = False
        self._receive, self.send = receive, send
        self._limits = limits
        self._waited_s = 0.0
        self._came = 0

    async def receive(self) -> Message:
        """Return the next piece; the client hung up, as far as the application sees, once it is given up."""
        if self.is_given_up:
            return _GONE
        if self.is_read:
            return await self._receive()
        clock = asyncio.get_running_loop().time
        began = clock()
        message = await self._next(self._limits.body_silence.total_seconds())
        if message is None:
            self.is_given_up = True
            return _GONE
        self._waited_s += clock() - began
        self._came += len(message.get("body", b""))
        window_s = self._limits.rate_window.total_seconds()
        if self._waited_s >= window_s and not self.is_read:
            if self._came < self._limits.slowest_bytes_per_s * self._waited_s:
                self.is_given_up = True
            self._waited_s, self._came = 0.0, 0
        return message

    def let_go(self) -> None:
        """Drop the line to the client. The server closes a connection whose body was not read whole only when nothing
        refers to it any more, and circles in the application may live until Python next collects garbage.
        """
        self._receive, self.send = _gone, _unsent

    async def drain(self) -> None:
        """Read and forget what is still coming, within bounds."""
        size = 0
        while not self.is_read and size < _DRAIN_BYTES:
            message = await self._next(_DRAIN_SILENCE_S)
            if message is None:
                return
            size += len(message.get("body", b""))

    async def _next(self, patience_s: float) -> Message | None:
        try:
            async with asyncio.timeout(patience_s):
                message = await self._receive()
        except TimeoutError:
            return None
        self.is_read = not message.get("more_body", False)
        return message


async def _gone() -> Message:
    return _GONE


async def _unsent(_message: Message) -> None:
    return None


def counted_as(address: str) -> str:
    """Return the address, or its network of 64 bits in IPv6: that much a single subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))


def _has_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    named = dict(headers)
    return b"transfer-encoding" in named or named.get(b"content-length", b"0").strip(b"0") != b""


def _waits_to_send(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    # RFC 9110 §10.1.1: such a client sends its body only when it is asked to, and reading would be asking.
    return dict(headers).get(b"expect", b"").lower() == b"100-continue"


def _refusal(status: int, code: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse(Trouble(code=code).model_dump(), status, {**headers, "Connection": "close"})
