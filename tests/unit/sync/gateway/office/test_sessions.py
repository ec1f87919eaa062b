from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.asked import asked
from support.clock import HandClock

from sync.gateway.context import GatewayContext
from sync.gateway.office.accounts import Accounts, OfficeRole, Right
from sync.gateway.office.sessions import Person, Sessions, form_token
from sync.gateway.tables import office_sessions, office_users

GOOD = "kuda hijau melompat 77 pagar"


@pytest.fixture
def sessions(gateway_context: GatewayContext) -> Sessions:
    Accounts(gateway_context).add("sri", OfficeRole.OPERATOR, GOOD)
    return Sessions(gateway_context)


def test_a_session_is_known_to_every_worker_and_its_token_to_none(
    sessions: Sessions, gateway_context: GatewayContext
) -> None:
    token = sessions.begin("sri")
    assert Sessions(gateway_context).person(token) == Person("sri", OfficeRole.OPERATOR, False)
    with gateway_context.engine.begin() as connection:
        stored = connection.scalars(sa.select(office_sessions.c.token_hash)).one()
    assert token not in stored
    assert sessions.person(stored) is None
    sessions.end(token)
    assert sessions.person(token) is None
    with asked(gateway_context.engine) as said:
        assert sessions.person("") is None  # who brings none, as each picture of the page does
    assert said == []


def test_a_session_ends_after_half_an_hour_of_silence_and_after_ten_hours(sessions: Sessions, clock: HandClock) -> None:
    token = sessions.begin("sri")
    for _ in range(20):
        clock.advance(minutes=29)
        assert sessions.person(token) is not None
    clock.advance(minutes=29)
    assert sessions.person(token) is None  # 10 h
    token = sessions.begin("sri")
    clock.advance(minutes=31)
    assert sessions.person(token) is None


@pytest.mark.parametrize("end", ["disable", "reset"])
def test_an_account_that_is_changed_ends_its_sessions(
    sessions: Sessions, gateway_context: GatewayContext, end: str
) -> None:
    token = sessions.begin("sri")
    getattr(Accounts(gateway_context), end)("sri")
    assert sessions.person(token) is None


def test_an_operator_reads_and_the_tokens_of_two_browsers_differ(sessions: Sessions) -> None:
    person = sessions.person(sessions.begin("sri"))
    assert person is not None
    assert [right for right in Right if person.may(right)] == [Right.READ]
    assert form_token("a") != form_token("b")


@pytest.mark.parametrize(
    ("idle", "age", "counts"),
    [
        (timedelta(minutes=30), timedelta(minutes=30), True),
        (timedelta(minutes=30, seconds=1), timedelta(hours=1), False),
        (timedelta(0), timedelta(hours=10), True),
        (timedelta(0), timedelta(hours=10, seconds=1), False),
    ],
)
def test_a_session_ends_behind_its_last_moment_and_is_forgotten_at_the_next_sign_in(
    sessions: Sessions, gateway_context: GatewayContext, clock: HandClock, idle: timedelta, age: timedelta, counts: bool
) -> None:
    token, now = sessions.begin("sri"), clock.now()
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(office_sessions).values(seen_at=now - idle, started_at=now - age))
    assert (sessions.person(token) is not None) is counts
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(office_sessions).values(seen_at=now - idle, started_at=now - age))
    sessions.begin("sri")
    with gateway_context.reading() as connection:
        assert len(connection.execute(sa.select(office_sessions)).all()) == 1 + counts


def test_each_session_is_seen_once_a_minute_and_ended_alone(
    sessions: Sessions, gateway_context: GatewayContext, clock: HandClock
) -> None:
    began, (first, second) = clock.now(), (sessions.begin("sri") for _ in range(2))

    def seen() -> list[float]:
        with gateway_context.reading() as connection:
            times = connection.scalars(sa.select(office_sessions.c.seen_at).order_by(office_sessions.c.seen_at)).all()
        return [(at - began).total_seconds() for at in times]

    for seconds, times in ((60, [0, 0]), (1, [0, 61])):
        clock.advance(seconds=seconds)
        assert sessions.person(first) is not None
        assert seen() == times
    sessions.end(second)
    assert seen() == [61]
    with gateway_context.engine.begin() as connection:  # by somebody else
        connection.execute(sa.update(office_users).values(disabled_at=clock.now()))
    assert sessions.person(first) is None
