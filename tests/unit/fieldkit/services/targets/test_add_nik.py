"""Somebody without a NIK: taken in, stated by witnesses, recorded, given the NIK by an act that can be followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, PETUGAS, TARGETS, Kit

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.nik import NO_NIK, Nik, NoKk
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import ServiceCategory, Target
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.targets.sheets import NikPaper

LATER = Nik.parse("3505120303500004")
WITNESSES = [{"name": name, "nik": "", "address": "Jimbe", "relation": "tetangga"} for name in ("Karsono", "Sulastri")]


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def taken_in(kit: Kit) -> Target:
    who = replace(TARGETS[0].biodata, nik=NO_NIK, no_kk=NoKk(""), name="PONIMAN", mother_name="TIDAK DIKETAHUI")
    return kit.context.office.visits.walk_in("a1", who, ServiceCategory.ODGJ)


def stated(kit: Kit, target: Target) -> None:
    letters = kit.context.office.letters
    draft = kit.context.office.forms.of_target(LetterKind.F_1_04, target.target_id)
    requested = kit.context.office.forms.of_target(LetterKind.F_1_02, target.target_id)
    assert requested.fields["nik"] == f"belum ada (nomor sementara {target.biodata.nik.digits})"
    assert draft.fields["mother"] == target.biodata.mother_name
    letters.issue(draft.thing_id, changes={"witnesses": WITNESSES})


def confirmed(kit: Kit, target: Target, nik: Nik | None = None) -> CaptureSession:
    recording = kit.context.recording
    session = recording.open(target.target_id)
    if not session.is_begun:
        recording.give_notice(session.session_id, "id")
    who = replace(target.biodata, nik=nik or target.biodata.nik)
    return recording.confirm_biodata(session.session_id, who)


def test_each_gets_a_number_of_the_kit_that_is_no_nik(kit: Kit) -> None:
    first, second = taken_in(kit), taken_in(kit)
    assert [each.biodata.nik.digits for each in (first, second)] == ["SMT-KIT-07-0001", "SMT-KIT-07-0002"]
    assert kit.context.visits.target(first.target_id).biodata.nik.is_provisional


def test_nobody_is_recorded_without_nik_and_without_two_witnesses(kit: Kit) -> None:
    target = taken_in(kit)
    with pytest.raises(RuleError) as refused:
        confirmed(kit, target)
    assert refused.value.code == "session.no_statement"
    stated(kit, target)
    session = confirmed(kit, target)
    assert session.biodata is not None
    assert session.biodata.nik == target.biodata.nik


def test_a_nik_is_not_typed_over_the_number_unseen(kit: Kit) -> None:
    target = taken_in(kit)
    with pytest.raises(RuleError) as refused:
        confirmed(kit, target, LATER)
    assert refused.value.code == "session.nik_untraced"


def test_the_nik_comes_by_an_act_that_the_log_holds(kit: Kit) -> None:
    target = taken_in(kit)
    added = kit.context.office.niks.add(target.target_id, LATER, NikPaper.KK, " 3505120101200004 ")
    assert (added.provisional, added.nik, added.by) == ("SMT-KIT-07-0001", LATER, PETUGAS.user_id)
    assert kit.context.office.niks.found(target.target_id) == added
    assert kit.context.visits.target(target.target_id).biodata.nik == LATER
    with kit.store.read() as unit:
        (event,) = (each for each in unit.events.of(target.target_id) if each.kind == "nik_added")
    assert LATER.digits not in event.payload
    assert "SMT-KIT-07-0001" in event.payload
    assert '"paper":"kk"' in event.payload


def test_a_nik_comes_once_and_to_one_person_only(kit: Kit) -> None:
    target, niks = taken_in(kit), kit.context.office.niks
    with pytest.raises(InputError):
        niks.add(target.target_id, LATER, NikPaper.KK, " ")
    with pytest.raises(RuleError) as refused:
        niks.add(target.target_id, TARGETS[1].biodata.nik, NikPaper.KK, "1")
    assert refused.value.code == "nik.of_another"
    niks.add(target.target_id, LATER, NikPaper.BIOMETRIK, "12/2026")
    with pytest.raises(RuleError) as refused:
        niks.add(target.target_id, Nik.parse("3505120303500005"), NikPaper.KK, "1")
    assert refused.value.code == "nik.is_known"


def test_another_role_adds_none(kit: Kit) -> None:
    target = taken_in(kit)
    printer = kit.context_of(User("u6", "Tri", Role.OPERATOR_CETAK)).office.niks
    with pytest.raises(RuleError):
        printer.add(target.target_id, LATER, NikPaper.KK, "1")


def test_the_report_of_the_delivery_tells_the_nik_that_came_later(kit: Kit) -> None:
    target = taken_in(kit)
    kit.seal(9, target)
    entries = kit.context.delivery.queue().entries
    kit.context.office.niks.add(target.target_id, LATER, NikPaper.KK, "3505120101200004")
    kit.context.papers.shipment(entries)
    with kit.store.read() as unit:
        (paper,) = (each for each in unit.repository(Letter).search() if each.letter is LetterKind.BA_PENGIRIMAN)
    assert paper.fields["records"][0]["nik"] == f"SMT-KIT-07-0001, kini {LATER.masked}"


def test_who_was_recorded_under_the_number_is_not_recorded_again(kit: Kit) -> None:
    target = taken_in(kit)
    stated(kit, target)
    kit.seal(9, target)
    kit.context.office.niks.add(target.target_id, LATER, NikPaper.KK, "3505120101200004")
    with pytest.raises(RuleError) as refused:
        kit.context.recording.open(target.target_id)
    assert refused.value.code == "session.recorded_before"


def test_a_nik_of_another_activity_is_free_until_it_was_recorded(kit: Kit) -> None:
    niks, other = kit.context.office.niks, replace(ACTIVITY, activity_id="a0")
    elsewhere = replace(TARGETS[0], activity_id="a0", target_id="e1", biodata=replace(TARGETS[0].biodata, nik=LATER))
    kit.context.visits.take_over(other, [elsewhere])
    assert niks.add(taken_in(kit).target_id, LATER, NikPaper.KK, "1").nik == LATER
    recorded = Nik.parse("3505120303500005")
    kit.seal(1, replace(elsewhere, biodata=replace(elsewhere.biodata, nik=recorded)))
    with pytest.raises(RuleError, match=r"nik\.of_another"):
        niks.add(taken_in(kit).target_id, recorded, NikPaper.KK, "1")
