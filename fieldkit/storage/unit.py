"""All repositories within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.engine import Connection

from fieldkit.domain.delivery.audit import STATE, STATE_KEPT
from fieldkit.domain.people.accounts import User
from fieldkit.domain.things import Thing
from fieldkit.ports.anchors import Anchors
from fieldkit.ports.audit import StateLedger
from fieldkit.ports.clock import Ids
from fieldkit.ports.drafts import Drafts
from fieldkit.ports.exchange import RevisionRepository
from fieldkit.ports.figures import Figures
from fieldkit.ports.person_finder import FingerTemplates
from fieldkit.ports.repositories import Attachments, Repository
from fieldkit.ports.standings import Standings
from fieldkit.ports.store import Activities, EventLog, SealedRecords, Sessions, Settings, Targets
from fieldkit.storage.repositories import people
from fieldkit.storage.repositories.activities import SqlActivities
from fieldkit.storage.repositories.anchors import SqlAnchors
from fieldkit.storage.repositories.attachments import SqlAttachments
from fieldkit.storage.repositories.drafts import SqlDrafts
from fieldkit.storage.repositories.event_log import KitChain, SqlEventLog
from fieldkit.storage.repositories.figures import SqlFigures
from fieldkit.storage.repositories.finger_templates import SqlFingerTemplates
from fieldkit.storage.repositories.revisions import SqlRevisions
from fieldkit.storage.repositories.sealed_records import SqlSealedRecords
from fieldkit.storage.repositories.sessions import SqlSessions
from fieldkit.storage.repositories.settings import SqlSettings
from fieldkit.storage.repositories.standings import SqlStandings
from fieldkit.storage.repositories.state import SqlState
from fieldkit.storage.repositories.targets import SqlTargets
from fieldkit.storage.repositories.things import SqlRepository
from fieldkit.storage.session_journal import SessionChanges

T = TypeVar("T", bound=Thing)

_PROGRAM = "program"  # the actor: whoever caused the write stands in its own event


class SqlUnit:
    """`fieldkit.ports.store.Unit` on one connection; it ends with its transaction. `connection` stays in this room."""

    def __init__(self, connection: Connection, chain: KitChain, ids: Ids) -> None:
        self.connection = connection
        self.has_erased = False
        self.changes = SessionChanges()
        self.activities: Activities = SqlActivities(connection)
        self.targets: Targets = SqlTargets(connection)
        self.sessions: Sessions = SqlSessions(connection, self._note_erasing, self.changes)
        self.records: SealedRecords = SqlSealedRecords(connection, chain)
        self._log = SqlEventLog(connection, chain, ids)
        self.events: EventLog = self._log
        self.settings: Settings = SqlSettings(connection)
        self.attachments: Attachments = SqlAttachments(connection, self._note_erasing)
        self.revisions: RevisionRepository = SqlRevisions(connection, chain, self._note_erasing)
        self.figures: Figures = SqlFigures(connection)
        self.standings: Standings = SqlStandings(connection)
        self.anchors: Anchors = SqlAnchors(connection, chain)
        self._state = SqlState(connection)
        self.state: StateLedger = self._state
        self.drafts: Drafts = SqlDrafts(connection)
        self.finger_templates: FingerTemplates = SqlFingerTemplates(connection, self._note_erasing)

    def watch(self) -> None:
        """Begin to see what is written; the store calls it at the start of a write."""
        self._state.watch()

    def note_state(self, at: datetime) -> None:
        """Note digests of what was written and no event names yet; the store calls it at the end of a write."""
        kept = {key: digest for key, digest in self._state.touched().items() if (key, digest) not in self._log.noted}
        if kept:
            self.events.append(STATE_KEPT, STATE, {"kept": kept}, _PROGRAM, at)

    @property
    def has_logged(self) -> bool:
        """Return whether this transaction appended an event."""
        return self._log.has_appended

    @property
    def written(self) -> frozenset[str]:
        """Return the kinds of what this transaction wrote, once `note_state` was called."""
        return self._state.kinds

    def repository(self, kind: type[T]) -> Repository[T]:
        """Return the repository of one kind of thing."""
        return SqlRepository(self.connection, kind, self._note_erasing)

    def users(self) -> Sequence[User]:
        """Return the accounts of this kit by name."""
        return people.all_users(self.connection)

    def save_user(self, user: User) -> None:
        """Insert or replace an account."""
        people.save_user(self.connection, user)

    def _note_erasing(self) -> None:
        self.has_erased = True
