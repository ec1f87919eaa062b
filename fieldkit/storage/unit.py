"""All repositories within one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import RowMapping, Table, select
from sqlalchemy.engine import Connection

from fieldkit.domain.delivery import STATE, STATE_KEPT
from fieldkit.domain.errors import VaultError
from fieldkit.domain.events import ChainHead, Thing
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.session import ENDED
from fieldkit.ports.clock import Ids
from fieldkit.ports.delivery import Anchors
from fieldkit.ports.exchange import RevisionRepository
from fieldkit.ports.laptop import StateLedger
from fieldkit.ports.recording import Drafts, FingerTemplates
from fieldkit.ports.repositories import Attachments, Figures, Repository, Standings
from fieldkit.ports.store import Activities, EventLog, SealedRecords, Sessions, Settings, Targets
from fieldkit.storage import tables
from fieldkit.storage.mappers import Values
from fieldkit.storage.repositories import targets
from fieldkit.storage.repositories.anchors import SqlAnchors
from fieldkit.storage.repositories.event_log import KitChain, SqlEventLog
from fieldkit.storage.repositories.figures import SqlFigures
from fieldkit.storage.repositories.records import (
    SqlAttachments,
    SqlDrafts,
    SqlFingerTemplates,
    SqlSealedRecords,
    SqlSessions,
)
from fieldkit.storage.repositories.revisions import SqlRevisions
from fieldkit.storage.repositories.state import SqlSettings, SqlState
from fieldkit.storage.repositories.targets import SqlActivities, SqlStandings, SqlTargets
from fieldkit.storage.repositories.things import SqlRepository, get, newest_found, put
from fieldkit.storage.session_journal import KeptSession, SessionChanges, SessionJournals

T = TypeVar("T", bound=Thing)
R = TypeVar("R", covariant=True)

_PROGRAM = "program"  # the actor: whoever caused the write stands in its own event


class _Made(Generic[R]):
    """A repository that its unit makes when it is first asked for: an act needs two or three of them."""

    def __init__(self, make: Callable[[SqlUnit], R]) -> None:
        self._make = make

    def __set_name__(self, unit: type[SqlUnit], name: str) -> None:
        self._name = name

    def __get__(self, unit: SqlUnit, _: type[SqlUnit]) -> R:
        made = unit.__dict__[self._name] = self._make(unit)  # which stands before this from now on
        return made


class SqlUnit:
    """`fieldkit.ports.store.Unit` on one connection; it ends with its transaction. `connection` stays in this room."""

    connection: Connection
    chain: KitChain
    ids: Ids
    changes: SessionChanges

    activities = _Made[Activities](lambda unit: SqlActivities(unit.connection))
    targets = _Made[Targets](lambda unit: SqlTargets(unit.connection))
    sessions = _Made[Sessions](lambda unit: SqlSessions(unit.connection, unit.note_erasing, unit.changes))
    records = _Made[SealedRecords](lambda unit: SqlSealedRecords(unit.connection, unit.chain))
    log = _Made(lambda unit: SqlEventLog(unit.connection, unit.chain, unit.ids))
    events = _Made[EventLog](lambda unit: unit.log)
    settings = _Made[Settings](lambda unit: SqlSettings(unit.connection))
    attachments = _Made[Attachments](lambda unit: SqlAttachments(unit.connection, unit.note_erasing))
    revisions = _Made[RevisionRepository](lambda unit: SqlRevisions(unit.connection, unit.chain, unit.note_erasing))
    figures = _Made[Figures](lambda unit: SqlFigures(unit.connection))
    standings = _Made[Standings](lambda unit: SqlStandings(unit.connection))
    anchors = _Made[Anchors](lambda unit: SqlAnchors(unit.connection, unit.chain))
    touched = _Made(lambda unit: SqlState(unit.connection))
    state = _Made[StateLedger](lambda unit: unit.touched)
    drafts = _Made[Drafts](lambda unit: SqlDrafts(unit.connection))
    finger_templates = _Made[FingerTemplates](lambda unit: SqlFingerTemplates(unit.connection, unit.note_erasing))

    def __init__(self, connection: Connection, chain: KitChain, ids: Ids) -> None:
        self.connection, self.chain, self.ids = connection, chain, ids
        self.has_erased = False
        self.changes = SessionChanges()

    def note_erasing(self) -> None:
        """Note that bytes went which must not stay in the log of the database either."""
        self.has_erased = True

    def watch(self) -> None:
        """Begin to see what is written; the store calls it at the start of a write."""
        self.touched.watch()

    def note_state(self, at: datetime) -> None:
        """Note digests of what was written and no event names yet; the store calls it at the end of a write."""
        kept = {key: digest for key, digest in self.touched.touched().items() if (key, digest) not in self.log.noted}
        if kept:
            self.events.append(STATE_KEPT, STATE, {"kept": kept}, _PROGRAM, at)

    @property
    def has_logged(self) -> bool:
        """Return whether this transaction appended an event."""
        return self.log.has_appended

    @property
    def written(self) -> frozenset[str]:
        """Return the kinds of what this transaction wrote, once `note_state` was called."""
        return self.touched.kinds

    def repository(self, kind: type[T]) -> Repository[T]:
        """Return the repository of one kind of thing."""
        return SqlRepository(self.connection, kind, self.note_erasing)

    def search(self, kinds: Sequence[type[Thing]], text: str, limit: int) -> Sequence[Thing]:
        """Return up to `limit` things of each kind that a search finds, newest first."""
        return newest_found(self.connection, kinds, text, limit)

    def users(self) -> Sequence[User]:
        """Return the accounts of this kit by name."""
        return targets.all_users(self.connection)

    def save_user(self, user: User) -> None:
        """Insert or replace an account."""
        targets.save_user(self.connection, user)


# What goes from the tables into the journals of open recordings, and back when the store is behind them.

_ENDED = frozenset(phase.value for phase in ENDED)
_TOUCHED_BY_AN_OPEN_ONE = frozenset({TargetState.PLANNED.value, TargetState.POSTPONED.value})


class Journaled:
    """One transaction on its way into the journals; made before the commit, written after it."""

    def __init__(self, unit: SqlUnit, journals: SessionJournals) -> None:
        self._journals, self._changes = journals, unit.changes
        self._head: ChainHead | None = None
        self._around: dict[str, Mapping[str, Values | None]] = {}
        open_ones = unit.changes.open
        if open_ones:
            self._head = unit.events.head()
        for session_id in open_ones:
            if not journals.has(session_id):
                earlier = journals.of(session_id).samples
                self._around[session_id] = _begun(unit.connection, unit.changes, session_id, earlier)

    def write(self) -> None:
        """Append to the journals and take those of ended recordings away; what the disk refuses is made up for later.

        A journal without room begins anew with the next commit, one that cannot be erased is erased at the next start.
        """
        for session_id in self._changes.open:
            with suppress(OSError):
                self._journals.append(session_id, self._changes, self._head, self._around.get(session_id, {}))
        for session_id in self._changes.ended:
            with suppress(OSError, VaultError):
                self._journals.erase(session_id)


def rebuild_behind(unit: SqlUnit, journals: SessionJournals) -> Sequence[str]:
    """Bring recordings forward whose journal tells of an event that the store lacks; return their ids."""
    _forget_ended(unit, journals)
    kept = journals.kept()
    behind = {i: each for i, each in kept.items() if each.head is not None and not unit.events.holds(each.head)}
    rebuilt = rebuild(unit.connection, behind)
    for session in unit.sessions.unfinished():
        if session.session_id not in kept:
            unit.sessions.save(session)  # it has no journal that this key opens: it begins with this commit
    return rebuilt


def rebuild(connection: Connection, kept: Mapping[str, KeptSession]) -> Sequence[str]:
    """Lay recordings down as their journals have them, but those that ended; return their ids."""
    ended = _ended(connection, kept)
    rebuilt = [session_id for session_id in kept if session_id not in ended]
    for session_id in rebuilt:
        _lay_down(connection, kept[session_id])
    return rebuilt


def _lay_down(connection: Connection, kept: KeptSession) -> None:
    for table, key in ((tables.activities, "activity_id"), (tables.targets, "target_id")):
        row = kept.around.get(table.name)
        if row is not None and _row(connection, table, key, str(row[key])) is None:
            put(connection, table, key, [row])
    put(connection, tables.sessions, "session_id", [kept.session])
    put(connection, tables.samples, "sample_id", list(kept.samples.values()))
    target = _row(connection, tables.targets, "target_id", str(kept.session["target_id"]))
    if target is not None and target["state"] in _TOUCHED_BY_AN_OPEN_ONE:
        put(connection, tables.targets, "target_id", [{**target, "state": TargetState.RECORDING.value}])


def _begun(
    connection: Connection, changes: SessionChanges, session_id: str, earlier: Mapping[str, Values]
) -> Mapping[str, Values | None]:
    """Put the whole recording into the changes and return the rows that it refers to.

    A sample that an earlier start wrote down is taken from there: a page of the store may have gone bad since.
    """
    mine = tables.samples.c.session_id == session_id
    for row in connection.execute(select(tables.samples).where(mine)).mappings():
        sample_id = row["sample_id"]
        changes.samples.setdefault(sample_id, earlier.get(sample_id) or _plain(row))
    session = _plain(get(connection, tables.sessions, "session_id", session_id)._mapping)
    changes.sessions.setdefault(session_id, session)
    return {
        "activities": _row(connection, tables.activities, "activity_id", session["activity_id"]),
        "targets": _row(connection, tables.targets, "target_id", session["target_id"]),
    }


def _forget_ended(unit: SqlUnit, journals: SessionJournals) -> None:
    for session_id in _ended(unit.connection, journals.names()):
        with suppress(OSError, VaultError):
            journals.erase(session_id)


def _ended(connection: Connection, session_ids: Collection[str]) -> frozenset[str]:
    columns = tables.sessions.c
    # Not by the phase: SQLite would go through all that ever ended.
    phases = connection.execute(select(columns.session_id, columns.phase).where(columns.session_id.in_(session_ids)))
    return frozenset(session_id for session_id, phase in phases if phase in _ENDED)


def _row(connection: Connection, table: Table, key: str, value: str) -> Values | None:
    found = connection.execute(select(table).where(table.c[key] == value)).mappings().first()
    return None if found is None else _plain(found)


def _plain(row: RowMapping) -> Values:
    return {str(name): value for name, value in row.items() if name != "row"}
