"""What was typed and not accepted yet."""

from __future__ import annotations

from datetime import timedelta

from support.clock import NOW

from fieldkit.domain.drafts import Draft, DraftName
from fieldkit.storage.store import SqlStore

FORM = DraftName("recording", {"session_id": "s1"})


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
