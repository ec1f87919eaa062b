from __future__ import annotations

from datetime import timedelta

from support.gateway import Kit
from support.office import Browser

from sync.gateway.admission import Admission
from sync.gateway.context import GatewayContext
from sync.gateway.office.certificates import ending
from sync.gateway.tables import users


def found(gateway_context: GatewayContext, kit: Kit) -> list[tuple[str, str]]:
    with gateway_context.engine.begin() as connection:
        return [(each.kit, each.user_id) for each in ending(connection, kit.clock.now())]


def test_certificates_are_named_from_ninety_days_before_their_end_on(gateway_context: GatewayContext, kit: Kit) -> None:
    kit.clock.advance(days=2 * 365 - 91)
    assert found(gateway_context, kit) == []
    kit.clock.advance(days=2)
    assert found(gateway_context, kit) == [("kit-01", "admin")]
    kit.clock.advance(days=365)
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
