"""Erases the bytes of records whose time is over, and proves it: the row stays with digest, receipt, reason and time.

Only what the official system has acknowledged is erased, and invalid records where the policy names a time for them.
Deciding, erasing and stating are three steps; one that dies between them is finished by the next run. Versions of
office bundles that every kit is past go along, without a proof: they are the office's own.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fieldkit.domain.errors import InputError, KnownError, Recovery
from fieldkit.ports.delivery import OnwardState
from fieldkit.vault import age
from fieldkit.vault.durable import write_durably
from sync.gateway.database import GatewayContext, count, reading
from sync.gateway.down.publishing import sweep_passed
from sync.gateway.fence import LOOK_EVERY_S, moved_to, put_up, take_down
from sync.gateway.operations.backup import MOVING, make_backup
from sync.gateway.operations.backup_set import BACKUPS, BackupSet, OpenBackup
from sync.gateway.operations.restore import Checked, Target, ended, put_back
from sync.gateway.provision import SETTINGS
from sync.gateway.server import lock_folder
from sync.gateway.tables import counters, erasures, kits, manifests, onward, records

# Moves a data center elsewhere: fenced, backed up, put back there; the old one stays as it is.
#
# Between backup and end a note in the old folder keeps which backup it is, and its key, so that a move that was killed
# goes on with it: a later backup would fit nothing that was put back already.

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


ERASURE_TYP = "fieldkit-erasure+jwt"
_AT_ONCE = 500


class Reason(StrEnum):
    """Why a record may go."""

    ACKNOWLEDGED = "acknowledged"  # the official system has it
    INVALID = "invalid"  # it never was a record


@dataclass(frozen=True, slots=True)
class Policy:
    """How long records are kept after they were received; None keeps invalid ones for ever."""

    acknowledged: timedelta
    invalid: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose time is over."""

    kit: str
    record_id: str
    received_at: datetime
    size_bytes: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Erased:
    """What a run did; `unfinished` are decided and could not be erased now: the next run does it."""

    count: int
    size_bytes: int
    unfinished: int
    bundles: int = 0  # versions of office bundles that were forgotten


@dataclass(frozen=True, slots=True)
class Erasure:
    """One record that was erased, with the signed statement, "" while its bytes are still there."""

    kit: str
    record_id: str
    reason: str
    decided_at: datetime
    statement: str


class Retention:
    """Works while the gateway runs; several at once share the work."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def due(self, policy: Policy) -> list[Due]:
        """Return what a run would erase, oldest first; nothing is changed."""
        with self._context.engine.begin() as connection:
            return [
                Due(row.kit, row.record_id, row.received_at, row.size_bytes, reason)
                for reason, query in self._queries(policy)
                for row in connection.execute(query)
            ]

    def erase(self, policy: Policy) -> Erased:
        """Erase what is due. Raise `KnownError` `gateway.objects_away`."""
        if self._context.blobs.is_away():
            raise KnownError("gateway.objects_away")
        for reason, query in self._queries(policy):
            while self._decide(reason, query.limit(_AT_ONCE)):
                pass
        count, size, unfinished = 0, 0, 0
        for row in self._undone():
            try:
                self._finish(row)
            except OSError:
                unfinished += 1
            else:
                count += 1
                size += row.size_bytes
        with self._context.engine.begin() as connection:
            bundles = sweep_passed(connection)
        return Erased(count, size, unfinished, bundles)

    def erasures(self) -> list[Erasure]:
        """Return all that was erased, oldest first."""
        columns = (erasures.c[name] for name in ("kit", "record_id", "reason", "decided_at", "statement"))
        with self._context.engine.begin() as connection:
            return [Erasure(*row) for row in connection.execute(sa.select(*columns).order_by(erasures.c.decided_at))]

    def _queries(self, policy: Policy) -> Iterator[tuple[Reason, sa.Select[Any]]]:
        now = self._context.clock.now()
        query = (
            sa.select(records.c.kit, records.c.record_id, records.c.received_at, manifests)
            .join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))
            .where(records.c.erased_at.is_(None), records.c.lost_at.is_(None))
            .order_by(records.c.received_at, records.c.record_id)
        )
        handed_on = sa.and_(
            onward.c.kit == records.c.kit,
            onward.c.record_id == records.c.record_id,
            onward.c.state == OnwardState.ACKNOWLEDGED.value,
        )
        yield (
            Reason.ACKNOWLEDGED,
            query.join(onward, handed_on).where(
                records.c.verdict == "valid", records.c.received_at < now - policy.acknowledged
            ),
        )
        if policy.invalid is not None:
            yield (
                Reason.INVALID,
                query.where(records.c.verdict == "invalid", records.c.received_at < now - policy.invalid),
            )

    def _decide(self, reason: Reason, query: sa.Select[Any]) -> int:
        now = self._context.clock.now()
        with self._context.engine.begin() as connection:
            found = connection.execute(query.with_for_update(of=records, skip_locked=True)).all()
            for row in found:
                mine = {"kit": row.kit, "record_id": row.record_id}
                connection.execute(sa.update(records).filter_by(**mine).values(erased_at=now))
                connection.execute(
                    sa.insert(erasures).values(
                        **mine, sha256=row.sha256, size_bytes=row.size_bytes, reason=reason.value, decided_at=now
                    )
                )
        return len(found)

    def _undone(self) -> list[sa.Row[Any]]:
        query = (
            sa.select(erasures, records.c.key, records.c.receipt, records.c.received_at)
            .join(records, sa.and_(records.c.kit == erasures.c.kit, records.c.record_id == erasures.c.record_id))
            .where(erasures.c.statement == "")
            .order_by(erasures.c.decided_at)
        )
        with self._context.engine.begin() as connection:
            return list(connection.execute(query).all())

    def _finish(self, row: sa.Row[Any]) -> None:
        """Erase the object, look that it is gone, then state it. Raise `OSError`."""
        if not self._is_anothers(row):
            self._context.blobs.delete(row.key)
            try:
                self._context.blobs.size(row.key)
            except FileNotFoundError:
                pass
            else:
                raise OSError("the object is still there")
        said = {
            "kit": row.kit,
            "record_id": row.record_id,
            "sha256": row.sha256,
            "size_bytes": row.size_bytes,
            "received_at": row.received_at.isoformat(),
            "receipt_sha256": hashlib.sha256(row.receipt.encode("ascii")).hexdigest(),
            "reason": row.reason,
            "decided_at": row.decided_at.isoformat(),
            "erased_at": self._context.clock.now().isoformat(),
            "gateway": self._context.name,
        }
        statement = self._context.receipt_signer.sign(said, ERASURE_TYP)
        with self._context.engine.begin() as connection:
            connection.execute(
                sa.update(erasures)
                .where(erasures.c.kit == row.kit, erasures.c.record_id == row.record_id, erasures.c.statement == "")
                .values(statement=statement)
            )

    def _is_anothers(self, row: sa.Row[Any]) -> bool:
        """Whether a record that stays has the same bytes: two laptops may have carried one file."""
        others = sa.select(sa.literal(1)).where(records.c.key == row.key, records.c.erased_at.is_(None)).limit(1)
        with self._context.engine.begin() as connection:
            return connection.execute(others).first() is not None
