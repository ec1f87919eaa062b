from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import ACTIVITY, KETUA, PENGURUS, TARGETS, TODAY, Kit
from support.clock import NOW
from support.sops import SMALL

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Role, User
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.sarpras import Checklist, CheckOut, Izin
from fieldkit.domain.targets.requests import Applicant, Disposisi, Sifat, SuratPermohonan
from fieldkit.domain.typed import DraftName, draft_of_recording
from fieldkit.services.home import Duties

LETTER = Letter("s1", "x", LetterKind.SURAT_BALASAN, "Balasan", "K07-1", {}, "u1", NOW, LetterState.WAITING)
KIT = CheckOut("l1", "x", ("k1",), ("Kit 07",), Checklist(()), "u1", NOW)
REQUEST = SuratPermohonan(
    *("r1", "", Applicant.PEMERINTAH_DESA, "Desa Jimbe", "12", TODAY, TODAY, "Perekaman"),
    *("Jimbe", "Kademangan", "35.05", 12, "0812"),
)


@pytest.fixture
def duties(tmp_path: Path) -> Iterator[Callable[[Role], Duties]]:
    kits = []

    def of(role: Role) -> Duties:
        folder = tmp_path / role.value
        folder.mkdir()
        kit = Kit(folder, User("u9", "Dewi", role))
        kits.append(kit)
        add_activity(kit, "x", SMALL)
        with kit.store.write() as unit:
            unit.repository(Letter).save(LETTER)
            unit.repository(Letter).save(replace(LETTER, thing_id="s2", state=LetterState.UNKNOWN))
            unit.repository(Letter).save(replace(LETTER, thing_id="s3", state=LetterState.ISSUED))
            unit.repository(CheckOut).save(KIT)
            unit.repository(CheckOut).save(
                replace(KIT, thing_id="l2", checklist=Checklist((), izin=Izin("u3", "Sri", NOW)))
            )
            unit.repository(CheckOut).save(replace(KIT, thing_id="l3", out_at=NOW))
            unit.activities.save(replace(ACTIVITY, activity_id="no SOP"))
            for name, activity in (("r1", ""), ("r2", "x"), ("r3", ""), ("r4", "no SOP")):
                unit.repository(SuratPermohonan).save(replace(REQUEST, thing_id=name, activity_id=activity))
            unit.repository(Disposisi).save(Disposisi("d1", "", "r3", Sifat.BIASA, (Role.KASI,), (), "", "u9", NOW))
        return kit.context.office.duties.mine()

    yield of
    for kit in kits:
        kit.store.close()


def test_the_head_signs_and_disposes(duties: Callable[[Role], Duties]) -> None:
    found = duties(Role.KEPALA_DINAS)
    assert (found.to_sign, {request.thing_id for request in found.to_dispose}, found.to_allow) == (2, {"r1", "r4"}, ())


def test_the_keeper_of_things_allows_what_has_no_permission_yet(duties: Callable[[Role], Duties]) -> None:
    found = duties(Role.PENGURUS_BARANG)
    assert [(kit.thing_id, place) for kit, place in found.to_allow] == [("l1", "x")]
    assert (found.to_sign, found.to_dispose, found.turns) == (0, (), ())


def test_who_records_an_outsiders_act_has_his_turn(duties: Callable[[Role], Duties]) -> None:
    found = duties(Role.LOKET)
    assert [line.mine and line.mine.no for line in found.turns] == [1]
    assert (found.activities, found.unfinished, found.late) == (2, 2, 0)


def test_the_newest_list_of_an_activity_counts(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    assert kit.context.office.duties.kit_of("x") is None
    with kit.store.write() as unit:
        unit.repository(CheckOut).save(KIT)
        unit.repository(CheckOut).save(replace(KIT, thing_id="l2"))
    found = kit.context.office.duties.kit_of("x")
    kit.store.close()
    assert found is not None
    assert found.thing_id == "l2"


@pytest.mark.parametrize(
    ("role", "turns", "owed"),
    [
        (Role.KABID, [], ["old", "new", "field"]),
        (Role.KASI, ["old", "new", "to come"], ["field"]),  # what waits for himself is no debt of others
        (Role.PETUGAS_PEREKAMAN, ["field"], []),
    ],
)
def test_who_answers_for_the_office_sees_the_oldest_debts_first(
    tmp_path: Path, role: Role, turns: list[str], owed: list[str]
) -> None:
    kit = Kit(tmp_path, User("u9", "Dewi", role))
    for name, days, done in (("new", 2, 0), ("old", 40, 0), ("to come", -3, 0), ("field", 1, 3), ("over", 9, 5)):
        add_activity(kit, name, SMALL, on=TODAY - timedelta(days=days), done=done)
    found = kit.context.office.duties.mine()
    kit.store.close()
    assert [line.activity.activity_id for line in found.turns] == turns
    assert [line.activity.activity_id for line in found.overdue] == owed
    assert (found.activities, found.unfinished, found.late) == (5, 4, 3)


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
