from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from support.clock import NOW
from support.kept import biodata
from support.laptops import ACT, Laptop, opened, team

from fieldkit.domain.errors import RuleError
from fieldkit.domain.exchange import ATTACHMENT
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.nik import NoKk
from fieldkit.domain.people import Permission, Role, Staff, User
from fieldkit.domain.planning.outreach import ServiceCategory, TargetState
from fieldkit.domain.sarpras import Checklist, CheckOut, Consumable
from fieldkit.domain.visits import Outcome, Trip, Visit
from fieldkit.ports.repositories import Attachment
from fieldkit.services.exchange import exchange
from fieldkit.services.exchange.settle_conflicts import HIDDEN, Conflict, SettleConflicts
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.services.visits.run_visits import Ended


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("begun")
    for laptop in team(home):
        laptop.store.close()
    return home


@pytest.fixture
def pair(begun: Path, tmp_path: Path) -> Iterator[tuple[Laptop, Laptop]]:
    home = shutil.copytree(begun, tmp_path / "team")
    laptops = opened(home, "A"), opened(home, "B")
    yield laptops
    for laptop in laptops:
        laptop.store.close()


def apart(a: Laptop, b: Laptop) -> Conflict:
    """Let both end the same visit and tell each other; the side of B is the newer."""
    visit = a.visits.begin("t-0")
    a.tell(b)
    a.clock.advance(minutes=5)
    a.visits.end(visit.thing_id, Ended(Outcome.MENOLAK, "takut", safety="anjing galak"))
    b.clock.advance(minutes=9)
    b.visits.end(visit.thing_id, Ended(Outcome.TIDAK_DI_TEMPAT, "ke sawah", wants_revisit=True))
    a.tell(b)
    b.tell(a)
    (conflict,) = b.conflicts.all()
    return conflict


def seen(laptop: Laptop, thing_id: str) -> tuple[Visit, TargetState]:
    with laptop.store.read() as unit:
        return unit.repository(Visit).get(thing_id), unit.targets.get("t-0").state


