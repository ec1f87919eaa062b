from __future__ import annotations

import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.vault import keys
from fieldkit.vault.certificates import issue_kit, make_csr
from sync.gateway.certificates import keep_certificate, kit_certificates, revoked_serials, serial_of
from sync.gateway.house import House
from sync.gateway.tables import kit_certificates as table
from sync.gateway.tables import users


def test_all_certificates_of_a_kit_are_kept_newest_first(house: House, kit: Kit, clock: HandClock) -> None:
    first = kit.answer.kit_certificate
    clock.advance(days=1)
    second = issue_kit(house.authority, make_csr(keys.new_private_key()), kit.name, clock.now())
    with house.engine.begin() as connection:
        keep_certificate(connection, kit.name, second, clock.now())
        connection.execute(sa.update(table).where(table.c.serial == serial_of(first)).values(revoked_at=clock.now()))
        given = kit_certificates(connection, kit.name)
        assert [(entry.certificate, entry.revoked_at) for entry in given] == [(second, None), (first, clock.now())]
        assert kit_certificates(connection, "kit-99") == []


def test_revoked_serials_are_those_of_kits_and_people(house: House, kit: Kit, clock: HandClock) -> None:
    with house.engine.begin() as connection:
        assert revoked_serials(connection) == ()
        for gone in (table, users):
            connection.execute(sa.update(gone).values(revoked_at=clock.now()))
        both = {serial_of(kit.answer.kit_certificate), serial_of(kit.answer.admin_certificate)}
        assert set(revoked_serials(connection)) == both
