"""Sees every request and its answer: counts it, and writes a line about it. What was sent stays out of both."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_ROUTE = "(no route)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class RequestCounts:
    """Counters of this process. The label `worker` is its number: several workers are several series."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._worker = str(os.getpid())
        self._requests = Counter(
            "fieldkit_requests", "Requests answered.", ("worker", "method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "fieldkit_request_seconds",
            "From the first byte of a request to the last of its answer.",
            ("worker", "route"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._bytes = Counter("fieldkit_body_bytes", "Bytes of request bodies.", ("worker",), registry=registry)

    def add(self, method: str, route: str, status: int, seconds: float, size: int) -> None:
        """Count a request."""
        self._requests.labels(self._worker, method, route, str(status)).inc()
        self._seconds.labels(self._worker, route).observe(seconds)
        self._bytes.labels(self._worker).inc(size)


class RequestLines:
    """One JSON object a line."""

    def __init__(self, stream: Callable[[], TextIO] = lambda: sys.stderr) -> None:
        self._stream = stream  # asked for at each line: it may be replaced meanwhile

    def add(self, method: str, route: str, status: int, seconds: float, size: int, kit: str) -> None:
        """Write about a request. The path and the address stay out: they name records and people's places."""
        line: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "bytes": size,
            "worker": os.getpid(),
        }
        self._stream().write(json.dumps({**line, "kit": kit} if kit else line) + "\n")


class JsonFormatter(logging.Formatter):
    """Writes what the program has to say of itself in the same form."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {"at": at, "level": record.levelname, "logger": record.name, "text": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            # Its words are left out: they may quote what was sent.
            said["error"] = record.exc_info[0].__name__
        return json.dumps({**said, "worker": os.getpid()})


def log_as_json() -> None:
    """Write every warning of this process as a line of JSON on standard error; a second call changes nothing."""
    root = logging.getLogger()
    if any(isinstance(handler.formatter, JsonFormatter) for handler in root.handlers):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)


class Observation:
    """Stands in front of the application. The kit is what a route noted as `request.state.kit`."""

    def __init__(self, app: ASGIApp, counts: RequestCounts, lines: RequestLines | None) -> None:
        self._app, self._counts, self._lines = app, counts, lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, size = time.perf_counter(), 0, 0
        scope.setdefault("state", {})

        async def take() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            return message

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, take, answer)
        finally:
            seconds = time.perf_counter() - began
            method = scope["method"] if scope["method"] in _METHODS else "other"
            path = getattr(scope.get("route"), "path", None)
            # Of a page of the office the route is told from where that application stands.
            route = NO_ROUTE if path is None else f"{scope.get('root_path', '')}{path}"
            self._counts.add(method, route, status, seconds, size)
            if self._lines is not None:
                self._lines.add(method, route, status, seconds, size, str(scope["state"].get("kit", "")))
