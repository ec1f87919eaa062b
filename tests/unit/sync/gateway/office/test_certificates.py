from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit
from support.office import Browser

from fieldkit.vault.certificates import valid_until
from sync.gateway.admission import Admission
from sync.gateway.database import GatewayContext
from sync.gateway.office.certificates import ending
from sync.gateway.tables import kits, users
from tests.unit.sync.gateway.conftest import enrolled


def found(gateway_context: GatewayContext, kit: Kit) -> list[tuple[str, str]]:
    with gateway_context.engine.begin() as connection:
        return [(each.kit, each.user_id) for each in ending(connection, kit.clock.now())]


def test_certificates_are_named_from_ninety_days_before_their_end_on(gateway_context: GatewayContext, kit: Kit) -> None:
    kit.clock.at = valid_until(kit.answer.admin_certificate) - timedelta(days=90)
    assert found(gateway_context, kit) == []
    kit.clock.advance(seconds=1)
    assert found(gateway_context, kit) == [("kit-01", "admin")]
    with gateway_context.engine.begin() as connection:
        kit.clock.at = valid_until(connection.execute(sa.select(kits.c.certificate)).scalar_one()) - timedelta(days=90)
    assert found(gateway_context, kit) == [("kit-01", "admin")]
    kit.clock.advance(seconds=1)
    assert found(gateway_context, kit) == [("kit-01", "admin"), ("kit-01", "")]


def test_what_was_revoked_or_replaced_is_nobodys_concern(gateway_context: GatewayContext, kit: Kit) -> None:
    kit.clock.advance(days=2 * 365 - 30)
    assert found(gateway_context, kit) == [("kit-01", "admin")]
    with gateway_context.engine.begin() as connection:
        row = connection.execute(users.select()).one()._asdict()
        newer = {"csr_sha256": "f" * 64, "issued_at": kit.clock.now() - timedelta(days=1)}
        connection.execute(users.insert().values({**row, **newer}))
    assert found(gateway_context, kit) == []
    kit.clock.advance(days=400)
    assert ("kit-01", "") in found(gateway_context, kit)
    Admission(gateway_context).revoke_kit("kit-01")
    assert found(gateway_context, kit) == []


def test_the_page_tells_whose_and_when(admin: Browser, kit: Kit) -> None:
    admin.clock.advance(days=3 * 365 + 1)
    given = admin.accounts.reset("admin")
    admin.sign_in(given, given.passphrase)
    new = "sepuluh perahu biru di atas bukit"
    admin.get("/passphrase")
    admin.post("/passphrase", old=given.passphrase, new=new, again=new)
    page = admin.get("/certificates").text
    assert "laptop itu sendiri" in page
    assert "Sudah berakhir" in page


@pytest.mark.parametrize(
    ("changed", "is_named"),
    [
        ({}, False),
        ({"kit": "kit-02"}, True),
        ({"user_id": "budi"}, True),
        ({"issued_at": timedelta(days=-1)}, True),
        ({"revoked_at": timedelta(days=700)}, True),
    ],
)
def test_only_a_newer_certificate_of_the_same_person_and_kit_that_counts_replaces_one(
    gateway_context: GatewayContext, kit: Kit, folder: Path, changed: dict[str, object], is_named: bool
) -> None:
    enrolled(folder, gateway_context, kit.clock, "kit-02")
    begun = kit.clock.now()
    kit.clock.advance(days=2 * 365 - 30)
    with gateway_context.engine.begin() as connection:
        row = connection.execute(users.select().where(users.c.kit == "kit-01")).one()._asdict()
        given = {"csr_sha256": "f" * 64, "issued_at": timedelta(days=100), **changed}
        values = {name: begun + each if isinstance(each, timedelta) else each for name, each in given.items()}
        connection.execute(users.insert().values({**row, **values}))
    assert (("kit-01", "admin") in found(gateway_context, kit)) is is_named


@pytest.mark.parametrize("table", [users, kits])
def test_whoever_is_out_is_not_named(gateway_context: GatewayContext, kit: Kit, table: sa.Table) -> None:
    kit.clock.advance(days=2 * 365 - 30)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(table).values(revoked_at=kit.clock.now()))
    assert found(gateway_context, kit) == []
