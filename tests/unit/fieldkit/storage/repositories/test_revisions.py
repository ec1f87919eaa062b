from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import event
from support.clock import NOW
from support.kept import target

from fieldkit.domain.events import digest_of
from fieldkit.domain.exchange import ATTACHMENT, Revision, Watermark
from fieldkit.domain.people import Staff
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.sarpras import Consumable
from fieldkit.domain.visits import Visit
from fieldkit.ports.exchange import Peer
from fieldkit.ports.repositories import Attachment
from fieldkit.storage.store import SqlStore
from fieldkit.storage.unit import SqlUnit

VISIT = Visit("v1", "act-1", "t-1", "u", NOW)
LATER = NOW + timedelta(hours=1)


def keep(unit: SqlUnit, visit: Visit, at: object = NOW, actor: str = "rina") -> None:
    digest = unit.repository(Visit).save(visit)
    unit.events.append("visit_noted", visit.thing_id, {"digest": digest}, actor, at)  # type: ignore[arg-type]


def theirs(unit: SqlUnit, note: str, **vector: int) -> Revision:
    """Return what another kit says of the visit."""
    (mine,) = unit.revisions.of("visit", "v1")
    made = mine.with_body(unit.revisions.write(replace(VISIT, note=note)))
    known = {chain: tuple(range(1, last + 1)) for chain, last in (vector or {"c-b": 1}).items()}
    return replace(made, vector=known, kit="KIT-B", actor="bagus", at=LATER)


def test_whatever_way_it_was_written_it_is_seen(store: SqlStore) -> None:
    with store.write() as unit:
        unit.targets.save([target(1)])
        keep(unit, VISIT)
        assert unit.revisions.catch_up(LATER) == 3  # the activity too
        assert unit.revisions.catch_up(LATER) == 0
        unit.targets.mark(target(1).target_id, TargetState.POSTPONED, "sakit")
        unit.repository(Visit).save_all([replace(VISIT, note="x")])
        before = unit.revisions.watermark()
        assert unit.revisions.catch_up(LATER) == 2
        assert [each.kind for each in unit.revisions.since(before)] == ["target", "visit"]


def test_who_and_when_come_from_the_log(store: SqlStore) -> None:
    with store.write() as unit:
        keep(unit, VISIT, actor="rina")
        unit.revisions.catch_up(LATER)
        (first,) = unit.revisions.of("visit", "v1")
        assert (first.actor, first.at, first.kit) == ("rina", NOW, "kit-1")
        unit.repository(Visit).save(replace(VISIT, note="x"))
        unit.revisions.catch_up(LATER)
        (second,) = unit.revisions.of("visit", "v1")
        assert (second.actor, second.at) == ("", LATER)
        assert second.vector[unit.revisions.chain] > first.vector[unit.revisions.chain]
        keep(unit, replace(VISIT, note="y"), LATER + timedelta(minutes=1), "bagus")
        unit.revisions.catch_up(LATER + timedelta(minutes=2))
        (third,) = unit.revisions.of("visit", "v1")
        assert (third.actor, third.at) == ("bagus", LATER + timedelta(minutes=1))


def test_things_that_nobody_knew_here_are_taken_over_at_once(store: SqlStore) -> None:
    photo = Attachment("p1", "v1", "foto.jpg", "image/jpeg", b"jpeg", sha256(b"jpeg").hexdigest(), NOW)

    def came(kind: str, thing_id: str, body: str) -> Revision:
        return Revision(kind, thing_id, "act-1", digest_of(body), body, {"c-b": (1,)}, "KIT-B", "bagus", NOW)

    with store.write() as unit:
        unit.repository(Visit).save(VISIT)
        unit.attachments.put(photo)
        unit.revisions.catch_up(NOW)
        bodies = {each.kind: each.body for each in unit.revisions.since(Watermark())}
        unit.repository(Visit).remove("v1")
        unit.attachments.remove("p1")
        unit.revisions.catch_up(NOW)
        unit.connection.exec_driver_sql("DELETE FROM revisions")
        new = [
            came(ATTACHMENT, "p1", bodies[ATTACHMENT]),
            came("visit", "v1", bodies["visit"]),
            came("staff", "s1", ""),
        ]
        unit.revisions.stand_new(new, {photo.sha256: photo.content})
        assert (unit.repository(Visit).get("v1"), unit.attachments.of("v1")) == (VISIT, [photo])
        stand = {each.kind: each for each in unit.revisions.since(Watermark())}
        assert stand == {each.kind: each for each in new}
        assert unit.revisions.of("staff", "s1")[0].is_removal
        assert unit.revisions.catch_up(NOW) == 1  # the activity of the fixture alone


