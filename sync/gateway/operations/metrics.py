"""What a watcher reads: counts of this worker, and how the data center stands by its database."""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.gateway.database import GatewayContext, Refusal, count
from sync.gateway.routes import ca_ends_at, readiness
from sync.gateway.tables import kits, records
from sync.protocol.messages import Readiness

_CONTENT = "text/plain; version=0.0.4; charset=utf-8"
_FRESH = timedelta(seconds=15)
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Standing(Collector):
    """Gauges of the whole data center; every worker tells the same. Asked often, they are up to 15 seconds old."""

    def __init__(self, context: GatewayContext, stopped: Callable[[], list[str]]) -> None:
        self._context, self._stopped = context, stopped
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._known: list[Metric] = []

    def describe(self) -> list[Metric]:
        """Tell nothing before the first scrape: the database may not answer yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        with self._lock:
            now = self._context.clock.now()
            if self._read_at is None or not self._read_at <= now < self._read_at + _FRESH:
                self._known = list(self._read(now))
                self._read_at = now
            yield from self._known

    def _read(self, now: datetime) -> Iterator[Metric]:
        word = readiness(self._context, self._stopped())
        yield _gauge("fieldkit_ready", "1 when all of the work is done.", float(word.is_ready))
        waiting = GaugeMetricFamily("fieldkit_records", "Records that wait for somebody.", labels=["state"])
        for state, number in _counted(word):
            waiting.add_metric([state], number)
        yield waiting
        with self._context.engine.begin() as connection:
            active = count(connection, kits, kits.c.revoked_at.is_(None))
            oldest = connection.scalar(
                sa.select(sa.func.min(records.c.received_at)).where(
                    records.c.verdict == "", records.c.lost_at.is_(None), records.c.set_aside_at.is_(None)
                )
            )
        yield _gauge("fieldkit_kits", "Kits that are let in.", float(active))
        age = (now - oldest).total_seconds() if oldest else 0.0
        yield _gauge("fieldkit_oldest_waiting_seconds", "Age of the oldest record without a verdict.", max(age, 0.0))
        if word.free_bytes >= 0:
            yield _gauge("fieldkit_free_bytes", "Room left for records.", float(word.free_bytes))
        left = (ca_ends_at(self._context) - now).total_seconds()
        yield _gauge("fieldkit_ca_seconds_left", "Until the certificate of the dinas ends.", left)


def metrics_router(registry: CollectorRegistry, token: str) -> APIRouter:
    """Return `/metrics`, for this machine itself or whoever has the token, and `/healthz`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        if not (_has_token(request, token) or _is_this_machine(request)):
            raise Refusal(403, "metrics.forbidden", "only from this machine, or with the token")
        return Response(generate_latest(registry), media_type=_CONTENT)

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return router


def _has_token(request: Request, token: str) -> bool:
    given = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(given.encode("latin-1"), f"Bearer {token}".encode())


def _is_this_machine(request: Request) -> bool:
    # What a proxy on this machine passes on comes from elsewhere.
    if request.client is None or any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _counted(word: Readiness) -> list[tuple[str, int]]:
    return [("waiting", word.waiting), ("set_aside", word.set_aside), ("lost", word.lost)]


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)


# Sees every request and its answer: counts it, and writes a line about it. What was sent stays out of both.

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


# What whoever runs a gateway may switch on, from the environment, so that every worker has it.

_ON = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Switches:
    """All off unless said."""

    logs_json: bool = False  # FIELDKIT_LOG=json: one line of JSON a request on standard error
    shows_openapi: bool = False  # FIELDKIT_OPENAPI=1: the description of all routes at /openapi.json
    metrics_token: str = field(default="", repr=False)  # FIELDKIT_METRICS_TOKEN: who has it reads /metrics from afar

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Switches:
        """Read them."""
        return cls(
            logs_json=environment.get("FIELDKIT_LOG", "").lower() == "json",
            shows_openapi=environment.get("FIELDKIT_OPENAPI", "").lower() in _ON,
            metrics_token=environment.get("FIELDKIT_METRICS_TOKEN", ""),
        )
