"""How much a kit, and an address without one, may ask for in a span of time, over all workers together.

The truth is a row a span in the database. A worker takes some in advance and counts down by itself, so that it asks the
database rarely; what it took and did not use is given up at the end of the span.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.gateway.client_limits import counted_as
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.tables import rate_windows
from sync.protocol.messages import Trouble

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_OPEN = ("/enrol", "/token")  # no token lets anybody in here, so none spares the count
_SHARES = 64  # a worker takes this part of what is allowed at once


@dataclass(slots=True)
class _Lease:
    began: int
    left: int
    is_over: bool = False


class Rates:
    """Counts. Where the database does not answer everything is let through: other parts of it will refuse."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._leases: dict[str, _Lease] = {}

    def of_kit(self, kit: str, body_bytes: int) -> None:
        """Count a request of a kit. Raise `Refusal` 429 `rate.requests` or `rate.bytes`."""
        self._take(f"kit:{kit}", 1, self._context.limits.kit_requests_a_minute, _MINUTE, "rate.requests")
        self.of_bytes(kit, body_bytes)

    def of_bytes(self, kit: str, body_bytes: int) -> None:
        """Count bytes of a kit's bodies. Raise `Refusal` 429 `rate.bytes`."""
        if body_bytes:  # most requests have none, and each count is a write
            self._take(f"bytes:{kit}", body_bytes, self._context.limits.kit_bytes_a_day, _DAY, "rate.bytes")

    def of_address(self, address: str, *, enrols: bool) -> None:
        """Count a request that no kit has signed in for. Raise `Refusal` 429 `rate.requests`."""
        limits = self._context.limits
        # An address says where somebody is: only a keyed digest of it is kept, and that for some minutes.
        told = hmac.new(self._context.nik_key, counted_as(address).encode(), hashlib.sha256).hexdigest()[:32]
        most = limits.address_enrolments_a_minute if enrols else limits.address_requests_a_minute
        self._take(f"{'enrol' if enrols else 'from'}:{told}", 1, most, _MINUTE, "rate.requests")

    def _take(self, name: str, amount: int, most: int, span: timedelta, code: str) -> None:
        now = self._context.clock.now()
        began = int(now.timestamp() // span.total_seconds() * span.total_seconds())
        with self._lock:
            lease = self._leases.get(name)
            if lease is None or lease.began != began:
                lease = self._leases[name] = _Lease(began, 0)
            if lease.left < amount and not lease.is_over:
                lease.left += self._drawn(name, began, max(amount, most // _SHARES), most, span)
                lease.is_over = lease.left < amount
            if lease.left < amount:
                raise Refusal(429, code, "more was asked for than is allowed; come again later")
            lease.left -= amount
            if len(self._leases) > 10_000:
                self._leases = {name: each for name, each in self._leases.items() if each.began + 86_400 > began}

    def _drawn(self, name: str, began: int, wanted: int, most: int, span: timedelta) -> int:
        """Take so much from what is left of the span, in the database; return how much there was."""
        row = sa.and_(rate_windows.c.name == name, rate_windows.c.began == began)
        more = sa.update(rate_windows).where(row).values(used=rate_windows.c.used + wanted)
        try:
            for _ in range(2):
                try:
                    with self._context.engine.begin() as connection:
                        if not connection.execute(more).rowcount:
                            self._begin(connection, name, began, wanted, span)
                        used: int = connection.execute(sa.select(rate_windows.c.used).where(row)).scalar_one()
                    return min(wanted, max(0, most - (used - wanted)))
                except IntegrityError:  # another worker began the span at the same moment
                    continue
        except (OperationalError, OSError):
            pass
        return wanted

    def _begin(self, connection: sa.Connection, name: str, began: int, used: int, span: timedelta) -> None:
        ends_at = datetime.fromtimestamp(began, UTC) + span
        # Those that are over first: the one that begins may be over by now too.
        connection.execute(sa.delete(rate_windows).where(rate_windows.c.ends_at <= self._context.clock.now()))
        connection.execute(sa.insert(rate_windows).values(name=name, began=began, ends_at=ends_at, used=used))


def stated_bytes(headers: Mapping[str, str]) -> int:
    """Return how long a request says that its body is, 0 where it does not say.

    RFC 9112 §6.3: beside a transfer coding a length says nothing.
    """
    said = "" if "transfer-encoding" in headers else headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else 0


class AddressRates:
    """Stands in front of the application and counts what comes without a token, by where it comes from.

    A token that is none is counted where it is refused.
    """

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app, self._rates = app, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] == "http" and (scope["path"] in _OPEN or not _names_itself(scope)):
            address = (scope.get("client") or ("",))[0]
            try:
                await run_in_threadpool(self._rates.of_address, address, enrols=scope["path"] == "/enrol")
            except Refusal as refusal:
                answer = JSONResponse(Trouble(code=refusal.code).model_dump(), 429, {"Retry-After": "60"})
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _names_itself(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"])
