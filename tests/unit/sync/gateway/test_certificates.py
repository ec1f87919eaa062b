from __future__ import annotations

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.domain.people.accounts import Role
from fieldkit.vault import keys
from fieldkit.vault.certificates import make_csr
from sync.gateway.certificates import certify_kit, certify_user, kit_certificates, revoked_serials, serial_of
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.tables import kit_certificates as table
from sync.gateway.tables import users
from sync.protocol.messages import UserRequest


def test_all_certificates_of_a_kit_are_kept_newest_first(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    first = kit.answer.kit_certificate
    clock.advance(days=1)
    with gateway_context.engine.begin() as connection:
        second = certify_kit(gateway_context, connection, kit.name, make_csr(keys.new_private_key()))
        connection.execute(sa.update(table).where(table.c.serial == serial_of(first)).values(revoked_at=clock.now()))
        given = kit_certificates(connection, kit.name)
        assert [(entry.certificate, entry.revoked_at) for entry in given] == [(second, None), (first, clock.now())]
        assert kit_certificates(connection, "kit-99") == []


def test_revoked_serials_are_those_of_kits_and_people(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    with gateway_context.engine.begin() as connection:
        assert revoked_serials(connection) == ()
        for gone in (table, users):
            connection.execute(sa.update(gone).values(revoked_at=clock.now()))
        both = {serial_of(kit.answer.kit_certificate), serial_of(kit.answer.admin_certificate)}
        assert set(revoked_serials(connection)) == both


def test_what_is_no_request_gets_no_certificate(gateway_context: GatewayContext, kit: Kit) -> None:
    user = UserRequest(user_id="budi", name="Budi", role=Role.PETUGAS_PEREKAMAN, csr=b"no csr")
    with gateway_context.engine.begin() as connection:
        with pytest.raises(Refusal, match=r"csr\.invalid"):
            certify_kit(gateway_context, connection, kit.name, b"no csr")
        with pytest.raises(Refusal, match=r"csr\.invalid"):
            certify_user(gateway_context, connection, kit.name, user)


def test_a_name_that_nobody_can_read_gets_no_certificate(gateway_context: GatewayContext, kit: Kit) -> None:
    csr = make_csr(keys.new_private_key())
    with gateway_context.engine.begin() as connection:
        for name in ("a\0b", "a\nb", "\u202etxet"):
            user = UserRequest(user_id="budi", name=name, role=Role.PETUGAS_PEREKAMAN, csr=csr)
            with pytest.raises(Refusal, match=r"user\.name"):
                certify_user(gateway_context, connection, kit.name, user)


def test_one_request_serves_one_person_in_one_role(gateway_context: GatewayContext, kit: Kit) -> None:
    user = UserRequest(user_id="budi", name="Budi", role=Role.PETUGAS_PEREKAMAN, csr=make_csr(keys.new_private_key()))
    with gateway_context.engine.begin() as connection:
        first = certify_user(gateway_context, connection, kit.name, user)
        assert certify_user(gateway_context, connection, kit.name, user) == first
        for other in ({"user_id": "siti"}, {"role": Role.ADMIN_DINAS}):
            with pytest.raises(Refusal, match=r"csr\.used"):
                certify_user(gateway_context, connection, kit.name, user.model_copy(update=other))
