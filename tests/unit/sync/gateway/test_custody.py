from __future__ import annotations

import errno
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, receive

from sync.gateway.blobs import Blobs, Content
from sync.gateway.context import GatewayContext
from sync.gateway.custody import DAMAGED, MISSING, fault_named, fault_of, mark_lost, mark_verified
from sync.gateway.ledger import Ledger
from sync.gateway.tables import records
from sync.protocol.messages import Announcement

CONTENT = Content(3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def test_what_is_wrong_with_an_object_is_named(tmp_path: Path) -> None:
    blobs = Blobs.in_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        fault_of(blobs, "sealed/a", CONTENT)  # the whole store is away
    blobs.put("sealed/a", b"abc")
    blobs.put("sealed/b", b"abd")
    assert [fault_of(blobs, f"sealed/{name}", CONTENT) for name in "abc"] == ["", DAMAGED, MISSING]


def test_a_bad_sector_is_damage_and_a_locked_door_is_not(tmp_path: Path) -> None:
    blobs = Blobs.in_folder(tmp_path)
    assert fault_named(blobs, OSError(errno.EIO, "Input/output error")) == DAMAGED
    with pytest.raises(PermissionError):
        fault_named(blobs, PermissionError(errno.EACCES, "Permission denied"))


def test_a_loss_is_told_once_and_ends_with_the_bytes(
    gateway_context: GatewayContext, kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "sync.gateway.custody")  # `fieldkit gateway verify` in the same process hushes it
    record_id, manifest, sealed, _ = kit.record(size=100)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receipt = receive(gateway_context, kit, record_id, sealed)

    def lost_at() -> object:
        with gateway_context.engine.begin() as connection:
            return connection.scalar(sa.select(records.c.lost_at))

    mark_lost(gateway_context, kit.name, record_id, "an older receipt", MISSING)
    assert lost_at() is None
    mark_lost(gateway_context, kit.name, record_id, receipt, MISSING)
    mark_lost(gateway_context, kit.name, record_id, receipt, MISSING)
    assert lost_at() == kit.clock.now()
    assert [record_id in message for message in caplog.messages] == [True]
    mark_verified(gateway_context, kit.name, record_id, receipt)
    assert lost_at() is None
