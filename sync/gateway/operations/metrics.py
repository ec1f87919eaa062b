"""What a watcher reads: counts of this worker, and how the data center stands by its database."""

from __future__ import annotations

import hmac
import ipaddress
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.database import count
from sync.gateway.readiness import ca_ends_at, readiness
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
