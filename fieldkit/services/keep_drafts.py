"""Keep what the signed-in user types until it is accepted: no lid that closes and no Esc loses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fieldkit.domain.drafts import Draft, DraftName
from fieldkit.domain.people.accounts import User
from fieldkit.ports.clock import Clock
from fieldkit.ports.store import Store, Unit


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
