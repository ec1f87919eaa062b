"""Refuses bodies that no message of the protocol needs, before they fill the memory. Uploads have their own bounds."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.protocol.messages import Trouble

MAX_MESSAGE_BYTES = 1024 * 1024
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class BodyLimit:
    """Stands in front of the application; `free_path` is let through."""

    def __init__(self, app: ASGIApp, free_path: str) -> None:
        self._app = app
        self._free_path = free_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http" or scope["path"].startswith(self._free_path):
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > MAX_MESSAGE_BYTES:
                await JSONResponse(Trouble(code="body.too_large").model_dump(), status_code=413)(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        messages.reverse()
        # RFC 9112 §7.1.3: what came in chunks has its length from here on, for whoever counts bytes by it.
        headers = [(name, said) for name, said in scope["headers"] if name not in _FRAMING]
        scope["headers"] = [*headers, (b"content-length", b"%d" % size)]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)
