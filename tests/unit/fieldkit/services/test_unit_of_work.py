"""What changed and who did it stand together, or neither does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people import Permission, Staff

SITI = Staff("s1", "Siti Aminah")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KETUA) as kit:
        yield kit


def test_keeping_notes_who_did_it_and_no_personal_data(kit: Kit) -> None:
    units = kit.context.office.units
    with units.write(Permission.CHECK_SARPRAS) as work:
        work.keep(SITI, "staff_written", reason="baru")
    with units.read() as unit:
        (event,) = unit.events.of("s1")
        assert unit.repository(Staff).get("s1") == SITI
    payload = json.loads(event.payload)
    assert (event.kind, event.actor, payload["reason"]) == ("staff_written", KETUA.user_id, "baru")
    assert len(payload["digest"]) == 64
    assert "Siti" not in event.payload


def test_a_failing_act_leaves_neither_thing_nor_event(kit: Kit) -> None:
    units = kit.context.office.units

    def fail() -> None:
        with units.write(Permission.CHECK_SARPRAS) as work:
            work.keep(SITI, "staff_written")
            work.attach("s1", "foto.jpg", "image/jpeg", b"jpeg")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with units.read() as unit:
        assert unit.repository(Staff).find("s1") is None
        assert not unit.attachments.of("s1")
        assert not unit.events.of("s1")


def test_another_roles_act_is_refused_before_anything_opens(kit: Kit) -> None:
    with pytest.raises(RuleError, match=r"role\.not_yours"), kit.context.office.units.write(Permission.SIGN):
        raise AssertionError("the act has begun")


def test_a_new_chain_is_begun_by_who_may_and_the_log_says_why(kit: Kit) -> None:
    units = kit.context.office.units
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        units.begin_chain(Permission.SIGN, "manifest.fork")
    with units.read() as unit:
        before = unit.records.next_link().chain
    chain = units.begin_chain(Permission.SEND, "manifest.fork")
    with units.read() as unit:
        assert unit.records.next_link().chain == chain != before
        (event,) = unit.events.of(chain)
        assert len({each.chain for each in unit.events.all()}) == 2  # the refused one began none
    assert (event.kind, event.actor, json.loads(event.payload)) == (
        "chain_begun",
        KETUA.user_id,
        {"reason": "manifest.fork"},
    )


def test_files_are_kept_with_their_digest(kit: Kit) -> None:
    units = kit.context.office.units
    with units.write(Permission.CHECK_SARPRAS) as work:
        name = work.attach("s1", "foto.jpg", "image/jpeg", b"jpeg")
    with units.read() as unit:
        kept = unit.attachments.get(name)
    assert kept.content == b"jpeg"
    assert kept.sha256 == "41e5787e9f28562d07b891b1816b492309d646c0f2829743fa4963a9f9cc1d61"