def test_only_what_is_new_has_a_new_number(store: SqlStore) -> None:
    with store.write() as unit:
        keep(unit, VISIT)
        unit.revisions.catch_up(NOW)
        mine, before = unit.revisions.of("visit", "v1"), unit.revisions.watermark()
        other = theirs(unit, "theirs")
        unit.revisions.stand((other, *mine), {})
        assert unit.revisions.since(before) == [other]
        assert before.event == len(list(unit.events.all()))
        run = unit.connection.exec_driver_sql
        assert run("SELECT DISTINCT body FROM revisions WHERE role = 'shown'").all() == [("",)], "none stands twice"
        assert unit.revisions.catch_up(LATER) == 0
        before, wider = unit.revisions.watermark(), replace(mine[0], vector={**mine[0].vector, "c-c": (1,)})
        unit.revisions.stand((other, wider), {})  # the same content, known to one more
        assert unit.revisions.since(before) == [wider]


def test_a_removal_keeps_its_own_number_though_another_has_the_same_content(store: SqlStore) -> None:
    with store.write() as unit:
        for name in ("s1", "s2"):
            unit.repository(Staff).save(Staff(name, "Agus"))
        unit.revisions.catch_up(NOW)
        marks = []
        for name in ("s1", "s2"):
            unit.repository(Staff).remove(name)
            unit.revisions.catch_up(NOW)
            marks.append(unit.revisions.watermark())
        (gone,) = unit.revisions.of("staff", "s1")
        other = replace(gone.with_body(unit.revisions.write(Staff("s1", "Bagus"))), vector={"c-b": (1,)})
        unit.revisions.stand((gone, other), {})
        assert [(each.thing_id, each.is_removal) for each in unit.revisions.since(marks[0])] == [
            ("s2", True),
            ("s1", False),
        ]


def test_what_others_took_of_a_stock_stays_counted(store: SqlStore) -> None:
    masks = Consumable("m", "Masker", "lembar", 100)
    with store.write() as unit:
        unit.repository(Consumable).save(masks)
        unit.revisions.catch_up(NOW)
        (mine,) = unit.revisions.of("sarpras_consumable", "m")
        less = mine.with_body(unit.revisions.write(replace(masks, stock=90)))
        unit.revisions.stand((replace(less, counts={unit.revisions.chain: 100, "c-b": -10}),), {})
        unit.repository(Consumable).save(replace(masks, stock=85))
        unit.revisions.catch_up(LATER)
        (held,) = unit.revisions.of("sarpras_consumable", "m")
    assert held.counts == {unit.revisions.chain: 95, "c-b": -10}


def test_an_empty_store_has_no_watermark_and_no_conflict(empty_store: SqlStore) -> None:
    with empty_store.write() as unit:
        assert (unit.revisions.watermark(), unit.revisions.count_conflicts()) == (Watermark(), 0)
        assert (unit.revisions.conflicts(), unit.revisions.of("visit", "v1")) == ([], ())


def test_what_was_written_with_a_clock_behind_stands_beside(store: SqlStore) -> None:
    with store.write() as unit:
        keep(unit, VISIT)
        unit.revisions.catch_up(NOW)
        mine = unit.revisions.of("visit", "v1")
        unit.revisions.stand((theirs(unit, "theirs"), *mine), {})
        unit.repository(Visit).save(replace(VISIT, note="upon theirs"))
        unit.revisions.catch_up(NOW - timedelta(hours=1))
        (standing,) = unit.revisions.conflicts()
        assert [unit.revisions.read(each.kind, each.body).note for each in standing] == ["", "upon theirs"]  # type: ignore[attr-defined]
        assert unit.repository(Visit).get("v1") == VISIT
        assert unit.revisions.catch_up(LATER) == 0


def test_many_are_read_at_once_and_are_the_same(store: SqlStore) -> None:
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    with store.write() as unit:
        staff = [Staff(f"s{number}", f"Agus {number}") for number in range(50)]
        unit.repository(Staff).save_all(staff)
        unit.revisions.catch_up(NOW)
        unit.repository(Staff).remove("s7")
        unit.revisions.catch_up(NOW)
        (mine,) = unit.revisions.of("staff", "s8")
        other = mine.with_body(unit.revisions.write(Staff("s8", "Bagus")))
        unit.revisions.stand((mine, replace(other, vector={"c-b": (1,)}, at=NOW - timedelta(hours=1))), {})
        one_by_one = [each for person in staff for each in unit.revisions.of("staff", person.thing_id)]
        event.listen(unit.connection, "before_cursor_execute", note)
        found = [each for each in unit.revisions.since(Watermark()) if each.kind == "staff"]
        event.remove(unit.connection, "before_cursor_execute", note)
    assert (len(found), len(statements)) == (51, 3)  # the revisions, the bodies of the staff, and the activity
    assert sorted(found, key=str) == sorted(one_by_one, key=str)


