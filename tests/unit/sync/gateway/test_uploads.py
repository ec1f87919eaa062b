from __future__ import annotations

import hashlib
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.vault.device_trust import JwsVerifier
from sync.gateway import provision
from sync.gateway.blobs import Blobs, ContentDiffersError, ObjectsAwayError
from sync.gateway.database import GatewayContext, Limits, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.tables import awaited_records, records
from sync.gateway.tables import uploads as uploads_table
from sync.gateway.uploads import Uploads
from sync.protocol.messages import RECEIPT_TYP, Announcement


@pytest.fixture
def uploads(gateway_context: GatewayContext) -> Uploads:
    return Uploads(gateway_context)


@pytest.fixture
def announced(gateway_context: GatewayContext, kit: Kit) -> tuple[str, str, bytes]:
    record_id, manifest, sealed, _ = kit.record(size=10_000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    return record_id, manifest, sealed


def refused(status: int, code: str) -> object:
    return pytest.raises(Refusal, match=f"^{status} {code}")


def test_a_receipt_is_signed_once_for_what_is_stored(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    record_id, manifest, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    for start in range(0, len(sealed), 3000):
        uploads.append(kit.name, record_id, start, sealed[start : start + 3000])
    receipt = uploads.receipt(kit.name, record_id)
    payload = JwsVerifier.of_key(gateway_context.configuration.receipt_public_key).verify(receipt, RECEIPT_TYP)
    assert payload["sha256"] == hashlib.sha256(sealed).hexdigest()
    assert payload["manifest_sha256"] == hashlib.sha256(manifest.encode()).hexdigest()
    assert uploads.receipt(kit.name, record_id) == receipt
    view = uploads.create(kit.name, record_id, len(sealed))
    assert (view.offset, view.expires_at) == (len(sealed), None)


def test_a_record_that_came_whole_needs_no_upload(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, folder: Path, announced: tuple[str, str, bytes]
) -> None:
    record_id, _, sealed = announced
    with refused(422, "record.damaged"):
        uploads.create(kit.name, record_id, len(sealed), first=bytes(len(sealed)))
    with refused(413, "record.too_large"):
        uploads.create(kit.name, record_id, len(sealed), first=sealed + b"x")
    view = uploads.create(kit.name, record_id, len(sealed), first=sealed)
    assert (view.offset, view.expires_at) == (len(sealed), None)
    assert view.receipt == uploads.receipt(kit.name, record_id)
    assert uploads.create(kit.name, record_id, len(sealed), first=sealed) == view
    with gateway_context.reading() as connection:
        assert connection.execute(sa.select(uploads_table)).all() == []
    assert provision.sealed_path(folder, hashlib.sha256(sealed).hexdigest()).read_bytes() == sealed


def test_bytes_that_come_with_the_question_go_on_where_nothing_is(
    uploads: Uploads, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    record_id, _, sealed = announced
    assert uploads.create(kit.name, record_id, len(sealed), first=sealed[:4000]).offset == 4000
    assert uploads.create(kit.name, record_id, len(sealed), first=sealed).offset == 4000
    uploads.terminate(kit.name, record_id)
    uploads.create(kit.name, record_id, len(sealed))
    assert uploads.create(kit.name, record_id, len(sealed), first=sealed).receipt


def test_a_record_is_awaited_from_its_manifest_to_its_receipt(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    def awaited() -> list[tuple[str, str]]:
        with gateway_context.engine.begin() as connection:
            return [(row.kit, row.record_id) for row in connection.execute(sa.select(awaited_records))]

    record_id, manifest, sealed = announced
    assert awaited() == [(kit.name, record_id)]
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed)
    uploads.receipt(kit.name, record_id)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    assert awaited() == []


def test_a_receipt_stands_though_the_store_does_not_answer_while_parts_are_removed(
    uploads: Uploads,
    gateway_context: GatewayContext,
    kit: Kit,
    announced: tuple[str, str, bytes],
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object) -> None:
        raise ObjectsAwayError("GenericError")

    monkeypatch.setattr(Blobs, "grows", property(lambda _self: False))  # as in S3, where each part is an object
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed[:6000])
    with monkeypatch.context() as patch:
        patch.setattr(Blobs, "delete", away)
        assert uploads.append(kit.name, record_id, 6000, sealed[6000:]).expires_at is None
    assert uploads.receipt(kit.name, record_id)
    left = list(gateway_context.blobs.keys("parts"))
    assert len(left) == 1
    clock.at = max(clock.at, datetime.now(UTC)) + timedelta(days=2)
    uploads.sweep()
    assert list(gateway_context.blobs.keys("parts")) == []


def test_no_receipt_before_the_last_byte(uploads: Uploads, kit: Kit, announced: tuple[str, str, bytes]) -> None:
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed[:-1])
    with refused(404, "receipt.none"):
        uploads.receipt(kit.name, record_id)


def test_another_content_of_the_right_size_is_thrown_away(
    uploads: Uploads, kit: Kit, announced: tuple[str, str, bytes], folder: Path
) -> None:
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    with refused(422, "record.damaged"):
        uploads.append(kit.name, record_id, 0, bytes(len(sealed)))
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, bytes(600))
    with refused(422, "record.damaged"):
        uploads.append(kit.name, record_id, 600, sealed[600:])
    with refused(404, "receipt.none"):
        uploads.receipt(kit.name, record_id)
    with refused(404, "upload.none"):
        uploads.view(kit.name, record_id)
    assert not list((folder / "objects").rglob("*")) or not [
        path for path in (folder / "objects").rglob("*") if path.is_file()
    ]


