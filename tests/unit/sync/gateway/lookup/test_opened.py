from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, receive
from support.onward import opener_of, valid_record

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.vault.age import generate_identity
from fieldkit.vault.sealing import SealOpener
from sync.gateway import provision
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.lookup.opened import opened_record
from sync.gateway.tables import manifests, records
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.conftest import enrolled


def test_a_record_is_opened_in_memory(folder: Path, gateway_context: GatewayContext, kit: Kit) -> None:
    record_id = valid_record(folder, gateway_context, kit)
    found = opened_record(gateway_context, opener_of(folder, gateway_context), record_id.upper())
    assert (found.kit, found.record.record_id, found.record.nik) == (kit.name, record_id, "3315014107900001")
    assert "3315014107900001" not in repr(found)


def test_what_cannot_be_opened_is_named(folder: Path, gateway_context: GatewayContext, kit: Kit) -> None:
    record_id = valid_record(folder, gateway_context, kit)
    seals = opener_of(folder, gateway_context)
    with pytest.raises(InputError) as unknown:
        opened_record(gateway_context, seals, "x\0")
    assert unknown.value.code == "records.unknown"
    wrong = SealOpener([generate_identity()], [gateway_context.authority.certificate_der])
    with pytest.raises(KnownError) as closed:
        opened_record(gateway_context, wrong, record_id)
    assert closed.value.code == "vault.age_no_identity"
    with gateway_context.engine.begin() as connection:
        path = provision.sealed_path(folder, str(connection.scalar(sa.select(manifests.c.sha256))))
    path.write_bytes(b"harmed")
    for _ in range(2):
        with pytest.raises(KnownError) as gone:
            opened_record(gateway_context, seals, record_id)
        assert gone.value.code == "records.no_object"
        path.unlink(missing_ok=True)


def test_of_several_records_the_asked_one_is_opened_and_of_two_kits_the_valid_one(
    folder: Path, gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    valid_record(folder, gateway_context, kit)
    other = enrolled(folder, gateway_context, clock, "kit-02")
    record_id = valid_record(folder, gateway_context, other, "3315014107900002")
    _, manifest, sealed, _ = kit.record(size=900, record_id=record_id)
    with gateway_context.engine.begin() as connection:  # it came before the other was found valid
        connection.execute(sa.update(records).where(records.c.kit == "kit-02").values(verdict=""))
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).where(records.c.kit == "kit-02").values(verdict="valid"))
    found = opened_record(gateway_context, opener_of(folder, gateway_context), record_id)
    assert (found.kit, found.record.record_id, found.record.nik) == ("kit-02", record_id, "3315014107900002")
