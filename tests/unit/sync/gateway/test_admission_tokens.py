"""Tokens: what an assertion buys at which moment, and what a sign-in notes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.gateway import Kit, enrolled_kit
from support.races import meanwhile

from fieldkit.vault.certificates import make_csr
from sync.gateway.admission import Admission
from sync.gateway.certificates import certify_kit
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.tables import assertions, kit_contacts, tokens
from sync.gateway.tables import kit_certificates as table


@pytest.fixture
def admission(gateway_context: GatewayContext) -> Admission:
    return Admission(gateway_context)


@pytest.fixture
def assertion(gateway_context: GatewayContext) -> Callable[..., str]:
    def make(kit: Kit, **claims: Any) -> str:
        return kit.assertion(gateway_context.name, **claims)

    return make


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code


@pytest.mark.parametrize(
    ("program", "kept"),
    [
        ({}, ""),
        ({"program": 3}, ""),
        ({"program": "1.0\n"}, ""),
        ({"program": "véé"}, ""),
        ({"program": "9" * 41}, "9" * 40),
    ],
)
def test_each_sign_in_notes_when_and_with_which_program(
    admission: Admission,
    kit: Kit,
    folder: Path,
    gateway_context: GatewayContext,
    assertion: Callable[..., str],
    program: dict[str, Any],
    kept: str,
) -> None:
    other = enrolled_kit(folder, gateway_context, kit.clock, "kit-02")
    admission.issue_token(assertion(other, program="0.9"))
    first = kit.clock.now()
    for claims, program_kept in (({"program": "1.2.3"}, "1.2.3"), (program, kept)):
        kit.clock.advance(minutes=1)
        admission.issue_token(assertion(kit, **claims))
        with gateway_context.reading() as connection:
            contacts = connection.execute(sa.select(kit_contacts).order_by(kit_contacts.c.kit)).all()
        assert contacts == [("kit-01", kit.clock.now(), program_kept), ("kit-02", first, "0.9")]


# Tokens live ten minutes, assertions five and one for the skew.
@pytest.mark.parametrize(("seconds", "left"), [(360, [3, 3]), (361, [3, 1]), (600, [3, 1]), (601, [1, 1])])
def test_what_ran_out_is_forgotten_at_the_next_sign_in(
    admission: Admission,
    kit: Kit,
    gateway_context: GatewayContext,
    assertion: Callable[..., str],
    seconds: int,
    left: list[int],
) -> None:
    def kept() -> list[int | None]:
        with gateway_context.reading() as connection:
            return [connection.scalar(sa.select(sa.func.count()).select_from(each)) for each in (tokens, assertions)]

    admission.issue_token(assertion(kit))
    admission.issue_token(assertion(kit))
    assert kept() == [2, 2]
    kit.clock.advance(seconds=seconds)
    admission.issue_token(assertion(kit))
    assert kept() == left


@pytest.mark.parametrize(("seconds", "buys"), [(-60, False), (-59, True), (599, True), (600, False)])
def test_an_assertion_ends_within_ten_minutes_and_a_minute_ago_at_most(
    admission: Admission, kit: Kit, assertion: Callable[..., str], seconds: int, buys: bool
) -> None:
    word = assertion(kit, exp=int(kit.clock.now().timestamp()) + seconds)
    if buys:
        assert admission.issue_token(word).access_token
    else:
        assert refused(lambda: admission.issue_token(word)) == "auth.clock"


@pytest.mark.parametrize("name", ["nbf", "iat"])
@pytest.mark.parametrize(("seconds", "buys"), [(-86_400, True), (60, True), (61, False), (0.5, True), (86_400, False)])
def test_an_assertion_of_later_buys_nothing_yet(
    admission: Admission, kit: Kit, assertion: Callable[..., str], name: str, seconds: float, buys: bool
) -> None:
    word = assertion(kit, **{name: int(kit.clock.now().timestamp()) + seconds})
    if buys:
        assert admission.issue_token(word).access_token
    else:
        assert refused(lambda: admission.issue_token(word)) == "auth.clock"


@pytest.mark.parametrize("name", ["nbf", "iat"])
@pytest.mark.parametrize("said", ["1", None, True, [], 10**400])
def test_a_time_that_is_none_buys_nothing(
    admission: Admission, kit: Kit, assertion: Callable[..., str], name: str, said: object
) -> None:
    assert refused(lambda: admission.issue_token(assertion(kit, **{name: said}))) == "auth.clock"


def test_a_certificate_that_ended_at_this_moment_buys_nothing(
    admission: Admission, kit: Kit, gateway_context: GatewayContext, assertion: Callable[..., str]
) -> None:
    ended = sa.update(table).values(revoked_at=kit.clock.now())
    with meanwhile(gateway_context.engine, "UPDATE kit_certificates", ended):
        assert refused(lambda: admission.issue_token(assertion(kit))) == "auth.kit_revoked"


def test_a_certificate_renewed_at_the_moment_of_the_revocation_opens_nothing(
    admission: Admission, kit: Kit, gateway_context: GatewayContext, assertion: Callable[..., str]
) -> None:
    admission.revoke_kit("kit-01")
    with gateway_context.engine.begin() as connection:
        certify_kit(gateway_context, connection, "kit-01", make_csr(kit.key))
    assert refused(lambda: admission.issue_token(assertion(kit))) == "auth.kit_revoked"


def test_a_header_names_the_scheme_and_a_token(admission: Admission, kit: Kit, assertion: Callable[..., str]) -> None:
    token = admission.issue_token(assertion(kit)).access_token
    assert admission.kit_of(f"bearer {token}") == "kit-01"
    for header in ("", "Bearer ", f"Basic {token}", token):
        assert refused(lambda header=header: admission.kit_of(header)) == "auth.token_missing"
    assert refused(lambda: admission.kit_of("Bearer abc")) == "auth.token_expired"
