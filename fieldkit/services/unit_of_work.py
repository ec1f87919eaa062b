"""Somebody does something: what changed and who did it are kept together, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from fieldkit.domain.errors import RuleError
from fieldkit.domain.events import Thing
from fieldkit.domain.people import Permission, User
from fieldkit.domain.typed import Draft, DraftName
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.repositories import Attachment
from fieldkit.ports.store import Store, Unit

# Keep what the signed-in user types until it is accepted: no lid that closes and no Esc loses it.


class KeepDrafts:
    """The user's own drafts. They stand in the encrypted store and nowhere else; no event tells of them."""

    def __init__(self, store: Store, clock: Clock, user: User) -> None:
        self._store, self._clock, self._user = store, clock, user

    def find(self, name: DraftName) -> Draft | None:
        """Return what the user left on a form."""
        with self._store.read() as unit:
            return unit.drafts.find(name, self._user.user_id)

    def keep(self, name: DraftName, fields: Mapping[str, str]) -> None:
        """Keep the fields of a form; none at all forgets the form. Raise `StoreError`."""
        # What took the fields is on the disk before they are forgotten.
        with self._store.write() if fields else self._store.write_lazily() as unit:
            self._put(unit, name, fields)

    def hold(self, name: DraftName, fields: Mapping[str, str]) -> None:
        """Keep the fields of a form while an act is under way that takes them: the act is what waits for the disk."""
        with self._store.write_lazily() as unit:
            self._put(unit, name, fields)

    def _put(self, unit: Unit, name: DraftName, fields: Mapping[str, str]) -> None:
        if fields:
            unit.drafts.put(Draft(name, self._user.user_id, fields, self._clock.now()))
        else:
            unit.drafts.erase(name, self._user.user_id)

    def mine(self) -> Sequence[Draft]:
        """Return everything that the user left, latest first."""
        with self._store.read() as unit:
            return unit.drafts.of(self._user.user_id)


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


# An act is named once, by the method that does it: who may, and what it asks, is read there.

P = ParamSpec("P")
R = TypeVar("R")


class Writes(Protocol):
    """A service that writes through the units of work of the signed-in user."""

    _units: UnitsOfWork


S = TypeVar("S", bound=Writes)


class Act(Generic[S, P, R]):
    """A method of a service within its transaction, and the permission that it takes.

    The method is given the unit of work; who calls it gives the rest. On the class it is this value, on a service the
    act to be called. Raise `RuleError("role.not_yours")`, and what the method raises.
    """

    def __init__(self, permission: Permission, does: Callable[Concatenate[S, UnitOfWork, P], R]) -> None:
        self.permission, self.does, self.name = permission, does, does.__name__
        self.__doc__ = does.__doc__

    @overload
    def __get__(self, service: None, of: type[S]) -> Self: ...

    @overload
    def __get__(self, service: S, of: type[S]) -> Callable[P, R]: ...

    def __get__(self, service: S | None, of: type[S]) -> Self | Callable[P, R]:
        if service is None:
            return self
        units = service._units

        def act(*args: P.args, **kwargs: P.kwargs) -> R:
            with units.write(self.permission) as work:
                return self.does(service, work, *args, **kwargs)

        return act


def act(permission: Permission) -> Callable[[Callable[Concatenate[S, UnitOfWork, P], R]], Act[S, P, R]]:
    """Declare a method as an act: `@act(Permission.X)` above `def name(self, work: UnitOfWork, …)`."""

    def declared(does: Callable[Concatenate[S, UnitOfWork, P], R]) -> Act[S, P, R]:
        return Act(permission, does)

    return declared
