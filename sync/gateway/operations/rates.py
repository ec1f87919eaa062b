"""How much a kit, and an address without one, may ask for in a span of time, over all workers together.

The truth is a row a span in the database. A worker takes some in advance and counts down by itself, so that it asks the
database rarely; what it took and did not use is given up at the end of the span.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.gateway.admission import counted_as
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.tables import rate_windows
from sync.protocol.messages import Trouble

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_OPEN = ("/enrol", "/token")  # no token lets anybody in here, so none spares the count
_MOST_LEASES = 10_000
_SHARES = 64  # a worker takes this part of what is allowed at once


@dataclass(slots=True)
class _Lease:
    began: int
    left: int
    is_over: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    amount: int
    most: int  # in a span
    span: timedelta
    code: str  # of the refusal

    @property
    def share(self) -> int:
        return max(self.amount, self.most // _SHARES)


class Rates:
    """Counts. Where the database does not answer everything is let through: other parts of it will refuse."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._leases: dict[str, _Lease] = {}

    def of_kit(self, kit: str, body_bytes: int) -> None:
        """Count a request of a kit. Raise `Refusal` 429 `rate.requests` or `rate.bytes`."""
        limits = self._context.limits
        requests = _Wanted(f"kit:{kit}", 1, limits.kit_requests_a_minute, _MINUTE, "rate.requests")
        self._take(requests, self._bytes_of(kit, body_bytes))

    def of_bytes(self, kit: str, body_bytes: int) -> None:
        """Count bytes of a kit's bodies. Raise `Refusal` 429 `rate.bytes`."""
        if body_bytes:  # most requests have none, and each count is a write
            self._take(self._bytes_of(kit, body_bytes))

    def of_kit_at_once(self, kit: str, body_bytes: int) -> bool:
        """Count a request of a kit if that needs no wait, not even for another thread; else count nothing."""
        lease, of_bytes = self._lease(f"kit:{kit}", _MINUTE), self._lease(f"bytes:{kit}", _DAY)
        with _at_once(lease.turn) as is_ours, _at_once(of_bytes.turn) as is_ours_too:
            is_granted = is_ours and is_ours_too and lease.left > 0 and of_bytes.left >= body_bytes
            if is_granted:
                lease.left -= 1
                of_bytes.left -= body_bytes
        return is_granted

    def _bytes_of(self, kit: str, body_bytes: int) -> _Wanted:
        return _Wanted(f"bytes:{kit}", body_bytes, self._context.limits.kit_bytes_a_day, _DAY, "rate.bytes")

    def of_address(self, address: str, *, enrols: bool) -> None:
        """Count a request that no kit has signed in for. Raise `Refusal` 429 `rate.requests`."""
        limits = self._context.limits
        # An address says where somebody is: only a keyed digest of it is kept, and that for some minutes.
        told = hmac.new(self._context.nik_key, counted_as(address).encode(), hashlib.sha256).hexdigest()[:32]
        most = limits.address_enrolments_a_minute if enrols else limits.address_requests_a_minute
        self._take(_Wanted(f"{'enrol' if enrols else 'from'}:{told}", 1, most, _MINUTE, "rate.requests"))

    def _take(self, *wanted: _Wanted) -> None:
        leases = [(self._lease(each.name, each.span), each) for each in wanted]
        with ExitStack() as turns:  # of their own: who draws waits for the disk, and other kits do not wait with it
            for lease, _ in leases:
                turns.enter_context(lease.turn)
            self._draw([(lease, each) for lease, each in leases if lease.left < each.amount and not lease.is_over])
            for lease, each in leases:
                if lease.left < each.amount:
                    raise Refusal(429, each.code, "more was asked for than is allowed; come again later")
                lease.left -= each.amount

    def _lease(self, name: str, span: timedelta) -> _Lease:
        began = int(self._context.clock.now().timestamp() // span.total_seconds() * span.total_seconds())
        with self._lock:
            lease = self._leases.get(name)
            if lease is None or lease.began != began:
                lease = self._leases[name] = _Lease(began, 0)
            if len(self._leases) > _MOST_LEASES:
                self._leases = {name: each for name, each in self._leases.items() if each.began + 86_400 > began}
        return lease

    def _draw(self, short: Sequence[tuple[_Lease, _Wanted]]) -> None:
        """Take so much as is wanted from what is left of each span, in the database: all in one transaction."""
        if not short:
            return
        drawn = [each.share for _, each in short]
        with suppress(OperationalError, OSError):
            for _ in range(2):
                try:
                    with self._context.engine.begin() as connection:
                        drawn = [self._drawn(connection, lease.began, each) for lease, each in short]
                    break
                except IntegrityError:  # another worker began a span at the same moment
                    continue
        for (lease, each), more in zip(short, drawn, strict=True):
            lease.left += more
            lease.is_over = lease.left < each.amount

    def _drawn(self, connection: sa.Connection, began: int, wanted: _Wanted) -> int:
        """Take a share and return how much of it there was."""
        row = sa.and_(rate_windows.c.name == wanted.name, rate_windows.c.began == began)
        more = sa.update(rate_windows).where(row).values(used=rate_windows.c.used + wanted.share)
        if not connection.execute(more).rowcount:
            self._begin(connection, wanted.name, began, wanted.share, wanted.span)
        used: int = connection.execute(sa.select(rate_windows.c.used).where(row)).scalar_one()
        return min(wanted.share, max(0, wanted.most - (used - wanted.share)))

    def _begin(self, connection: sa.Connection, name: str, began: int, used: int, span: timedelta) -> None:
        ends_at = datetime.fromtimestamp(began, UTC) + span
        # Those that are over first: the one that begins may be over by now too.
        connection.execute(sa.delete(rate_windows).where(rate_windows.c.ends_at <= self._context.clock.now()))
        connection.execute(sa.insert(rate_windows).values(name=name, began=began, ends_at=ends_at, used=used))


@contextmanager
def _at_once(lock: threading.Lock) -> Iterator[bool]:
    is_ours = lock.acquire(blocking=False)
    try:
        yield is_ours
    finally:
        if is_ours:
            lock.release()


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
