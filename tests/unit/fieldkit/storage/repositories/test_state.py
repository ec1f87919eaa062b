from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from support.kept import NOW, activity, fill_queue, session, target

from fieldkit.domain.delivery import STATE, noted_state
from fieldkit.domain.errors import StoreError
from fieldkit.domain.events import digest_of
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.targets.requests import TargetNotes
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
    digest = sha256(b"%PDF").hexdigest()
    with empty_store.write() as unit:
        for name, claimed in (("a1", "0" * 64), ("a2", digest)):
            unit.attachments.put(Attachment(name, "x", "surat.pdf", "application/pdf", b"%PDF", claimed, NOW))
    assert kept(empty_store) == [{"attachment/a1", "attachment/a2"}]
    assert agrees(empty_store)
    with empty_store.read() as unit:
        found = unit.state.found()
    assert (found["attachment/a2"], found["attachment/a1"]) == (digest, digest_of(f"{'0' * 64} {digest}"))


def test_what_is_gone_has_no_digest(empty_store: SqlStore) -> None:
    with empty_store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target(1)])
        unit.repository(TargetNotes).save_all([NOTES, replace(NOTES, thing_id="t-2")])
        unit.save_user(User("u", "Nama", Role.KASI))
        unit.settings.put("signing", 1)
        unit.attachments.put(Attachment("a1", "x", "n", "text/plain", b"", sha256(b"").hexdigest(), NOW))
    with empty_store.write() as unit:
        for table in ("targets", "activities", "users", "settings", "attachments"):
            unit.connection.exec_driver_sql(f"DELETE FROM {table}")
        unit.repository(TargetNotes).remove(NOTES.thing_id)
    with empty_store.read() as unit:
        noted = noted_state(unit.events.all())
        gone = (
            "activity/act-1",
            "targets/act-1",
            "user/u",
            "setting/signing",
            "attachment/a1",
            "thing/target_notes/t-1",
        )
        assert [noted[key] for key in gone] == [""] * len(gone)
        assert list(unit.state.found()) == ["thing/target_notes/t-2"]


def test_what_its_own_events_name_is_told_to_the_screens_alone(store: SqlStore) -> None:
    told: list[frozenset[str]] = []
    store.listen(told.append)
    fill_queue(store, [1])
    with store.write() as unit:
        unit.sessions.save(session())
        unit.repository(TargetNotes).save(NOTES)
    assert told == [{"record"}, {"session", "target_notes"}]
    assert kept(store)[1:] == [{"thing/target_notes/t-1"}]


def test_only_records_with_a_receipt_have_its_digest(store: SqlStore) -> None:
    fill_queue(store, [1, 2])
    with store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE sealed_records SET receipt_jws = 'a.b.c' WHERE record_id = 'record-2'")
        assert unit.state.receipts() == {"record-2": digest_of("a.b.c")}


@pytest.mark.parametrize(
    "name", ["sync.status_cursor", "clock", "exchange.peer", "delivery.set_aside.r1", "audit.checked"]
)
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


@pytest.mark.parametrize("value", [{"kit": "kit-1", "no": [1, None, True]}, "teks é", 0, [], None])
def test_value_comes_back(store: SqlStore, value: object) -> None:
    with store.write() as unit:
        unit.settings.put("name", "before")
        unit.settings.put("name", value)
    with store.read() as unit:
        assert unit.settings.get("name") == value
        assert unit.settings.get("other") is None


def test_what_is_no_json_is_our_mistake(store: SqlStore) -> None:
    with pytest.raises(TypeError), store.write() as unit:
        unit.settings.put("name", object())


def test_a_value_that_a_bad_page_cut_is_damage_and_noted(store: SqlStore, tmp_path: Path) -> None:
    with store.write() as unit:
        unit.settings.put("name", {"dinas": "Dinas Uji"})
        unit.connection.exec_driver_sql("UPDATE settings SET value = substr(value, 1, 12) || char(0, 0)")
    with pytest.raises(StoreError, match=r"store\.damaged"), store.read() as unit:
        unit.settings.get("name")
    assert (tmp_path / "kit.damaged").exists()
    with store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE settings SET value = '{'")
    with pytest.raises(ValueError, match="Expecting"), store.read() as unit:  # that would be a mistake of ours
        unit.settings.get("name")
