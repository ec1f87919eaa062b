from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.gateway import Kit, receive

from sync.gateway.blobs import Blobs, Content
from sync.gateway.context import GatewayContext
from sync.gateway.custody import DAMAGED, MISSING, fault_named, fault_of, is_there, mark_lost, mark_verified
from sync.gateway.ledger import Ledger
from sync.gateway.tables import manifests, records
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


@pytest.fixture
def arrived(gateway_context: GatewayContext, kit: Kit) -> list[sa.Row[Any]]:
    """Let two records arrive; return their rows as `is_there` takes them."""
    for _ in range(2):
        record_id, manifest, sealed, _ = kit.record(size=100)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, sealed)
    query = sa.select(records, manifests.c.size_bytes).join(manifests, manifests.c.record_id == records.c.record_id)
    with gateway_context.reading() as connection:
        return list(connection.execute(query).all())


def lost(gateway_context: GatewayContext) -> dict[str, object]:
    with gateway_context.reading() as connection:
        return {row.record_id: row.lost_at for row in connection.execute(sa.select(records))}


def test_a_loss_is_told_once_and_ends_with_the_bytes(
    gateway_context: GatewayContext, kit: Kit, arrived: list[sa.Row[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "sync.gateway.custody")  # `fieldkit gateway verify` in the same process hushes it
    one, other = arrived
    at = kit.clock.now()
    mark_lost(gateway_context, kit.name, one.record_id, "an older receipt", MISSING)
    assert lost(gateway_context) == {one.record_id: None, other.record_id: None}
    mark_lost(gateway_context, kit.name, one.record_id, one.receipt, MISSING)
    kit.clock.advance(hours=1)
    mark_lost(gateway_context, kit.name, one.record_id, one.receipt, MISSING)
    assert lost(gateway_context) == {one.record_id: at, other.record_id: None}
    assert [one.record_id in message for message in caplog.messages] == [True]
    for wrong in ((other.record_id, other.receipt), (one.record_id, "an older receipt")):
        mark_verified(gateway_context, kit.name, *wrong)
        assert lost(gateway_context)[one.record_id] == at
    mark_verified(gateway_context, kit.name, one.record_id, one.receipt)
    assert lost(gateway_context) == {one.record_id: None, other.record_id: None}


def test_what_was_erased_on_purpose_is_not_lost(
    gateway_context: GatewayContext, kit: Kit, arrived: list[sa.Row[Any]]
) -> None:
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(erased_at=kit.clock.now()))
    for row in arrived:
        mark_lost(gateway_context, kit.name, row.record_id, row.receipt, MISSING)
    assert set(lost(gateway_context).values()) == {None}


@pytest.mark.parametrize(
    ("happens", "fault"), [("nothing", ""), ("cut", DAMAGED), ("gone", MISSING), ("away", ""), ("locked", "")]
)
def test_an_object_is_lost_when_it_is_known_to_be_gone_or_of_another_size(
    gateway_context: GatewayContext,
    folder: Path,
    arrived: list[sa.Row[Any]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    happens: str,
    fault: str,
) -> None:
    caplog.set_level("WARNING", "sync.gateway.custody")
    one, other = arrived
    file = folder / "objects" / one.key
    if happens == "cut":
        file.write_bytes(b"x")
    elif happens == "gone":
        file.unlink()
    elif happens == "away":
        (folder / "objects" / "sealed").rename(folder / "away")
    elif happens == "locked":
        monkeypatch.setattr(Blobs, "size", locked)
    assert is_there(gateway_context, one) == (not fault)
    assert {record_id: at is not None for record_id, at in lost(gateway_context).items()} == {
        one.record_id: bool(fault),
        other.record_id: False,
    }
    assert [fault in message for message in caplog.messages] == [True] * bool(fault)


def locked(_self: Blobs, _key: str) -> int:
    raise PermissionError(errno.EACCES, "Permission denied")
