"""Moves a data center elsewhere: fenced, backed up, put back there; the old one stays as it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa

from fieldkit.domain.errors import InputError, KnownError, Recovery
from sync.gateway.assembly import lock_folder
from sync.gateway.context import GatewayContext
from sync.gateway.database import reading
from sync.gateway.fence import LOOK_EVERY_S, moved_to, put_up, take_down
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.restore import Checked, Target, put_back
from sync.gateway.tables import counters, kits, records

# For workers to notice the fence, and for what is under way in them.
_PATIENCE_S = 2 * LOOK_EVERY_S


def move(
    context: GatewayContext, folder: Path, via: Path, target: Target, wait: Callable[[float], None] = time.sleep
) -> Checked:
    """Move the gateway of `folder`; `via` is a folder of backups, which makes the standstill as short as it is new.

    One that died leaves the fence: it is begun again with an empty target, finished by restoring its backup, or taken
    back. Raise `InputError`, also `gateway.served_already` and what `put_back` raises, `KnownError`
    `gateway.written_meanwhile` when somebody wrote behind the fence.
    """
    if target.folder.resolve() == folder.resolve():
        raise InputError("gateway.exists", folder=str(target.folder))
    with ExitStack() as stack:
        stack.callback(lock_folder(folder).release)
        if context.engine.dialect.name != "sqlite":  # most of it while workers still serve
            make_backup(context, folder, via)
        put_up(context.engine, str(target.folder), context.clock.now())
        if context.engine.dialect.name != "sqlite":
            wait(_PATIENCE_S)
        before = _written(context)
        made = make_backup(context, folder, via)
        if made.made.statement.missing:
            raise KnownError("gateway.backup_incomplete", count=len(made.made.statement.missing))
        if _written(context) != before:
            raise KnownError("gateway.written_meanwhile", recovery=Recovery.RETRY)
        return put_back(made.opened, target)


def take_back(context: GatewayContext) -> None:
    """Let the old one be served again. Raise `InputError` when it never moved, or the new one is there."""
    place = moved_to(context.engine)
    if not place:
        raise InputError("gateway.not_moved")
    if (Path(place) / "gateway.json").exists():
        raise InputError("gateway.moved", place=place)
    take_down(context.engine)


def _written(context: GatewayContext) -> tuple[int, ...]:
    """Return what grows whenever a kit or an opener writes."""
    with reading(context.engine) as connection:
        counted = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (kits, records)]
        feed = connection.scalar(sa.select(sa.func.max(counters.c.value)))
        return *(int(count or 0) for count in counted), int(feed or 0)
