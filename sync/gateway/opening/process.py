"""The opener as a process: until it is told to stop, or until nothing waits. Several may run on one database."""

from __future__ import annotations

import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from fieldkit.domain.errors import KnownError
from sync.gateway.opener import Opener, Outcome, work

_log = logging.getLogger(__name__)
_EVERY_S = 2.0  # a look at an index; a record waits this long at most while nothing else is to be done


def open_always(opener: Opener, ready: Callable[[], None], every_s: float = _EVERY_S) -> None:
    """Open what comes until SIGTERM or SIGINT, the record under way to its end. Only for the main thread."""
    with _told_to_stop() as stopping:
        ready()
        work(opener, stopping.is_set, lambda: stopping.wait(every_s))


def open_waiting(opener: Opener, ready: Callable[[], None]) -> tuple[Counter[Outcome], bool]:
    """Open what waits now; return what became of it, and whether all bytes could be read. Only for the main thread.

    Raise `KnownError` `gateway.database_away`.
    """
    is_all_read = True
    with _told_to_stop() as stopping:
        ready()
        try:
            opener.release()
            opener.run_pending(stopping.is_set)
        except OSError as error:
            _log.warning("an object could not be read: %s", error)
            is_all_read = False
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            raise KnownError("gateway.database_away", host=opener.host) from error
    return opener.opened, is_all_read


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    stopping = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stopping.set()) for number in numbers]
    try:
        yield stopping
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
