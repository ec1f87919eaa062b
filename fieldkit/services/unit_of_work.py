"""Somebody does something: what changed and who did it are kept together, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.things import Thing
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.repositories import Attachment
from fieldkit.ports.store import Store, Unit

Payload = str | int | bool | None | list[str]


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """One act within its transaction."""

    unit: Unit
    user: User
    at: datetime
    ids: Ids

    def keep(self, thing: Thing, act: str, **payload: Payload) -> None:
        """Keep a thing and note the act with the digest of what was kept; the payload holds no personal data."""
        digest = self.unit.repository(type(thing)).save(thing)
        self.note(act, thing.thing_id, thing=thing.KIND, digest=digest, **payload)

    def note(self, act: str, aggregate: str, **payload: Payload) -> None:
        """Note an act that keeps no thing of its own."""
        self.unit.events.append(act, aggregate, payload, self.user.user_id, self.at)

    def attach(self, owner: str, name: str, media_type: str, content: bytes) -> str:
        """Keep a file of a thing and return its id."""
        attachment_id = self.ids.new()
        self.unit.attachments.put(
            Attachment(attachment_id, owner, name, media_type, content, sha256(content).hexdigest(), self.at)
        )
        return attachment_id


class UnitsOfWork:
    """The signed-in user with pen and paper: every service of the office writes through this."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, user: User) -> None:
        self._store = store
        self.clock, self.ids, self.user = clock, ids, user

    def demand(self, permission: Permission) -> None:
        """Raise `RuleError("role.not_yours")` unless the user's role allows it."""
        if not self.user.may(permission):
            raise RuleError("role.not_yours", role=self.user.role.value, permission=permission.value)

    @contextmanager
    def write(self, permission: Permission) -> Iterator[UnitOfWork]:
        """Open the transaction of one act. Raise `RuleError("role.not_yours")`."""
        self.demand(permission)
        with self._store.write() as unit:
            yield UnitOfWork(unit, self.user, self.clock.now(), self.ids)

    def begin_chain(self, permission: Permission, reason: str) -> str:
        """Begin a new chain because the place in the old one is taken, and note why; return its id."""
        self.demand(permission)
        chain = self._store.begin_chain()
        with self.write(permission) as work:
            work.note("chain_begun", chain, reason=reason)
        return chain

    def read(self) -> AbstractContextManager[Unit]:
        """Open a reading transaction."""
        return self._store.read()
