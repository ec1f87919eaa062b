"""Before the seal: who was recorded on this kit already, what is noted, and who may allow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.again import NobodyElse
from support.kept import biodata
from support.room import LEAD, PETUGAS, STORES, Keys, Room

from fieldkit.app.bootstrap.kit_settings import HmacNikKey
from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.domain.people import User
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.exceptions import Act
from fieldkit.domain.recording.positions import FINGERS
from fieldkit.ports.recording import SamePerson
from fieldkit.services.people.keep_accounts import operator_key
from fieldkit.services.recording.find_again import FOUND, OPERATOR_FOUND, FindAgain, OperatorsFinger


@pytest.fixture
def room(tmp_path: Path, sealing_keys: Keys) -> Iterator[Room]:
    room = Room(tmp_path, sealing_keys)
    first = biodata()
    room.plan(first, replace(first, nik=type(first.nik)("3505085203790002")))
    yield room
    room.store.close()


@pytest.fixture
def finder() -> NobodyElse:
    return NobodyElse()


def find_again(room: Room, finder: NobodyElse, user: User = PETUGAS) -> FindAgain:
    return FindAgain(room.store, finder, HmacNikKey(b"n" * 32), room.clock, user)


def test_somebody_new_is_nobody_and_nothing_is_noted(
    room: Room, finder: NobodyElse, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.seal("target-1")
    session = room.complete(room.begin("target-2"))
    before = room.kinds(session.session_id)
    monkeypatch.setattr(room.store, "write", None)  # nothing is written of it
    assert find_again(room, finder).look(session.session_id) == []
    assert room.kinds(session.session_id) == before


@pytest.mark.days
def test_the_same_person_under_another_nik_is_told_and_noted_once(room: Room, finder: NobodyElse) -> None:
    record = room.seal("target-1").record
    finder.same = [SamePerson(record.record_id, FINGERS[:4], 21.5), SamePerson("gone", FINGERS[:2], 3.0)]
    session = room.complete(room.begin("target-2"))
    again = find_again(room, finder)
    (found,) = again.look(session.session_id)
    assert (found.record_id, found.is_same_nik, found.fingers, found.score) == (record.record_id, False, 4, 21.5)
    assert (found.masked_nik, found.sealed_at) == (record.masked_nik, record.sealed_at)
    again.look(session.session_id)
    assert room.kinds(session.session_id).count(FOUND) == 1
    with room.store.read() as unit:
        noted = next(event for event in unit.events.of(session.session_id) if event.kind == FOUND)
    assert record.record_id in noted.payload
    assert "rote 1" in noted.payload
    assert record.masked_name not in noted.payload


@pytest.mark.days
def test_what_was_compared_ahead_is_not_compared_again_unless_something_changed(
    room: Room, finder: NobodyElse, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched, described = list[int](), list[int]()
    find = finder.find
    monkeypatch.setattr(finder, "describe", lambda samples: described.append(len(samples)))
    monkeypatch.setattr(finder, "find", lambda samples, *rest: searched.append(len(samples)) or find(samples, *rest))
    session = room.complete(room.begin("target-2"))
    again = find_again(room, finder)
    again.look_ahead(session.session_id)
    again.look_ahead(session.session_id)
    assert (searched, described) == ([10], [10, 10])
    assert room.kinds(session.session_id).count(FOUND) == 0
    again.look(session.session_id)
    assert searched == [10]
    again.look_ahead(session.session_id)
    record = room.seal("target-1").record  # meanwhile there is one more to compare with
    finder.same = [SamePerson(record.record_id, FINGERS[:2], 9.0)]
    assert [each.record_id for each in again.look(session.session_id)] == [record.record_id]
    assert len(searched) == 3


def test_what_a_team_lead_allows_goes_into_the_record(room: Room, finder: NobodyElse) -> None:
    session = room.complete(room.begin("target-1"))
    find_again(room, finder).allow(session.session_id, "r-1", room.keys.credential(LEAD))
    assert room.kinds(session.session_id)[-1] == Act.AGAIN
    sealed = room.sealing.seal(session.session_id).record
    container = room.keys.opener.open(room.files.path(sealed.record_id).read_bytes())
    assert Act.AGAIN.encode() in container.content


@pytest.mark.parametrize(("user", "lead"), [(PETUGAS, STORES), (LEAD, LEAD)])
def test_two_persons_decide_and_one_is_a_team_lead(room: Room, finder: NobodyElse, user: User, lead: User) -> None:
    session = room.complete(room.begin("target-1"))
    with pytest.raises(RuleError) as refused:
        find_again(room, finder, user).allow(session.session_id, "r-1", room.keys.credential(lead))
    assert refused.value.code in {"session.lead_only", "session.second_person"}
    assert Act.AGAIN not in room.kinds(session.session_id)


@pytest.mark.days
def test_templates_come_with_the_seal_and_go_with_the_receipt(room: Room, finder: NobodyElse) -> None:
    record = room.seal("target-1").record
    with room.store.read() as unit:
        assert unit.finger_templates.held() == {record.record_id}
        assert unit.finger_templates.get(record.record_id) == bytes([10])
    with room.store.write() as unit:
        unit.finger_templates.erase(record.record_id)
    finder.same = [SamePerson(record.record_id, FINGERS, 30.0)]
    session = room.complete(room.begin("target-2"))
    assert find_again(room, finder).look(session.session_id) == []


@pytest.mark.days
def test_an_operators_finger_among_the_residents_comes_first_and_is_noted_once(room: Room, finder: NobodyElse) -> None:
    record = room.seal("target-1").record
    with room.store.write() as unit:
        unit.save_user(PETUGAS)
        unit.finger_templates.keep(operator_key(PETUGAS.user_id), b"one finger")
        unit.finger_templates.keep(operator_key("gone"), b"of an account that was removed")
    finder.owners = [SamePerson(operator_key(id_), FINGERS[:1], 9.0) for id_ in ("gone", PETUGAS.user_id)]
    finder.same = [SamePerson(record.record_id, FINGERS, 30.0), SamePerson(operator_key(PETUGAS.user_id), FINGERS, 9)]
    session = room.complete(room.begin("target-2"))
    for _ in range(2):
        first, second = find_again(room, finder).look(session.session_id)
    assert first == OperatorsFinger(PETUGAS.user_id, PETUGAS.name, FINGERS[0], 9.0)
    assert second.record_id == record.record_id, "operators are no records"
    assert room.kinds(session.session_id).count(OPERATOR_FOUND) == 1


def noted(room: Room, session_id: str) -> list[str]:
    return [kind for kind in room.kinds(session_id) if kind in {FOUND, OPERATOR_FOUND}]


def test_who_is_known_to_nobody_any_more_is_nobody(room: Room, finder: NobodyElse) -> None:
    with room.store.write() as unit:
        for key in (operator_key("gone"), "gone"):
            unit.finger_templates.keep(key, b"of an account or a record that was removed")
    finder.owners = [SamePerson(operator_key("gone"), FINGERS[:1], 9.0)]
    finder.same = [SamePerson("gone", FINGERS, 30.0)]
    session = room.complete(room.begin("target-2"))
    assert find_again(room, finder).look(session.session_id) == []
    assert noted(room, session.session_id) == []


def test_the_same_nik_is_told_and_before_the_biodata_it_is_another(room: Room, finder: NobodyElse) -> None:
    record = room.seal("target-1").record
    finder.same = [SamePerson(record.record_id, FINGERS, 30.0)]
    session = room.recording.open("target-2")
    (found,) = find_again(room, finder).look(session.session_id)
    assert not found.is_same_nik
    again = room.begin("target-2")
    with room.store.write() as unit:
        known = unit.sessions.get(again.session_id)
        assert known.biodata is not None
        unit.sessions.save(replace(known, biodata=replace(known.biodata, nik=biodata().nik)))
    (found,) = find_again(room, finder).look(again.session_id)
    assert found.is_same_nik


@pytest.mark.days
def test_each_record_is_noted_once_whatever_else_was_said_of_it(room: Room, finder: NobodyElse) -> None:
    room.plan(biodata(), replace(biodata(), nik=type(biodata().nik)("3505085203790002")), *room_guests())
    first, second = (room.seal(target).record.record_id for target in ("target-1", "target-3"))
    session = room.complete(room.begin("target-2"))
    again = find_again(room, finder)
    again.allow(session.session_id, first, room.keys.credential(LEAD))
    for record_id in (first, second, first):
        finder.same = [SamePerson(record_id, FINGERS, 30.0)]
        again.look(session.session_id)
    assert noted(room, session.session_id) == [FOUND, FOUND]


def room_guests() -> list[Biodata]:
    return [biodata("Tri", "3275014708790005")]


@pytest.mark.days
def test_operators_are_compared_as_operators_and_records_as_records(
    room: Room, finder: NobodyElse, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, mine = room.seal("target-1").record.record_id, operator_key(PETUGAS.user_id)
    with room.store.write() as unit:
        unit.finger_templates.keep(mine, b"one finger")
    compared: list[frozenset[str]] = []
    for name in ("find_owners", "find"):
        monkeypatch.setattr(finder, name, lambda _samples, held, _load: compared.append(frozenset(held)) or [])
    find_again(room, finder).look(room.complete(room.begin("target-2")).session_id)
    assert compared == [{mine}, {record}]


def test_a_template_that_went_meanwhile_is_empty_and_a_store_that_fails_is_told(
    room: Room, finder: NobodyElse, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[bytes] = []
    monkeypatch.setattr(finder, "find", lambda _samples, _held, load: loaded.append(load("gone")) or [])
    session = room.complete(room.begin("target-2"))
    find_again(room, finder).look(session.session_id)
    assert loaded == [b""]

    def fail(*_: object) -> bytes:
        raise StoreError("store.damaged")

    with room.store.read() as unit:
        monkeypatch.setattr(type(unit.finger_templates), "get", fail)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        find_again(room, finder).look(session.session_id)
