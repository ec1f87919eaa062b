from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Role
from fieldkit.vault import certificates
from fieldkit.vault.certificates import make_csr
from sync.gateway.certificates import (
    certify_again,
    certify_kit,
    certify_user,
    kit_certificates,
    people_of,
    revoke_person,
    revoked_serials,
    serial_of,
)
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.tables import kit_certificates as table
from sync.gateway.tables import users
from sync.protocol.messages import UserRequest
from tests.unit.sync.gateway.conftest import enrolled


def test_all_certificates_of_a_kit_are_kept_newest_first(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock, folder: Path
) -> None:
    first = kit.answer.kit_certificate
    enrolled(folder, gateway_context, clock, "kit-02")
    clock.advance(days=1)
    with gateway_context.engine.begin() as connection:
        second = certify_kit(gateway_context, connection, kit.name, make_csr(certificates.new_private_key()))
        connection.execute(sa.update(table).where(table.c.serial == serial_of(first)).values(revoked_at=clock.now()))
        given = kit_certificates(connection, kit.name)
        assert [(entry.certificate, entry.revoked_at) for entry in given] == [(second, None), (first, clock.now())]
        assert kit_certificates(connection, "kit-99") == []


def test_revoked_serials_are_those_of_kits_and_people(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    with gateway_context.engine.begin() as connection:
        certify_kit(gateway_context, connection, kit.name, make_csr(certificates.new_private_key()))  # stays good
        assert revoked_serials(connection) == ()
        first = table.c.serial == serial_of(kit.answer.kit_certificate)
        for gone in (sa.update(table).where(first), sa.update(users)):
            connection.execute(gone.values(revoked_at=clock.now()))
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
    csr = make_csr(certificates.new_private_key())
    with gateway_context.engine.begin() as connection:
        for name in ("a\0b", "a\nb", "\u202etxet"):
            user = UserRequest(user_id="budi", name=name, role=Role.PETUGAS_PEREKAMAN, csr=csr)
            with pytest.raises(Refusal, match=r"user\.name"):
                certify_user(gateway_context, connection, kit.name, user)


def test_one_request_serves_one_person_in_one_role(gateway_context: GatewayContext, kit: Kit) -> None:
    user = UserRequest(
        user_id="budi", name="Budi", role=Role.PETUGAS_PEREKAMAN, csr=make_csr(certificates.new_private_key())
    )
    with gateway_context.engine.begin() as connection:
        first = certify_user(gateway_context, connection, kit.name, user)
        assert certify_user(gateway_context, connection, kit.name, user) == first
        for name, other in ((kit.name, {"user_id": "siti"}), (kit.name, {"role": Role.ADMIN_DINAS}), ("kit-02", {})):
            with pytest.raises(Refusal, match=r"csr\.used"):
                certify_user(gateway_context, connection, name, user.model_copy(update=other))


@pytest.mark.parametrize(
    ("named", "ended"),
    [
        ([], ["kit-01", "kit-02"]),
        (["kit-02"], ["kit-02"]),
        (["kit-02", "kit-01"], ["kit-01", "kit-02"]),
        (["kit-03"], []),
    ],
)
def test_a_person_is_ended_on_the_kits_that_are_named_or_on_all(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock, folder: Path, named: list[str], ended: list[str]
) -> None:
    enrolled(folder, gateway_context, clock, "kit-02")
    with gateway_context.engine.begin() as connection:
        for name, user_id in (("kit-01", "budi"), ("kit-02", "budi"), ("kit-01", "siti"), ("kit-02", "siti")):
            csr = make_csr(certificates.new_private_key())
            user = UserRequest(user_id=user_id, name="Nama", role=Role.PETUGAS_PEREKAMAN, csr=csr)
            certify_user(gateway_context, connection, name, user)
        first = clock.now()
        if ended:
            assert revoke_person(connection, "budi", named, first) == tuple(ended)
        clock.advance(hours=1)
        with pytest.raises(InputError, match=r"gateway\.user_unknown"):
            revoke_person(connection, "budi", ended or named, clock.now())  # what ended keeps its time
        gone = connection.execute(sa.select(users.c.kit, users.c.user_id, users.c.revoked_at)).all()
        assert [row for row in gone if row.revoked_at] == [(name, "budi", first) for name in ended]
        people = {name: sorted(people_of(connection, name)) for name in ("kit-01", "kit-02")}
        everybody = ["admin", "budi", "siti"]
        assert people == {name: [each for each in everybody if each != "budi" or name not in ended] for name in people}


def test_whose_certificate_ended_with_the_kits_gets_a_new_one(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock, folder: Path
) -> None:
    """Not the admin, nor who was revoked at another time, nor who is on another kit."""
    enrolled(folder, gateway_context, clock, "kit-02")
    with gateway_context.engine.begin() as connection:
        for name, user_id in (("kit-01", "budi"), ("kit-01", "siti"), ("kit-02", "rudi")):
            csr = make_csr(certificates.new_private_key())
            user = UserRequest(user_id=user_id, name="Nama", role=Role.PETUGAS_PEREKAMAN, csr=csr)
            certify_user(gateway_context, connection, name, user)
        revoke_person(connection, "siti", [], clock.now())
        clock.advance(hours=1)
        for user_id in ("budi", "rudi", "admin"):
            revoke_person(connection, user_id, [], clock.now())
        certify_again(gateway_context, connection, "kit-01", "admin", clock.now())
        assert [list(people_of(connection, name)) for name in ("kit-01", "kit-02")] == [["budi"], []]
