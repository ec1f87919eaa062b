from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.clock import HandClock
from support.room import KIT

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.domain.offered_program import OfferedProgram
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.domain.people.accounts import Role, User
from fieldkit.services.office_bundles.office_words import (
    disabled_in,
    keep_disabled,
    keep_listed,
    keep_offered,
    keep_revoked,
    listed_in,
    offered_in,
    revoked_in,
    shut_out,
    standings_in,
)
from fieldkit.storage.store import SqlStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    clock = HandClock()
    opened = open_store(tmp_path / "kit.db", bytes(32), KIT, clock, UuidV7(clock))
    yield opened
    opened.close()


def test_a_kit_that_heard_nothing_shuts_nobody_out(store: SqlStore) -> None:
    with store.read() as unit:
        assert standings_in(unit) == ()
        assert (revoked_in(unit), disabled_in(unit)) == (frozenset(), frozenset())
        assert shut_out(unit, "rina", 1, 2) is None


def test_the_word_of_the_office_goes_before_that_of_the_team(store: SqlStore) -> None:
    of_team, of_office = User("rina", "Rina", Role.LOKET), User("rina", "Rina W", Role.KETUA_TIM)
    sri = User("sri", "Sri", Role.KASI)
    with store.write() as unit:
        assert listed_in(unit) == ()
        keep_listed(unit, BundleKind.ACCOUNTS, [of_team, sri])
        keep_listed(unit, BundleKind.USERS, [of_office])
        assert listed_in(unit) == (of_office, sri)
        keep_disabled(unit, ["sri"])
        assert listed_in(unit) == (of_office,)


def test_who_is_shut_out_hears_why(store: SqlStore) -> None:
    with store.write() as unit:
        keep_revoked(unit, {"ff": "2026-11-21T00:00:00+00:00"})
        keep_disabled(unit, ["bagus"])
    with store.read() as unit:
        told = [shut_out(unit, *who) for who in (("rina", 255, 2), ("rina", 1, 255), ("bagus", 1, 2), ("rina", 1, 2))]
    assert [each.code if each else "" for each in told] == [
        "office.kit_revoked",
        "office.user_disabled",
        "office.user_disabled",
        "",
    ]


def test_the_program_that_the_office_wants_is_known_by_its_package(store: SqlStore) -> None:
    offered = OfferedProgram(**dict.fromkeys(OfferedProgram.__slots__, "1"))
    with store.write() as unit:
        keep_offered(unit, "windows", offered)
        assert (offered_in(unit, "windows"), offered_in(unit, "debian")) == (offered, None)
