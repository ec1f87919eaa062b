from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.gateway import Kit, receive
from support.office import Browser

from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.office.overview import (
    awaited_by_age,
    awaited_by_kit,
    concerns,
    count_some,
    literally,
    silent_kits,
)
from sync.gateway.readiness import readiness
from sync.gateway.tables import kits, records
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


@pytest.mark.parametrize("word", ["o'clock", "a b", "é", "1", "a;b"])
def test_only_words_of_ours_stand_in_a_statement(word: str) -> None:
    assert str(literally("print_ready")) == "'print_ready'"
    assert str(literally("")) == "''"
    with pytest.raises(ValueError, match=re.escape(word)):
        literally(word)
