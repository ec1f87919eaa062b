from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from support.gateway import Kit, receive
from support.office import Browser

from fieldkit.app.bootstrap.clock import WIB
from sync.gateway.admission import Admission
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.office.overview import (
    awaited_by_age,
    awaited_by_kit,
    concerns,
    count_some,
    is_old,
    literally,
    silent_kits,
)
from sync.gateway.routes import readiness
from sync.gateway.tables import backups, kits, records
from sync.protocol.messages import Announcement


def announce(gateway_context: GatewayContext, kit: Kit) -> tuple[str, bytes]:
    record_id, manifest, sealed, _ = kit.record(size=1000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    return record_id, sealed


def test_what_is_announced_and_not_received_is_counted_by_its_age(gateway_context: GatewayContext, kit: Kit) -> None:
    clock = kit.clock
    for hours in (6, 24, 48, 96, 240):  # between two announcements
        record_id, sealed = announce(gateway_context, kit)
        clock.advance(hours=hours)
    receive(gateway_context, kit, record_id, sealed)
    announce(gateway_context, kit)
    with gateway_context.engine.begin() as connection:
        ages = dict(awaited_by_age(connection, clock.now()))
        (mine,) = awaited_by_kit(connection)
        assert awaited_by_kit(connection, ["kit-07"]) == []
    assert ages == {"office.age_day": 1, "office.age_three": 0, "office.age_week": 0, "office.age_older": 4}
    assert (mine.kit, mine.count) == ("kit-01", 5)
    assert clock.now() - mine.oldest_at == timedelta(hours=414)


def test_nothing_awaited_counts_nothing(gateway_context: GatewayContext) -> None:
    with gateway_context.engine.begin() as connection:
        assert [count for _, count in awaited_by_age(connection, gateway_context.clock.now())] == [0, 0, 0, 0]
        assert count_some(connection, records.c.lost_at.is_not(None)) == 0


def test_a_kit_that_is_not_heard_of_is_named_until_it_is_lost_or_speaks(
    gateway_context: GatewayContext, kit: Kit
) -> None:
    def silent() -> list[tuple[str, bool]]:
        with gateway_context.engine.begin() as connection:
            found = silent_kits(connection, kit.clock.now() - timedelta(days=7))
        return [(each.kit, each.at is not None) for each in found]

    assert silent() == []
    kit.clock.advance(days=8)
    assert silent() == [("kit-01", False)]
    kit.token(gateway_context)
    assert silent() == []
    kit.clock.advance(days=8)
    assert silent() == [("kit-01", True)]
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(kits).values(revoked_at=kit.clock.now()))
    assert silent() == []


def test_concerns_name_only_what_is_so(gateway_context: GatewayContext, kit: Kit) -> None:
    def told() -> list[tuple[str, int]]:
        state = readiness(gateway_context)
        with gateway_context.engine.begin() as connection:
            return [(each.key, each.count) for each in concerns(connection, state, kit.clock.now())]

    assert told() == []
    record_id, sealed = announce(gateway_context, kit)
    receive(gateway_context, kit, record_id, sealed)
    kit.sequence -= 1
    announce(gateway_context, kit)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=kit.clock.now()))
    assert told() == [("office.warn_lost", 1), ("office.warn_forks", 1), ("office.warn_backup", 1)]
    kit.clock.advance(days=2 * 365 - 30)
    assert ("office.warn_certificates", 1) in told()


def test_the_first_page_shows_numbers_and_debts(admin: Browser, kit: Kit) -> None:
    kit.token(admin.gateway_context)
    announce(admin.gateway_context, kit)
    page = admin.get("/").text
    assert 'href="/office/kits/kit-01"' in page
    assert "Tidak ada yang perlu ditangani." in page
    assert "1 <small>dari 1</small>" in page


def test_a_kit_that_is_shut_out_is_counted_and_warned_of_no_more(admin: Browser, kit: Kit) -> None:
    kit.clock.advance(days=8)
    admin.sign_in_as("admin", "again")
    before = admin.get("/").text
    Admission(admin.gateway_context).revoke_kit(kit.name)
    after = admin.get("/").text
    assert ("0 <small>dari 1</small>" in before, "/office/kits/kit-01" in before) == (True, True)
    assert ("0 <small>dari 0</small>" in after, "/office/kits/kit-01" in after) == (True, False)


@pytest.mark.parametrize("word", ["o'clock", "a b", "é", "1", "a;b"])
def test_only_words_of_ours_stand_in_a_statement(word: str) -> None:
    assert str(literally("print_ready")) == "'print_ready'"
    assert str(literally("")) == "''"
    with pytest.raises(ValueError, match=re.escape(word)):
        literally(word)


@pytest.mark.parametrize(
    ("has_records", "made_ago", "expected"),
    [
        (False, None, False),
        (False, timedelta(days=9), False),
        (True, None, True),
        (True, timedelta(days=2), False),
        (True, timedelta(days=2, seconds=1), True),
    ],
)
def test_a_backup_is_old_after_two_days(
    gateway_context: GatewayContext, kit: Kit, has_records: bool, made_ago: timedelta | None, expected: bool
) -> None:
    now = kit.clock.now()
    if has_records:
        receive(gateway_context, kit, *announce(gateway_context, kit))
    with gateway_context.engine.begin() as connection:
        for ago in (made_ago, timedelta(days=30)) if made_ago else ():
            counts = {"records": 1, "objects": 1, "object_bytes": 1, "missing": 0}
            connection.execute(sa.insert(backups).values(made_at=now - ago, **counts))
        assert is_old(connection, now) is expected


def test_an_age_begins_with_its_last_moment(gateway_context: GatewayContext, kit: Kit) -> None:
    announce(gateway_context, kit)
    counted = {}
    for ago in (timedelta(hours=23), timedelta(days=1), timedelta(days=3), timedelta(days=7)):
        with gateway_context.reading() as connection:
            ages = awaited_by_age(connection, kit.clock.now() + ago)
        (counted[ago],) = (key for key, count in ages if count)
    assert list(counted.values()) == ["office.age_day", "office.age_three", "office.age_week", "office.age_older"]


def test_a_kit_is_silent_after_its_week_and_a_day_begins_at_midnight(browser: Browser, kit: Kit) -> None:
    clock, gateway_context = browser.clock, browser.gateway_context
    clock.at = datetime(2027, 1, 4, tzinfo=WIB)
    browser.sign_in_as("operator")
    kit.token(gateway_context)
    receive(gateway_context, kit, *announce(gateway_context, kit))
    numbers = []
    for seconds in (0, 24 * 3600 - 1, 1):
        clock.advance(seconds=seconds)
        browser.sign_in_as("operator", f"name{seconds}")
        numbers.append(re.findall(r"<dd>(\d+)", browser.get("/").text)[:2])
    assert numbers == [["1", "1"], ["1", "1"], ["0", "0"]]
    with gateway_context.reading() as connection:
        heard_at = clock.now() - timedelta(days=1)
        assert silent_kits(connection, heard_at) == []
        assert [each.kit for each in silent_kits(connection, heard_at + timedelta(seconds=1))] == ["kit-01"]
