"""All repositories within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy.engine import Connection

from fieldkit.domain.people import User
from fieldkit.domain.things import Thing
from fieldkit.ports.anchors import Anchors
from fieldkit.ports.clock import Ids
from fieldkit.ports.drafts import Drafts
from fieldkit.ports.exchange import RevisionShelf
from fieldkit.ports.figures import Figures
from fieldkit.ports.shelves import Attachments, Shelf
from fieldkit.ports.standings import Standings
from fieldkit.ports.store import Activities, EventLog, SealedRecords, Sessions, Settings, Targets
from fieldkit.storage.repositories import people
from fieldkit.storage.repositories.activities import SqlActivities
from fieldkit.storage.repositories.anchors import SqlAnchors
from fieldkit.storage.repositories.attachments import SqlAttachments
from fieldkit.storage.repositories.drafts import SqlDrafts
from fieldkit.storage.repositories.event_log import KitChain, SqlEventLog
from fieldkit.storage.repositories.figures import SqlFigures
from fieldkit.storage.repositories.revisions import SqlRevisions
from fieldkit.storage.repositories.sealed_records import SqlSealedRecords
from fieldkit.storage.repositories.sessions import SqlSessions
from fieldkit.storage.repositories.settings import SqlSettings
from fieldkit.storage.repositories.standings import SqlStandings
from fieldkit.storage.repositories.targets import SqlTargets
from fieldkit.storage.repositories.things import SqlShelf
from fieldkit.storage.session_journal import SessionChanges

T = TypeVar("T", bound=Thing)


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
        self.events: EventLog = SqlEventLog(connection, chain, ids)
        self.settings: Settings = SqlSettings(connection)
        self.attachments: Attachments = SqlAttachments(connection, self._note_erasing)
        self.revisions: RevisionShelf = SqlRevisions(connection, chain, self._note_erasing)
        self.figures: Figures = SqlFigures(connection)
        self.standings: Standings = SqlStandings(connection)
        self.anchors: Anchors = SqlAnchors(connection, chain)
        self.drafts: Drafts = SqlDrafts(connection)

    def shelf(self, kind: type[T]) -> Shelf[T]:
        """Return the shelf of one kind of thing."""
        return SqlShelf(self.connection, kind, self._note_erasing)

    def users(self) -> Sequence[User]:
        """Return the accounts of this kit by name."""
        return people.all_users(self.connection)

    def save_user(self, user: User) -> None:
        """Insert or replace an account."""
        people.save_user(self.connection, user)

    def _note_erasing(self) -> None:
        self.has_erased = True
