"""One transaction carries all repositories."""

from __future__ import annotations

import pytest
from support.kept import NOW, activity, session, target

from fieldkit.domain.people.accounts import Role, User
from fieldkit.ports.store import Store, Unit
from fieldkit.storage.store import SqlStore


def test_store_and_unit_fit_their_ports(store: SqlStore) -> None:
    port: Store = store
    with port.read() as unit:
        reading: Unit = unit
        assert reading.users() == []


def save_everything(unit: Unit) -> None:
    unit.activities.save(activity("act-2"))
    unit.targets.save([target(activity_id="act-2")])
    unit.sessions.save(session())
    unit.save_user(User("u", "Name", Role.KASI))
    unit.settings.put("a", 1)
    unit.events.append("kind", "thing", {}, "u", NOW)
    raise KeyError


def test_all_of_a_block_or_nothing(store: SqlStore) -> None:
    with pytest.raises(KeyError), store.write() as unit:
        save_everything(unit)
    with store.read() as unit:
        assert [a.activity_id for a in unit.activities.all()] == ["act-1"]
        assert unit.targets.search("act-2") == []
        assert unit.sessions.unfinished() == []
        assert unit.users() == []
        assert unit.settings.get("a") is None
        assert unit.events.verify() == (1, None)  # the fixture's own


def test_only_erasing_asks_for_wiping(store: SqlStore) -> None:
    with store.write() as unit:
        unit.sessions.save(session())
        assert not unit.has_erased
        unit.sessions.erase("session-1")
        assert unit.has_erased
