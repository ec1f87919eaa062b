"""Tells a fault of ours in the log, without what was sent, and answers 500 in the form of every other refusal.

A disk without room is no fault of ours: one line, and 507; nor is a database or an object store that is away, or a
database that the disk damaged: 503.
"""

from __future__ import annotations

import logging
import traceback

import sqlalchemy as sa
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldkit.domain.errors import has_no_room
from sync.gateway.blobs import ObjectsAwayError
from sync.protocol.messages import Trouble

_DAMAGED = frozenset({11, 26})  # SQLITE_CORRUPT, SQLITE_NOTADB
_log = logging.getLogger(__name__)


class ServerErrors:
    """Stands in front of the application; nothing is raised through it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 `server.error` when the application raises."""
        is_answered = False

        async def answer(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # the last place that can tell it: above is only the server, which says nothing
            if scope["type"] != "http":
                raise
            status, code = 500, "server.error"
            if isinstance(error, OSError) and has_no_room(error):
                status, code = 507, "server.full"
                _log.warning("%s %s: the disk is full", scope["method"], _route(scope))
            elif is_away(error):
                status, code = 503, "server.busy"
                _log.warning("%s %s: the database is away", scope["method"], _route(scope))
            elif isinstance(error, ObjectsAwayError):
                status, code = 503, "server.busy"
                _log.warning("%s %s: the object store is away: %s", scope["method"], _route(scope), error)
            elif _is_damaged(error):
                status, code = 503, "server.busy"  # kits keep what they have and come again
                _log.error("%s %s: the database is damaged; put a backup back", scope["method"], _route(scope))
            else:
                _log.error("%s %s failed\n%s", scope["method"], _route(scope), _told(error))
            if not is_answered:
                await JSONResponse(Trouble(code=code).model_dump(), status_code=status)(scope, receive, send)


def is_away(error: Exception) -> bool:
    """Return whether a database server does not answer, or has no connection to spare; SQLite's troubles are ours."""
    if isinstance(error, sa.exc.OperationalError):
        return getattr(error.orig, "sqlite_errorcode", None) is None
    return isinstance(error, sa.exc.TimeoutError)


def _is_damaged(error: Exception) -> bool:
    code = int(getattr(getattr(error, "orig", None), "sqlite_errorcode", 0))
    return code & 0xFF in _DAMAGED


def _route(scope: Scope) -> str:
    # The route, not the path: a path is written by the client.
    return str(getattr(scope.get("route"), "path", "(no route)"))


def _told(error: BaseException) -> str:
    """Return type and place of an error and of its causes. Messages are left out: they may quote what was sent."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        parts.append("".join(traceback.format_tb(cause.__traceback__)) + type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    return "\ncaused by\n".join(parts)
