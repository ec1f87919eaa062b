from __future__ import annotations

from pathlib import Path

from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from fieldkit.domain.office_bundles import BundleKind
from fieldkit.vault.keys import serial_number
from sync.gateway.admission import Admission
from sync.gateway.certificates import revoke_person
from sync.gateway.context import GatewayContext
from sync.gateway.down.publishing import Publishing
from sync.gateway.down.revocations import keep_current
from sync.protocol.down import read_revocations, read_revoked_alone


def test_the_list_is_made_anew_when_somebody_is_revoked(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    publishing = Publishing(gateway_context)
    keep_current(gateway_context)
    assert publishing.published() == []
    Admission(gateway_context).revoke_kit(kit.name)
    for _ in range(2):
        keep_current(gateway_context)
    assert [each.version for each in publishing.published()] == [1]
    listed = read_revocations(publishing.file_of(BundleKind.REVOCATIONS, "")[1])
    certificates = (kit.answer.kit_certificate, kit.answer.admin_certificate)
    assert {int(serial, 16) for serial in listed} == set(map(serial_number, certificates))
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    clock.advance(days=1)
    with gateway_context.engine.begin() as connection:
        revoke_person(connection, "admin", (), clock.now())
    clock.advance(days=1)
    enrolled_kit(folder, gateway_context, clock, "kit-03")  # whose people count
    Admission(gateway_context).revoke_kit("kit-02")
    keep_current(gateway_context)
    assert [each.version for each in publishing.published()] == [2]
    content = publishing.file_of(BundleKind.REVOCATIONS, "")[1]
    assert len(read_revocations(content)) == 4
    assert read_revoked_alone(content) == {serial_number(other.answer.admin_certificate)}
