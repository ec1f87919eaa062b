from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from support.clock import NOW
from support.kept import activity, target

from fieldkit.domain.errors import InputError
from fieldkit.domain.exchange.shared_kinds import ACTIVITY, ATTACHMENT, IN_ORDER, TARGET
from fieldkit.domain.people.staff import Staff
from fieldkit.domain.visits import Visit
from fieldkit.ports.repositories import Attachment
from fieldkit.storage.repositories.shared_values import SharedValues, read_value, write_value
from fieldkit.storage.store import SqlStore

VISIT = Visit("v1", "act-1", "t-1", "u", NOW)
PHOTO = Attachment("p1", "v1", "foto.jpg", "image/jpeg", b"jpeg", sha256(b"jpeg").hexdigest(), NOW)
SECRET = Attachment("p2", "signing", "kantor.p12", "application/x-pkcs12", b"p12", sha256(b"p12").hexdigest(), NOW)


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    with store.write() as unit:
        unit.targets.save([target(1)])
        unit.repository(Visit).save(VISIT)
        unit.attachments.put(PHOTO)
        unit.attachments.put(SECRET)
    return store


def values(unit: object) -> SharedValues:
    return SharedValues(unit.connection, lambda: None)  # type: ignore[attr-defined]


def test_everything_comes_back_from_its_body(filled: SqlStore, tmp_path: Path) -> None:
    from support.kept import open_kit

    with filled.read() as unit:
        bodies = {kind: [tuple(each) for each in values(unit).current(kind)] for kind in IN_ORDER}
    other = open_kit(tmp_path / "other")
    with other.write() as unit:
        for kind, found in bodies.items():
            for thing_id, _, body in found:
                values(unit).put(kind, thing_id, body, {PHOTO.sha256: PHOTO.content})
    with other.read() as unit:
        assert {kind: [tuple(each) for each in values(unit).current(kind)] for kind in IN_ORDER} == bodies
        assert unit.activities.all() == [activity()]
        assert unit.targets.get(target(1).target_id) == target(1)
        assert unit.repository(Visit).get("v1") == VISIT
        assert unit.attachments.of("v1") == [PHOTO]
    other.close()


def test_what_belongs_to_this_laptop_alone_does_not_travel(filled: SqlStore) -> None:
    with filled.read() as unit:
        assert [thing_id for thing_id, *_ in values(unit).current(ATTACHMENT)] == ["p1"]


def test_a_body_that_does_not_fit_is_refused(filled: SqlStore) -> None:
    body = write_value(VISIT)
    for kind, thing_id, wrong in (
        ("visit", "v1", "{}"),
        ("visit", "v2", body),
        ("drone", "v1", body),
        (TARGET, "t-1", ""),
        (ACTIVITY, "act-1", ""),
        (TARGET, "t-9", write_value(replace(target(1), target_id="t-9", activity_id="unknown"))),
        (ATTACHMENT, "p9", '{"attachment_id": "p9"}'),
    ):
        with pytest.raises(InputError) as refusal, filled.write() as unit:
            values(unit).put(kind, thing_id, wrong, {})
        assert refusal.value.code == "exchange.broken"


def test_a_file_that_is_missing_or_another_is_refused(filled: SqlStore) -> None:
    with filled.write() as unit:
        body = values(unit).body(ATTACHMENT, "p1")
        unit.attachments.remove("p1")
    for files in ({}, {PHOTO.sha256: b"another"}):
        with pytest.raises(InputError), filled.write() as unit:
            values(unit).put(ATTACHMENT, "p1", body, files)


def test_what_was_removed_elsewhere_goes(filled: SqlStore) -> None:
    with filled.write() as unit:
        unit.repository(Staff).save(Staff("s1", "Agus"))
        values(unit).put("staff", "s1", "", {})
        values(unit).put(ATTACHMENT, "p1", "", {})
    with filled.read() as unit:
        assert unit.repository(Staff).find("s1") is None
        assert unit.attachments.of("v1") == []


def test_values_are_read_by_their_kind() -> None:
    assert read_value("visit", write_value(VISIT)) == VISIT
