from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import ACTIVITY, TODAY, Kit
from support.clock import NOW
from support.sops import SMALL

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.sarpras.checklist import Checklist, CheckOut, Izin
from fieldkit.domain.targets.requests import Applicant, Disposisi, Sifat, SuratPermohonan
from fieldkit.services.context.list_duties import Duties

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
