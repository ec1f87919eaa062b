from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit

from fieldkit.domain.drafts import DraftName, draft_of_recording
from fieldkit.domain.recording.capture_policy import StepKind


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def begun(kit: Kit, target_id: str) -> str:
    session = kit.context.recording.open(target_id)
    kit.clock.advance(minutes=1)
    return kit.context.recording.give_notice(session.session_id, "id").session_id


def test_recordings_and_typed_forms_stand_together_latest_first(kit: Kit) -> None:
    first, second = begun(kit, "t1"), begun(kit, "t2")
    kit.clock.advance(minutes=1)
    kit.context.drafts.keep(DraftName("visit", {"target_id": "t4"}), {"note": "sawah"})
    kit.clock.advance(minutes=1)
    kit.context.drafts.keep(DraftName("walk_in", {"activity_id": "a1"}), {"name": "siti aminah"})
    kit.clock.advance(minutes=1)
    kit.context.drafts.keep(draft_of_recording(first), {"biodata.name": "MIS"})
    left = kit.context.left.all()
    assert [(each.who, each.name.screen, each.is_typed) for each in left] == [
        ("MIS•••", "recording", True),
        ("SIT•••", "walk_in", True),
        ("NAD•••", "visit", True),
        ("KAR•••", "recording", False),
    ]
    assert left[0].name == draft_of_recording(first)
    assert left[3].name == draft_of_recording(second)
    assert left[0].missing[0] is StepKind.BIODATA


def test_a_notice_that_was_opened_and_left_is_not_among_them(kit: Kit) -> None:
    kit.context.recording.open("t1")
    assert kit.context.left.all() == ()


def test_who_does_not_record_sees_only_what_was_typed_by_themselves(kit: Kit) -> None:
    begun(kit, "t1")
    kit.context.drafts.keep(DraftName("staff"), {"name": "Rina"})
    stores, lead = kit.context_of(PENGURUS), kit.context_of(KETUA)
    stores.drafts.keep(DraftName("sarpras_item", {"thing_id": ""}), {"name": "Laptop"})
    assert [(each.name.screen, each.who) for each in stores.left.all()] == [("sarpras_item", "")]
    assert [each.name.screen for each in lead.left.all()] == ["recording"]


def test_a_recording_is_about_whom_its_biodata_name_and_else_its_target(kit: Kit) -> None:
    named, planned, gone = (begun(kit, target) for target in ("t1", "t2", "t3"))
    with kit.store.read() as unit:
        other = replace(unit.targets.get("t1").biodata, name="SUTINAH")
    kit.context.recording.confirm_biodata(named, other)
    with kit.store.write() as unit:
        unit.connection.exec_driver_sql("DELETE FROM targets WHERE target_id = 't3'")
    found = {each.name.text: each.who for each in kit.context.left.all()}
    assert found == {draft_of_recording(named).text: "SUT•••", draft_of_recording(planned).text: "KAR•••"} | {
        draft_of_recording(gone).text: ""
    }


def test_a_draft_of_a_recording_that_is_over_and_a_blank_name_tell_of_nobody(kit: Kit) -> None:
    kit.context.drafts.keep(draft_of_recording("s-over"), {"biodata.name": "MIS"})
    kit.context.drafts.keep(DraftName("application", {}), {"name": "  "})
    assert [(each.name.screen, each.who) for each in kit.context.left.all()] == [("application", "")]


def test_a_person_who_is_no_longer_on_the_list_and_a_choice_do_no_harm(kit: Kit) -> None:
    kit.context.drafts.keep(DraftName("visit", {"target_id": "gone"}), {"note": "sawah"})
    kit.context.drafts.keep(DraftName("targets", {"activity_id": "a1"}), {"chosen": "t2"})
    assert [(each.name.screen, each.who, each.target_id) for each in kit.context.left.all()] == [("visit", "", "")]
