"""What tus 1.0.0 asks of every request and answer: the method of a client that cannot send it, and the version."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.protocol import tus

_OVERRIDES = frozenset({"PATCH", "DELETE", "HEAD"})


class TusHeaders:
    """Stands in front of everything that answers below `path`."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Honour `X-HTTP-Method-Override` of a POST, and put `Tus-Resumable` on every answer."""
        if scope["type"] != "http" or not (scope["path"] == self._path or scope["path"].startswith(f"{self._path}/")):
            await self._app(scope, receive, send)
            return
        method = Headers(scope=scope).get("X-HTTP-Method-Override", "").upper()
        if scope["method"] == "POST" and method in _OVERRIDES:
            scope = {**scope, "method": method}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Tus-Resumable", tus.VERSION)
            await send(message)

        await self._app(scope, receive, answer)
