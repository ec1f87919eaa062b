from __future__ import annotations

import pytest
import sqlalchemy as sa
from support.clock import HandClock

from sync.gateway.context import GatewayContext
from sync.gateway.office.accounts import Accounts, OfficeRole, Right
from sync.gateway.office.sessions import Person, Sessions, form_token
from sync.gateway.tables import office_sessions

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
    assert sessions.person("") is None


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
