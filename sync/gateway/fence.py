"""Whether this data center moved elsewhere: who still serves it must stop, or one record would be in two places."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fieldkit.domain.errors import InputError, KnownError
from sync.gateway.database import reading
from sync.gateway.tables import moves
from sync.protocol.messages import Trouble

LOOK_EVERY_S = 5.0
_ALWAYS = frozenset({"/healthz", "/metrics"})


def moved_to(engine: sa.Engine) -> str:
    """Return where this data center moved, "" while it is here."""
    with reading(engine) as connection:
        return connection.scalar(sa.select(moves.c.place).limit(1)) or ""


def demand_here(engine: sa.Engine) -> None:
    """Raise `InputError` `gateway.moved`, `KnownError` `gateway.database_away` where a server does not answer."""
    try:
        place = moved_to(engine)
    except sa.exc.OperationalError as error:
        if engine.dialect.name == "sqlite":
            raise
        raise KnownError("gateway.database_away", host=str(engine.url.host)) from error
    if place:
        raise InputError("gateway.moved", place=place)


def put_up(engine: sa.Engine, place: str, at: datetime) -> None:
    """Let nobody serve this data center any more; workers that run notice within seconds."""
    with engine.begin() as connection:
        connection.execute(sa.delete(moves))
        connection.execute(sa.insert(moves).values(place=place[:200], at=at))


def take_down(engine: sa.Engine) -> None:
    """Let it be served again."""
    with engine.begin() as connection:
        connection.execute(sa.delete(moves))


class Fence:
    """Stands in front of the application and looks now and then."""

    def __init__(self, app: ASGIApp, engine: sa.Engine, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._app, self._engine, self._clock_s = app, engine, clock_s
        self._looked_s = clock_s()  # whoever opened the gateway has looked
        self._is_gone = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 503 when the data center moved."""
        if scope["type"] == "http" and scope["path"] not in _ALWAYS:
            if self._clock_s() - self._looked_s >= LOOK_EVERY_S:
                self._looked_s = self._clock_s()
                self._is_gone = await run_in_threadpool(self._look)
            if self._is_gone:
                refusal = Trouble(code="gateway.moved", message="this data center moved; ask the new one")
                await JSONResponse(refusal.model_dump(), 503)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _look(self) -> bool:
        try:
            return moved_to(self._engine) != ""
        except (sa.exc.SQLAlchemyError, OSError):
            return self._is_gone  # the database is away: nothing is known
