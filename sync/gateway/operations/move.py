"""Moves a data center elsewhere: fenced, backed up, put back there; the old one stays as it is.

Between backup and end a note in the old folder keeps which backup it is, and its key, so that a move that was killed
goes on with it: a later backup would fit nothing that was put back already.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa

from fieldkit.domain.errors import InputError, KnownError, Recovery
from fieldkit.vault import age
from fieldkit.vault.durable import write_durably
from sync.gateway.assembly import lock_folder
from sync.gateway.context import GatewayContext
from sync.gateway.database import count, reading
from sync.gateway.fence import LOOK_EVERY_S, moved_to, put_up, take_down
from sync.gateway.operations.backup import MOVING, make_backup
from sync.gateway.operations.backup_set import BACKUPS, BackupSet, OpenBackup
from sync.gateway.operations.restore import Checked, Target, ended, put_back
from sync.gateway.provision import SETTINGS
from sync.gateway.tables import counters, kits, records

# For workers to notice the fence, and for what is under way in them.
_PATIENCE_S = 2 * LOOK_EVERY_S


def move(
    context: GatewayContext, folder: Path, via: Path, target: Target, wait: Callable[[float], None] = time.sleep
) -> Checked:
    """Move the gateway of `folder`; `via` is a folder of backups, which makes the standstill as short as it is new.

    One that was killed leaves the fence, and the same call goes on; another one with another target begins anew, or it
    is taken back. Raise `InputError`, also `gateway.served_already` and what `put_back` raises, `KnownError`
    `gateway.written_meanwhile` when somebody wrote behind the fence.
    """
    if target.folder.resolve() == folder.resolve():
        raise InputError("gateway.exists", folder=str(target.folder))
    with ExitStack() as stack:
        stack.callback(lock_folder(folder).release)
        opened = _begun(context, folder, via, target)
        if opened is not None and (target.folder / SETTINGS).exists():
            checked = ended(opened.made, target)
        else:
            if opened is None:
                opened = _backed_up(context, folder, via, target, wait)
                _keep(folder, opened, target, _written(context))
            checked = put_back(opened, target)
        (folder / MOVING).unlink()
        return checked


def _backed_up(
    context: GatewayContext, folder: Path, via: Path, target: Target, wait: Callable[[float], None]
) -> OpenBackup:
    """Fence the old one in and back it up."""
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
    return made.opened


def _keep(folder: Path, opened: OpenBackup, target: Target, written: tuple[int, ...]) -> None:
    note = {"backup": opened.made.folder.name, "key": opened.key_text, "written": written, **_named(target)}
    write_durably(folder / MOVING, json.dumps(note).encode())


def _begun(context: GatewayContext, folder: Path, via: Path, target: Target) -> OpenBackup | None:
    """Return the backup with which a move to this very target was killed, None where there is none that still fits."""
    try:
        note = json.loads((folder / MOVING).read_bytes())
        is_ours = {**note, **_named(target), "written": [*_written(context)]} == note
        if not is_ours or moved_to(context.engine) != str(target.folder):
            return None
        return OpenBackup(BackupSet.read(via / BACKUPS / note["backup"]), age.Identity.parse(note["key"]))
    except (FileNotFoundError, ValueError, KeyError, KnownError):
        return None


def _named(target: Target) -> dict[str, str]:
    return {"folder": str(target.folder), "database": target.database, "objects": target.objects}


def take_back(context: GatewayContext, folder: Path) -> None:
    """Let the old one be served again. Raise `InputError` when it never moved, or the new one is there."""
    place = moved_to(context.engine)
    if not place:
        raise InputError("gateway.not_moved")
    if (Path(place) / "gateway.json").exists():
        raise InputError("gateway.moved", place=place)
    (folder / MOVING).unlink(missing_ok=True)
    take_down(context.engine)


def _written(context: GatewayContext) -> tuple[int, ...]:
    """Return what grows whenever a kit or an opener writes."""
    with reading(context.engine) as connection:
        feed: int = connection.execute(sa.select(sa.func.max(counters.c.value))).scalar_one()
        return count(connection, kits), count(connection, records), feed