def test_a_crash_between_bytes_and_row_is_survived(
    uploads: Uploads,
    gateway_context: GatewayContext,
    kit: Kit,
    announced: tuple[str, str, bytes],
    clock: HandClock,
    folder: Path,
) -> None:
    """The part was written, the row not: the offset is as before, the orphan is swept a day later."""
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    gateway_context.blobs.put(f"parts/{record_id}/000000000000-dead", sealed[:500])
    assert uploads.view(kit.name, record_id).offset == 0
    uploads.append(kit.name, record_id, 0, sealed[:600])
    uploads.sweep()
    assert len(list((folder / "objects" / "parts" / record_id).iterdir())) == 2
    clock.advance(days=2)
    uploads.sweep()
    assert len(list((folder / "objects" / "parts" / record_id).iterdir())) == 1
    uploads.append(kit.name, record_id, 600, sealed[600:])
    assert uploads.receipt(kit.name, record_id)


def test_a_crash_after_the_last_byte_leaves_a_receipt_to_fetch(
    gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    record_id, _, sealed = announced
    Uploads(gateway_context).create(kit.name, record_id, len(sealed))
    Uploads(gateway_context).append(kit.name, record_id, 0, sealed)
    assert Uploads(gateway_context).receipt(kit.name, record_id)


def test_expired_uploads_go_and_received_records_stay(
    uploads: Uploads, kit: Kit, announced: tuple[str, str, bytes], clock: HandClock
) -> None:
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed[:10])
    assert uploads.sweep() == 0
    clock.advance(days=31)
    assert uploads.create(kit.name, record_id, len(sealed)).offset == 0  # creating sweeps now and then
    uploads.append(kit.name, record_id, 0, sealed)
    receipt = uploads.receipt(kit.name, record_id)
    clock.advance(days=365)
    uploads.sweep()
    assert uploads.receipt(kit.name, record_id) == receipt
    with refused(409, "record.received"):
        uploads.terminate(kit.name, record_id)


def test_a_full_disk_says_so_before_a_byte_is_taken(
    gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    record_id, _, sealed = announced
    full = replace(gateway_context, limits=Limits(reserve_bytes=2**60))
    with refused(507, "server.full"):
        Uploads(full).create(kit.name, record_id, len(sealed))


def test_a_disk_that_fills_up_meanwhile_refuses_the_next_chunk_and_keeps_the_first(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed[:400])
    full = replace(gateway_context, limits=Limits(reserve_bytes=2**60))
    with refused(507, "server.full"):
        Uploads(full).append(kit.name, record_id, 400, sealed[400:])
    assert uploads.view(kit.name, record_id).offset == 400
    assert uploads.append(kit.name, record_id, 400, sealed[400:]).offset == len(sealed)


def test_bytes_of_a_carrier_never_mix_with_the_owners(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed[:4000])
    uploads.create(kit.name, record_id, len(sealed), "kit-02")
    with refused(422, "record.damaged"):
        uploads.append(kit.name, record_id, 0, bytes(len(sealed)), "kit-02")
    assert uploads.view(kit.name, record_id).offset == 4000
    uploads.create(kit.name, record_id, len(sealed), "kit-02")
    uploads.append(kit.name, record_id, 0, sealed, "kit-02")
    receipt = uploads.receipt(kit.name, record_id, "kit-02")
    assert uploads.receipt(kit.name, record_id) == receipt
    assert uploads.view(kit.name, record_id).offset == len(sealed)


def test_bytes_brought_at_once_must_be_what_the_manifest_says(
    uploads: Uploads, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    record_id, _, sealed = announced
    for wrong in (sealed[:-1], sealed + b"!", bytes(len(sealed))):
        with pytest.raises(ContentDiffersError):
            uploads.take(kit.name, record_id, [wrong])
    receipt = uploads.take(kit.name, record_id, [sealed[:5], sealed[5:]])
    assert uploads.take(kit.name, record_id, []) == receipt
    with refused(404, "manifest.unknown"):
        uploads.take("kit-02", record_id, [sealed])


def test_a_record_that_was_lost_is_sent_again_in_its_own_time(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    """The upload of a record whose receipt is there goes with the sweep, unless its bytes are gone."""
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=kit.clock.now()))
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed[:600])
    assert uploads.sweep() == 0
    assert uploads.view(kit.name, record_id).offset == 600
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=None))
    assert uploads.sweep() == 1