def test_both_sides_of_a_conflict_stay_and_the_newest_is_shown(store: SqlStore) -> None:
    with store.write() as unit:
        keep(unit, VISIT)
        unit.revisions.catch_up(NOW)
        mine = unit.revisions.of("visit", "v1")
        other = theirs(unit, "theirs")
        unit.revisions.stand((other, *mine), {})
    with store.read() as unit:
        assert unit.repository(Visit).get("v1").note == "theirs"
        assert unit.revisions.count_conflicts() == 1
        assert unit.revisions.conflicts() == [(other, *mine)]


def test_a_side_that_does_not_hold_leaves_no_trace(store: SqlStore) -> None:
    with store.write() as unit:
        keep(unit, VISIT)
        unit.revisions.catch_up(NOW)
        mine = unit.revisions.of("visit", "v1")
        unit.revisions.stand((theirs(unit, "theirs"), *mine), {})
        assert not unit.has_erased
        (standing,) = unit.revisions.conflicts()
        unit.revisions.stand(standing[:1], {})
        assert unit.has_erased


def test_a_change_upon_a_conflict_leaves_the_other_side(store: SqlStore) -> None:
    with store.write() as unit:
        keep(unit, VISIT)
        unit.revisions.catch_up(NOW)
        mine = unit.revisions.of("visit", "v1")
        unit.revisions.stand((theirs(unit, "theirs"), *mine), {})
        keep(unit, replace(VISIT, note="upon theirs"), LATER + timedelta(minutes=1))
        unit.revisions.catch_up(LATER)
        (standing,) = unit.revisions.conflicts()
        assert [unit.revisions.read(each.kind, each.body).note for each in standing] == ["upon theirs", ""]  # type: ignore[attr-defined]
        assert standing[0].vector["c-b"] == (1,)


def test_saying_what_the_other_side_says_ends_the_conflict(store: SqlStore) -> None:
    with store.write() as unit:
        keep(unit, VISIT)
        unit.revisions.catch_up(NOW)
        mine = unit.revisions.of("visit", "v1")
        unit.revisions.stand((theirs(unit, "theirs"), *mine), {})
        keep(unit, VISIT, LATER + timedelta(minutes=1))
        unit.revisions.catch_up(LATER)
        assert unit.revisions.count_conflicts() == 0
        assert unit.repository(Visit).get("v1") == VISIT


def test_what_was_removed_and_came_again_is_two_changes(store: SqlStore) -> None:
    with store.write() as unit:
        unit.repository(Staff).save(Staff("s1", "Agus"))
        unit.revisions.catch_up(NOW)
        unit.repository(Staff).remove("s1")
        assert unit.revisions.catch_up(NOW) == 1
        assert unit.revisions.catch_up(NOW) == 0
        (gone,) = unit.revisions.of("staff", "s1")
        assert gone.is_removal
        unit.repository(Staff).save(Staff("s1", "Agus"))
        assert unit.revisions.catch_up(NOW) == 1
        assert not unit.revisions.of("staff", "s1")[0].is_removal


def test_a_stock_counts_what_each_chain_took(store: SqlStore) -> None:
    masks = Consumable("m", "Masker", "lembar", 100)
    with store.write() as unit:
        for stock in (100, 95, 80):
            unit.repository(Consumable).save(replace(masks, stock=stock))
            unit.revisions.catch_up(NOW)
        (held,) = unit.revisions.of("sarpras_consumable", "m")
        assert held.counts == {unit.revisions.chain: 80}
        unit.repository(Consumable).remove("m")
        unit.revisions.catch_up(LATER)
        (gone,) = unit.revisions.of("sarpras_consumable", "m")
        assert (gone.is_removal, gone.counts) == (True, {})


def test_numbers_never_come_again(store: SqlStore) -> None:
    with store.write() as unit:
        keep(unit, VISIT)
        unit.revisions.catch_up(NOW)
        reaches = [unit.revisions.watermark().revision]
        for note in ("a", "b"):
            unit.revisions.stand((theirs(unit, note, **{"c-b": len(note), unit.revisions.chain: 99}),), {})
            reaches.append(unit.revisions.watermark().revision)
        assert reaches == sorted(set(reaches))
        assert unit.revisions.bump()[1] == reaches[-1] + 1


def test_of_a_laptop_the_newest_chain_is_met(store: SqlStore) -> None:
    old = Peer("KIT-B", "c1", Watermark(5, 5), Watermark(1, 1), "mine", "age1", NOW)
    new = replace(old, chain="c2", read=Watermark(), read_at=LATER)
    with store.write() as unit:
        unit.revisions.keep_peer(new)
        unit.revisions.keep_peer(old)
        unit.revisions.keep_peer(replace(new, read=Watermark(2, 2)))
        assert unit.revisions.peers() == [replace(new, read=Watermark(2, 2))]
        assert unit.revisions.peer("c1") == old
        assert unit.revisions.peer("c3") is None
