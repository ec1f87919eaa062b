from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from support.clock import NOW
from support.kept import activity, target

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import digest_of
from fieldkit.domain.exchange import ACTIVITY, ATTACHMENT, IN_ORDER, TARGET
from fieldkit.domain.letters.letter import Letterhead
from fieldkit.domain.people import Staff
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
    with filled.write() as unit:
        unit.repository(Letterhead).save(Letterhead("Dinas", logo="p3"))
        for name, owner in (("p3", "letterhead"), ("p4", "act-1")):
            unit.attachments.put(replace(PHOTO, attachment_id=name, owner=owner))
        assert [thing_id for thing_id, *_ in values(unit).current(ATTACHMENT)] == ["p1", "p4"]
        assert [(kind, thing_id) for kind, thing_id, *_ in values(unit).everything()] == [
            *((ACTIVITY, "act-1"), (TARGET, "target-1"), (ATTACHMENT, "p1"), (ATTACHMENT, "p4"), ("visit", "v1"))
        ]


def test_a_body_is_that_of_its_kind_and_id(filled: SqlStore) -> None:
    with filled.write() as unit:
        unit.activities.save(activity("act-2"))
        unit.targets.save([target(2)])
        unit.repository(Visit).save(replace(VISIT, thing_id="act-1"))
        unit.attachments.put(replace(PHOTO, attachment_id="p3"))
        assert values(unit).body(ACTIVITY, "act-2") == write_value(activity("act-2"))
        assert values(unit).body(TARGET, "target-2") == write_value(target(2))
        assert values(unit).body("visit", "v1") == write_value(VISIT)
        assert '"p3"' in values(unit).body(ATTACHMENT, "p3")
        for kind in (ACTIVITY, TARGET, ATTACHMENT, "visit"):
            assert values(unit).body(kind, "nothing") == ""
        assert [thing_id for thing_id, *_ in values(unit).current("staff")] == []


def test_the_digest_is_that_of_what_is_kept_now(filled: SqlStore) -> None:
    newer = write_value(VISIT)[:-1] + ',"weather":"hujan"}'
    with filled.write() as unit:
        kept = values(unit).put("visit", "v1", newer, {})
        assert (kept, values(unit).body("visit", "v1")) == (digest_of(newer), newer), "what a newer program says stays"
        for kind, thing_id, body in (
            (ACTIVITY, "act-1", write_value(activity())),
            (TARGET, "target-1", write_value(target(1))),
            (ATTACHMENT, "p1", values(unit).body(ATTACHMENT, "p1")),  # it is there: its bytes need not come again
        ):
            assert values(unit).put(kind, thing_id, body, {}) == digest_of(body)
        assert values(unit).put("visit", "v1", "", {}) == values(unit).put(ATTACHMENT, "p1", "", {}) == digest_of("")


def test_a_body_that_does_not_fit_is_refused(filled: SqlStore) -> None:
    body = write_value(VISIT)
    with filled.write() as unit:
        photo = values(unit).body(ATTACHMENT, "p1")
        unit.attachments.remove("p1")
    for kind, thing_id, wrong in (
        ("visit", "v1", "{}"),
        ("visit", "v2", body),
        ("drone", "v1", body),
        (TARGET, "t-1", ""),
        (ACTIVITY, "act-1", ""),
        (TARGET, "t-9", write_value(replace(target(1), target_id="t-9", activity_id="unknown"))),
        (ATTACHMENT, "p9", '{"attachment_id": "p9"}'),
        (ATTACHMENT, "p9", "[]"),
        (ATTACHMENT, "p9", "{"),
        (ATTACHMENT, "p9", photo),  # of another id
        (ATTACHMENT, "p1", photo.replace("+00:00", "")),  # a time without its zone
        (ATTACHMENT, "p1", photo.replace("2026-", "in ")),
        (ACTIVITY, "act-9", write_value(activity())),
        (TARGET, "t-9", write_value(target(1))),
    ):
        with pytest.raises(InputError) as refusal, filled.write() as unit:
            values(unit).put(kind, thing_id, wrong, {PHOTO.sha256: PHOTO.content})
        assert refusal.value.code == "exchange.broken"


def test_a_file_that_is_missing_or_another_is_refused(filled: SqlStore) -> None:
    with filled.write() as unit:
        body = values(unit).body(ATTACHMENT, "p1")
        unit.attachments.remove("p1")
    for files in ({}, {PHOTO.sha256: b"another"}):
        with pytest.raises(InputError), filled.write() as unit:
            values(unit).put(ATTACHMENT, "p1", body, files)


def test_what_was_removed_elsewhere_goes(filled: SqlStore) -> None:
    erased: list[str] = []
    with filled.write() as unit:
        unit.repository(Staff).save_all([Staff("s1", "Agus"), Staff("v1", "Bagus")])
        unit.attachments.put(replace(PHOTO, attachment_id="p3"))
        shared = SharedValues(unit.connection, lambda: erased.append("something"))  # type: ignore[attr-defined]
        shared.put("staff", "v1", "", {})
        shared.put(ATTACHMENT, "p1", "", {})
    assert len(erased) == 2
    with filled.read() as unit:
        assert unit.repository(Staff).search() == [Staff("s1", "Agus")]
        assert unit.repository(Visit).get("v1") == VISIT
        assert [each.attachment_id for each in unit.attachments.of("v1")] == ["p3"]


def test_values_are_read_by_their_kind() -> None:
    assert read_value("visit", write_value(VISIT)) == VISIT
