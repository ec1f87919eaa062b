from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, TARGETS, Kit

from fieldkit.domain.recording.session import EndReason
from fieldkit.domain.typed import DraftName, draft_of_recording

FORM = DraftName("walk_in", {"activity_id": "a1"})


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def test_a_draft_is_its_owners_alone_and_goes_when_nothing_is_left(kit: Kit) -> None:
    mine, other = kit.context.drafts, kit.context_of(KETUA).drafts
    mine.keep(FORM, {"name": "SITI"})
    assert other.find(FORM) is None
    found = mine.find(FORM)
    assert found is not None
    assert (found.fields, found.at) == ({"name": "SITI"}, kit.clock.now())
    mine.keep(FORM, {})
    assert mine.mine() == []


def test_what_is_typed_is_waited_for_and_its_end_is_not(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(kit.store, "write_lazily", None)
        kit.context.drafts.keep(FORM, {"name": "SITI"})
    with monkeypatch.context() as patch:
        patch.setattr(kit.store, "write", None)
        kit.context.drafts.hold(FORM, {"name": "SITI A"})
        assert kit.context.drafts.mine()[0].fields == {"name": "SITI A"}
        kit.context.drafts.keep(FORM, {})
    assert kit.context.drafts.find(FORM) is None


def test_no_event_tells_of_what_was_typed(kit: Kit) -> None:
    with kit.store.read() as unit:
        before, _ = unit.events.verify()
    kit.context.drafts.keep(FORM, {"name": "SITI"})
    with kit.store.read() as unit:
        assert unit.events.verify() == (before, None)


def test_what_was_typed_of_a_person_goes_with_the_recording(kit: Kit) -> None:
    session = kit.context.recording.open("t1")
    other = kit.context.recording.open("t2")
    for context in (kit.context, kit.context_of(KETUA)):
        context.drafts.keep(draft_of_recording(session.session_id), {"biodata.name": "MIS"})
    kit.context.drafts.keep(draft_of_recording(other.session_id), {"biodata.name": "KAR"})
    kit.context.recording.refuse(session.session_id, EndReason.DECLINED)
    assert kit.context_of(KETUA).drafts.mine() == []
    assert [draft.fields for draft in kit.context.drafts.mine()] == [{"biodata.name": "KAR"}]