def test_the_whole_is_never_in_memory(gateway_context: GatewayContext, kit: Kit) -> None:
    """The least of three peaks counts: threads that earlier tests left behind may take memory too."""
    size, chunk, peaks = 12_000_000, 4_000_000, []
    for fill in (b"1", b"2", b"3"):
        sealed = fill * size
        record_id, manifest, _, _ = kit.record(sealed=sealed)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        uploads = Uploads(gateway_context)
        uploads.create(kit.name, record_id, size)
        for start in range(0, size - chunk, chunk):
            uploads.append(kit.name, record_id, start, sealed[start : start + chunk])
        last = sealed[-chunk:]
        tracemalloc.start()
        uploads.append(kit.name, record_id, size - chunk, last)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert min(peaks) < 8_000_000


def test_an_upload_whose_parts_are_gone_begins_again(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes], folder: Path
) -> None:
    """The objects were put back from yesterday, the database was not."""
    record_id, _, sealed = announced
    gateway_context.blobs.put("sealed/other", b"kept")
    uploads.create(kit.name, record_id, len(sealed))
    for next_chunk in (sealed[600:900], sealed[600:]):
        uploads.append(kit.name, record_id, 0, sealed[:600])
        for part in (folder / "objects" / "parts").rglob("*-*"):
            if part.is_file():
                part.unlink()
        with refused(422, "record.damaged"):
            uploads.append(kit.name, record_id, 600, next_chunk)
        uploads.create(kit.name, record_id, len(sealed))
    assert uploads.create(kit.name, record_id, len(sealed)).offset == 0
    uploads.append(kit.name, record_id, 0, sealed)
    assert uploads.receipt(kit.name, record_id)


def test_a_record_is_written_once_and_what_a_dead_request_wrote_counts_for_nothing(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announced: tuple[str, str, bytes], folder: Path
) -> None:
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed[:4000])
    (part,) = (path for path in (folder / "objects" / "parts").rglob("*") if path.is_file())
    number = part.stat().st_ino
    with part.open("ab") as file:
        file.write(b"written by somebody who died before the offset moved")
    assert uploads.view(kit.name, record_id).offset == 4000
    uploads.append(kit.name, record_id, 4000, sealed[4000:])
    path = provision.sealed_path(folder, hashlib.sha256(sealed).hexdigest())
    assert path.stat().st_ino == number  # renamed, not copied
    assert path.read_bytes() == sealed
    assert not list((folder / "objects" / "parts").iterdir())


def test_of_many_requests_for_one_place_one_is_taken(
    uploads: Uploads, kit: Kit, announced: tuple[str, str, bytes]
) -> None:
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))

    def send(start: int, end: int, piece: bytes) -> str:
        try:
            return str(uploads.append(kit.name, record_id, start, piece or sealed[start:end]).offset)
        except Refusal as refusal:
            return refusal.code

    places = ((0, 3000), (3000, 6000), (6000, len(sealed)))
    with ThreadPoolExecutor(6) as pool:
        for start, end in places:
            told = [done.result() for done in [pool.submit(send, start, end, b"") for _ in range(6)]]
            assert set(told) <= {str(end), "upload.offset"}
            assert str(end) in told
    assert uploads.receipt(kit.name, record_id)


def test_an_upload_that_was_adopted_and_not_written_down_is_received_by_its_next_try(
    uploads: Uploads,
    gateway_context: GatewayContext,
    kit: Kit,
    announced: tuple[str, str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record_id, _, sealed = announced
    uploads.create(kit.name, record_id, len(sealed))
    uploads.append(kit.name, record_id, 0, sealed[:4000])

    def dies(_connection: object, _names: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("sync.gateway.receiving.receipts._write_rows", dies)
        with pytest.raises(RuntimeError):
            uploads.append(kit.name, record_id, 4000, sealed[4000:])
    assert uploads.append(kit.name, record_id, 4000, sealed[4000:]).offset == len(sealed)
    assert uploads.receipt(kit.name, record_id)
