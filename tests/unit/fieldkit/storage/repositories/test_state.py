from __future__ import annotations

import json

import pytest
from support.kept import NOW, activity, target

from fieldkit.domain.delivery.audit import STATE, noted_state
from fieldkit.domain.errors import StoreError
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.ports.repositories import Attachment
from fieldkit.storage.store import SqlStore

NOTES = TargetNotes("t-1", "act-1", safety="hati-hati anjing")


def kept(store: SqlStore) -> list[set[str]]:
    """Return the keys that each event of the state names."""
    with store.read() as unit:
        return [set(json.loads(event.payload)["kept"]) for event in unit.events.of(STATE)]


def agrees(store: SqlStore) -> bool:
    with store.read() as unit:
        noted = {key: digest for key, digest in noted_state(unit.events.all()).items() if digest}
        return noted == dict(unit.state.found())


def test_every_write_is_noted_once_with_what_it_left(empty_store: SqlStore) -> None:
    store = empty_store
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target(1), target(2)])
    with store.write() as unit:
        unit.save_user(User("u", "Nama", Role.KASI))
        unit.settings.put("signing", {"way": "none"})
    with store.write() as unit:
        unit.targets.mark(target(1).target_id, TargetState.RECORDED)
    with store.write():
        pass
    assert kept(store) == [{"activity/act-1", "targets/act-1"}, {"user/u", "setting/signing"}, {"targets/act-1"}]
    assert agrees(store)


def test_what_an_event_of_its_own_names_is_not_named_twice(empty_store: SqlStore) -> None:
    with empty_store.write() as unit:
        digest = unit.repository(TargetNotes).save(NOTES)
        unit.events.append("notes_kept", NOTES.thing_id, {"thing": NOTES.KIND, "digest": digest}, "u", NOW)
    assert kept(empty_store) == []
    with empty_store.write() as unit:
        unit.repository(TargetNotes).remove(NOTES.thing_id)
    assert kept(empty_store) == [{f"thing/{NOTES.KIND}/{NOTES.thing_id}"}]
    assert agrees(empty_store)


def test_files_are_read_whole(empty_store: SqlStore) -> None:
    with empty_store.write() as unit:
        unit.attachments.put(Attachment("a1", "x", "surat.pdf", "application/pdf", b"%PDF", "0" * 64, NOW))
    assert kept(empty_store) == [{"attachment/a1"}]
    assert agrees(empty_store)


@pytest.mark.parametrize("name", ["sync.status_cursor", "clock", "delivery.set_aside.r1"])
def test_what_moves_by_itself_is_not_noted(empty_store: SqlStore, name: str) -> None:
    with empty_store.write() as unit:
        unit.settings.put(name, 1)
    assert kept(empty_store) == []
    assert agrees(empty_store)


def test_a_write_that_fails_notes_nothing_and_the_next_does(empty_store: SqlStore) -> None:
    def fail() -> None:
        with empty_store.write() as unit:
            unit.settings.put("a", 1)
            unit.activities.get("nobody")

    with pytest.raises(StoreError):
        fail()
    assert kept(empty_store) == []
    with empty_store.write() as unit:
        unit.settings.put("b", 1)
    assert kept(empty_store) == [{"setting/b"}]
