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
            if message["type"] == "http.response.start":
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
        self._silence_s = limits.body_silence.total_seconds()
        self._window_s = limits.rate_window.total_seconds()
        self._slowest = limits.slowest_bytes_per_s
        self._loop = asyncio.get_running_loop()
        self._patience = _Patience(self._loop)
        self._waited_s = 0.0
        self._came = 0

    async def receive(self) -> Message:
        """Return the next piece; the client hung up, as far as the application sees, once it is given up."""
        if self.is_given_up:
            return _GONE
        if self.is_read:
            return await self._receive()
        began = self._loop.time()
        message = await self._next(self._silence_s, began)
        if message is None:
            self.is_given_up = True
            return _GONE
        self._waited_s += self._loop.time() - began
        self._came += len(message.get("body", b""))
        if self._waited_s >= self._window_s and not self.is_read:
            if self._came < self._slowest * self._waited_s:
                self.is_given_up = True
            self._waited_s, self._came = 0.0, 0
        return message

    def let_go(self) -> None:
        """Drop the line to the client. The server closes a connection whose body was not read whole only when nothing
        refers to it any more, and circles in the application may live until Python next collects garbage.
        """
        self._receive, self.send = _gone, _unsent
        self._patience.drop()

    async def drain(self) -> None:
        """Read and forget what is still coming, within bounds."""
        size = 0
        while not self.is_read and size < _DRAIN_BYTES:
            message = await self._next(_DRAIN_SILENCE_S, self._loop.time())
            if message is None:
                return
            size += len(message.get("body", b""))

    async def _next(self, patience_s: float, now: float) -> Message | None:
        patience = self._patience
        patience.begin(now + patience_s)
        try:
            message = await self._receive()
        except asyncio.CancelledError:
            if patience.was_ours():
                return None
            raise
        finally:
            patience.end()
        self.is_read = not message.get("more_body", False)
        return message


class _Patience:
    """Cancels the task that waits too long. One timer for all pieces of a body: `asyncio.timeout` would set one for
    each, and of a megabyte there are six.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._until: float | None = None  # None while nobody waits
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False

    def begin(self, until: float) -> None:
        """Cancel the calling task at this time of the loop, unless `end` comes first."""
        self._until, self._task, self._is_over = until, asyncio.current_task(), False
        if self._timer is None or self._timer.when() > until:  # an earlier one looks anew when it is time
            self.drop()
            self._timer = self._loop.call_at(until, self._look)

    def end(self) -> None:
        """Go on waiting for nothing; the timer stays for the next piece."""
        self._until = self._task = None

    def drop(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def was_ours(self) -> bool:
        """Take a cancellation back if it came from here; False when somebody else cancels the task as well."""
        return self._is_over and self._task is not None and self._task.uncancel() == 0

    def _look(self) -> None:
        self._timer = None
        if self._until is None or self._task is None:
            return
        if self._loop.time() < self._until:
            self._timer = self._loop.call_at(self._until, self._look)
            return
        self._is_over = True
        self._task.cancel()


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