def test_a_settled_visit_travels_and_its_target_follows(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    conflict = apart(a, b)
    assert [side.kit for side in conflict.sides] == ["KIT-B", "KIT-A"]
    assert seen(a, conflict.thing_id)[1] is TargetState.POSTPONED
    b.conflicts.keep(conflict, 1)
    (told,) = b.tell(a)
    assert told.conflicts == 0
    for laptop in pair:
        visit, state = seen(laptop, conflict.thing_id)
        assert (visit.outcome, visit.note, state) == (Outcome.MENOLAK, "takut", TargetState.CANCELLED)
        assert laptop.conflicts.count() == 0
        with laptop.store.read() as unit:
            assert unit.events.of(conflict.thing_id)[-1].kind == "conflict_settled"
    assert a.shown() == b.shown()


RECORDED, EXCEPTED = TargetState.RECORDED, TargetState.RECORDED_WITH_EXCEPTION


def test_a_target_and_its_sop_follow_the_outcome_that_holds(
    pair: tuple[Laptop, Laptop], monkeypatch: pytest.MonkeyPatch
) -> None:
    b = pair[1]
    conflict = apart(*pair)
    b.visits.begin("t-1")  # later, and at another door
    told: list[str] = []
    monkeypatch.setattr(exchange, "target_settled", lambda _work, activity_id: told.append(activity_id))
    b.conflicts.keep(conflict, 1)
    with b.store.read() as unit:
        target = unit.targets.get("t-0")
    assert (target.state, target.reason, told) == (TargetState.CANCELLED, "menolak", [ACT])


def test_only_the_last_visit_says_where_a_target_stands(pair: tuple[Laptop, Laptop]) -> None:
    b = pair[1]
    apart(*pair)
    b.clock.advance(minutes=1)
    b.visits.begin("t-0")  # somebody went there again
    (conflict,) = b.conflicts.all()
    before = seen(b, conflict.thing_id)[1]
    b.conflicts.keep(conflict, 1)
    assert seen(b, conflict.thing_id)[1] is before


def test_a_visit_that_still_goes_on_settles_no_target(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    visit = a.visits.begin("t-0")
    a.tell(b)
    for laptop, note in zip(pair, ("takut", "ke sawah"), strict=True):
        laptop.clock.advance(minutes=5)
        laptop.visits.annotate(visit.thing_id, note=note)
    a.tell(b)
    before = seen(b, visit.thing_id)[1]
    b.conflicts.keep(b.conflicts.all()[0], 0)
    assert seen(b, visit.thing_id)[1] is before


@pytest.mark.parametrize("state", [TargetState.PLANNED, RECORDED, EXCEPTED])
def test_what_was_recorded_is_settled_by_its_record_alone(pair: tuple[Laptop, Laptop], state: TargetState) -> None:
    """One that is not known here yet settles its target when it comes."""
    a, b = pair
    visit = a.visits.begin("t-0")
    a.tell(b)
    for laptop, note in zip(pair, ("satu", "dua"), strict=True):
        laptop.clock.advance(minutes=5)
        with laptop.store.write() as unit:
            ended = unit.repository(Visit).get(visit.thing_id).ending(Outcome.DIREKAM, laptop.clock.now())
            unit.repository(Visit).save(replace(ended, note=note))
    a.tell(b)
    with b.store.write() as unit:
        unit.targets.mark("t-0", state, "before")
    b.conflicts.keep(b.conflicts.all()[0], 1)
    with b.store.read() as unit:
        target = unit.targets.get("t-0")
    assert (target.state, target.reason) == (state, "before")


def test_a_file_with_another_content_elsewhere_is_a_conflict_without_a_name(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    for laptop, content in zip(pair, (b"one", b"two"), strict=True):
        laptop.clock.advance(minutes=1)
        photo = Attachment("p9", ACT, "foto.jpg", "image/jpeg", content, sha256(content).hexdigest(), NOW)
        with laptop.store.write() as unit:
            unit.attachments.put(photo)
    a.tell(b)
    (conflict,) = b.conflicts.all()
    assert (conflict.kind, conflict.thing_id, conflict.about) == (ATTACHMENT, "p9", "")


def test_each_thing_is_named_by_what_people_know_it_by(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    letter = Letter("l1", ACT, LetterKind.SURAT_BALASAN, "Balasan", "K07-1", {}, "rina", NOW)
    things = {
        "staff": (Staff("s1", "Agus", "1"), Staff("s1", "Agus", "2"), ("Agus", "")),
        "letter": (letter, replace(letter, number="7"), ("Balasan", "Jemput bola")),
        "sarpras_out": (
            CheckOut("o1", ACT, ("k1",), ("Kit 07", "Kit 08"), Checklist(()), "rina", NOW),
            CheckOut("o1", ACT, ("k1",), ("Kit 07", "Kit 08"), Checklist(()), "bagus", NOW),
            ("Kit 07 Kit 08", "Jemput bola"),
        ),
        "trip": (Trip("p1", ACT, "rina"), Trip("p1", ACT, "bagus"), ("", "Jemput bola")),
        "visit": (
            Visit("v1", ACT, "t-0", "rina", NOW, note="a"),
            Visit("v1", ACT, "t-0", "rina", NOW, note="b"),
            ("WARGA 0", "Jemput bola"),
        ),
    }
    for laptop, side in ((a, 0), (b, 1)):
        laptop.clock.advance(minutes=1)
        with laptop.store.write() as unit:
            for told in things.values():
                unit.repository(type(told[side])).save(told[side])
            target = unit.targets.get("t-1")
            category = (ServiceCategory.ODGJ, ServiceCategory.SAKIT)[side]
            no_kk = NoKk(f"327501010101000{side + 1}")
            who = replace(target.biodata, name="BUDI", no_kk=no_kk)
            unit.targets.save([replace(target, category=category, biodata=who)])
    a.tell(b)
    found = {conflict.kind: conflict for conflict in b.conflicts.all()}
    named = {kind: (conflict.about, conflict.activity) for kind, conflict in found.items()}
    assert named == {kind: told[2] for kind, told in things.items()} | {"target": ("BUDI", "Jemput bola")}
    sides = [side.values for side in found["target"].sides]
    assert {values["category"] for values in sides} == {HIDDEN}
    assert {values["biodata.no_kk.digits"] for values in sides} == {"327501••••••••01", "327501••••••••02"}
    assert [side.values["nip"] for side in found["staff"].sides] == ["2", "1"]


def test_fields_of_both_sides_may_hold(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    conflict = apart(a, b)
    b.conflicts.keep(conflict, 0, {"note": 1, "outcome": 0})
    visit, _ = seen(b, conflict.thing_id)
    assert (visit.outcome, visit.note, visit.safety) == (Outcome.TIDAK_DI_TEMPAT, "takut", "")


def test_both_may_settle_and_need_not_agree(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    conflict = apart(a, b)
    a.conflicts.keep(a.conflicts.all()[0], 0)
    b.conflicts.keep(conflict, 0)
    a.tell(b)
    b.tell(a)
    assert a.conflicts.count() == b.conflicts.count() == 0  # they said the same


def test_two_who_disagree_are_asked_again(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    conflict = apart(a, b)
    a.conflicts.keep(a.conflicts.all()[0], 0)
    b.conflicts.keep(conflict, 1)
    a.tell(b)
    b.tell(a)
    assert a.conflicts.count() == b.conflicts.count() == 1
    assert a.shown() == b.shown()


def test_what_changed_meanwhile_is_looked_at_again(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    conflict = apart(a, b)
    b.clock.advance(minutes=1)
    b.visits.annotate(conflict.thing_id, note="lain")
    with pytest.raises(RuleError) as refusal:
        b.conflicts.keep(conflict, 0)
    assert refusal.value.code == "exchange.settled_meanwhile"
    (now,) = b.conflicts.all()
    assert {side.values["note"] for side in now.sides} == {"lain", "takut"}


def test_private_notes_are_for_those_who_go_there(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    conflict = apart(a, b)
    assert conflict.sides[1].values["safety"] == "anjing galak"
    loket = UnitsOfWork(b.store, b.clock, b.units.ids, User("l", "L", Role.LOKET))
    (hidden,) = SettleConflicts(loket, "KIT-B", b.conflicts._me).all()
    assert {side.values["safety"] for side in hidden.sides} == {HIDDEN}
    with pytest.raises(RuleError):
        SettleConflicts(loket, "KIT-B", b.conflicts._me).keep(hidden, 0)


def test_a_nik_is_masked(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    for laptop, nik in zip(pair, ("3275014708790003", "3275014708790011"), strict=True):
        laptop.clock.advance(minutes=1)
        with laptop.store.write() as unit:
            target = unit.targets.get("t-1")
            unit.targets.save([replace(target, biodata=biodata("BUDI", nik))])
    a.tell(b)
    (conflict,) = b.conflicts.all()
    assert conflict.about == "BUDI"
    assert {side.values["biodata.nik.digits"] for side in conflict.sides} == {
        "327501••••••••03",
        "327501••••••••11",
    }


def test_a_removal_against_a_change_is_shown_and_either_may_hold(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    with a.units.write(Permission.RECORD) as work:
        work.keep(Staff("s1", "Agus"), "staff_kept")
    a.tell(b)
    with a.store.write() as unit:
        unit.repository(Staff).remove("s1")
    b.clock.advance(minutes=1)
    with b.store.write() as unit:
        unit.repository(Staff).save(Staff("s1", "Agus Setiawan"))
    a.tell(b)
    (conflict,) = b.conflicts.all()
    assert [side.is_removal for side in conflict.sides] == [False, True]
    assert (conflict.about, conflict.differing) == ("Agus Setiawan", ())  # there is but one side to look at
    b.conflicts.keep(conflict, 1, {"name": 0})
    b.tell(a)
    for laptop in pair:
        with laptop.store.read() as unit:
            assert unit.repository(Staff).find("s1") is None
        assert laptop.conflicts.count() == 0


def test_a_stock_that_was_taken_off_the_list_is_counted_no_more(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    with a.store.write() as unit:
        unit.repository(Consumable).remove("masker")
    b.clock.advance(minutes=1)
    b.take_masks(10)
    a.tell(b)
    b.conflicts.keep(b.conflicts.all()[0], 1)
    with b.store.read() as unit:
        assert unit.repository(Consumable).find("masker") is None


def test_a_stock_that_a_person_settled_is_counted_on(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    for laptop, name in zip(pair, ("Masker kain", "Masker bedah"), strict=True):
        with laptop.store.write() as unit:
            unit.repository(Consumable).save(replace(unit.repository(Consumable).get("masker"), name=name))
        laptop.take_masks(10)
    a.tell(b)
    (conflict,) = b.conflicts.all()
    b.conflicts.keep(conflict, 0)
    b.tell(a)
    a.take_masks(5)
    b.take_masks(5)
    a.tell(b)
    b.tell(a)
    assert (a.masks, b.masks) == (80, 80)
    assert a.shown() == b.shown()
