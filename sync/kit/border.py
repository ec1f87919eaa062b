"""The one border of delivery: whatever happens within becomes a problem in the report."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fieldkit.domain.errors import KnownError, Problem, has_no_room
from sync.kit.parts import EnoughError
from sync.kit.tally import Tally

_log = logging.getLogger(__name__)


def stops(tally: Tally, act: Callable[[], object]) -> bool:
    """Do a part of the run and return whether that ended it; the first reason counts."""
    try:
        act()
    except EnoughError:
        return True
    except KnownError as error:
        problem = error.problem
    except OSError as error:
        problem = Problem("store.disk_full" if has_no_room(error) else "store.disk_failed")
    except Exception as error:  # noqa: BLE001 - a bug of ours must not end delivery: here, and nowhere else, all is caught
        _log.exception("a run of delivery met what nobody foresaw")
        problem = Problem("sync.unforeseen", {"kind": type(error).__name__})
    else:
        return False
    tally.stopped_by = tally.stopped_by or problem
    return True
