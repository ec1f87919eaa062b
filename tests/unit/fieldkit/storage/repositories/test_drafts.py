"""What was typed and not accepted yet."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from support.clock import NOW

from fieldkit.domain.typed import Draft, DraftName
from fieldkit.storage.store import SqlStore

FORM = DraftName("recording", {"session_id": "s1"})


def put(store: SqlStore, draft: Draft) -> None:
    with store.write() as unit:
        unit.drafts.put(draft)


def test_each_person_has_one_draft_of_each_form_and_the_latest_comes_first(store: SqlStore) -> None:
    with store.write() as unit:
        unit.drafts.put(Draft(FORM, "u1", {"name": "MIS"}, NOW))
        unit.drafts.put(Draft(DraftName("staff"), "u1", {"name": "Rina"}, NOW + timedelta(minutes=1)))
        unit.drafts.put(Draft(FORM, "u2", {"name": "KAR"}, NOW))
        unit.drafts.put(Draft(FORM, "u1", {"name": "MISINEM"}, NOW + timedelta(minutes=2)))
    with store.read() as unit:
        assert unit.drafts.find(FORM, "u1") == Draft(FORM, "u1", {"name": "MISINEM"}, NOW + timedelta(minutes=2))
        assert [draft.name.screen for draft in unit.drafts.of("u1")] == ["recording", "staff"]
        assert unit.drafts.find(DraftName("staff"), "u2") is None


def test_one_is_forgotten_for_one_person_or_for_all(store: SqlStore) -> None:
    with store.write() as unit:
        for owner in ("u1", "u2", "u3"):
            unit.drafts.put(Draft(FORM, owner, {"name": "MIS"}, NOW))
        unit.drafts.put(Draft(DraftName("staff"), "u2", {"name": "Rina"}, NOW))
        unit.drafts.erase(FORM, "u1")
        unit.drafts.erase(FORM, "nobody")
    with store.read() as unit:
        assert unit.drafts.find(FORM, "u1") is None
        assert unit.drafts.find(FORM, "u2") is not None
    with store.write() as unit:
        unit.drafts.erase_all_of(FORM)
    with store.read() as unit:
        assert [draft.name.screen for owner in ("u1", "u2", "u3") for draft in unit.drafts.of(owner)] == ["staff"]


def test_a_long_value_is_written_once_and_read_only_with_its_form(store: SqlStore) -> None:
    photo, other, form, at = "x" * 50_000, "y" * 50_000, DraftName("request"), NOW

    def rows() -> list[tuple[int, str]]:
        with store.read() as unit:
            assert all("foto" not in "".join(draft.fields) for draft in unit.drafts.of("u1"))
            found = unit.drafts.find(form, "u1")
            assert found is not None
            assert dict(found.fields) == kept
            apart = unit.connection.exec_driver_sql("SELECT row, at FROM drafts WHERE owner LIKE 'u1 %'")
            return [(row, at) for row, at in apart]

    kept = {"name": "Jimbe", "foto-1.jpg": photo}
    put(store, Draft(form, "u1", kept, at))
    first = rows()
    kept = {"name": "Jimbe 2", "foto-1.jpg": photo}
    put(store, Draft(form, "u1", kept, at + timedelta(seconds=5)))
    assert rows() == first, "the row of the photo is the one before"
    kept = {"name": "Jimbe 2", "foto-1.jpg": other, "foto-2.jpg": photo}
    put(store, Draft(form, "u1", kept, at))
    assert len(rows()) == 2
    with store.write() as unit:
        unit.drafts.erase(form, "u1")
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM drafts").scalar() == 0, "no photo stays"
    put(store, Draft(form, "u1", kept := {"name": "Baru"}, at))
    assert rows() == []


def test_a_value_is_long_from_20001_letters_on(store: SqlStore) -> None:
    put(store, Draft(FORM, "u1", {"short": "x" * 20_000, "long": "x" * 20_001}, NOW))
    with store.read() as unit:
        assert [list(draft.fields) for draft in unit.drafts.of("u1")] == [["short"]]
        found = unit.drafts.find(FORM, "u1")
    assert found is not None
    assert {name: len(text) for name, text in found.fields.items()} == {"short": 20_000, "long": 20_001}


def test_long_values_go_with_a_form_that_is_forgotten_for_all(store: SqlStore) -> None:
    put(store, Draft(FORM, "u1", {"foto-1.jpg": "x" * 50_000}, NOW))
    with store.write() as unit:
        unit.drafts.erase_all_of(FORM)
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM drafts").scalar() == 0
    put(store, Draft(FORM, "u1", {"name": "MIS"}, NOW))
    with store.read() as unit:
        found = unit.drafts.find(FORM, "u1")
    assert found is not None
    assert dict(found.fields) == {"name": "MIS"}


def test_no_file_of_the_store_holds_a_photo_in_the_clear(store: SqlStore, tmp_path: Path) -> None:
    photo = "foto-" * 10_000
    put(store, Draft(FORM, "u1", {"foto-1.jpg": photo}, NOW))
    found = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert sum(map(len, found.values())) > len(photo), "it is there"
    assert [name for name, content in found.items() if b"foto-foto-" in content] == []
