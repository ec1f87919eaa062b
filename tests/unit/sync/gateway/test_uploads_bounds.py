from __future__ import annotations

import errno
import hashlib
import uuid
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.asked import asked
from support.clock import HandClock
from support.gateway import Kit, receive

from fieldkit.domain.delivery import MANIFEST_TYP
from sync.gateway.blobs import Blobs
from sync.gateway.database import GatewayContext, Limits
from sync.gateway.ledger import Ledger
from sync.gateway.receiving.receipts import standing
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.conftest import enrolled
from tests.unit.sync.gateway.test_uploads import refused
from tests.unit.sync.gateway.test_uploads_races import Announce, announce, uploads

__all__ = ["announce", "uploads"]
SIZE = 10_000


@pytest.fixture
def afar(gateway_context: GatewayContext) -> GatewayContext:
    """The same gateway with a store of objects that do not grow, as S3."""
    made = replace(gateway_context, blobs=Blobs.at_url("memory:///"))
    made.blobs.put("sealed/other", b"kept")
    return made


def told(code: str) -> object:
    return refused(*code.split()) if code else nullcontext()  # type: ignore[arg-type]


def test_an_upload_has_the_length_of_its_manifest(uploads: Uploads, kit: Kit, announce: Announce) -> None:
    for length, first, code in (
        (SIZE - 1, 0, "422 record.length_differs"),
        (SIZE + 1, 0, "422 record.length_differs"),
        (SIZE, SIZE + 1, "413 record.too_large"),
        (SIZE, SIZE, ""),
        (SIZE, 0, ""),
    ):
        record_id, sealed = announce()
        with told(code):  # type: ignore[attr-defined]
            view = uploads.create(kit.name, record_id, length, first=(sealed + b"x")[:first])
            assert (view.offset, view.length, view.expires_at is None) == (first, SIZE, first == SIZE)
        if code:
            with refused(404, "upload.none"):
                uploads.view(kit.name, record_id)


def test_bytes_are_added_where_the_last_ended(uploads: Uploads, kit: Kit, announce: Announce) -> None:
    for before, offset, end, code in (
        (0, 1, SIZE, "409 upload.offset"),
        (4000, 0, 100, "409 upload.offset"),
        (4000, 3000, SIZE, "409 upload.offset"),
        (4000, 4001, 5000, "409 upload.offset"),
        (4000, 4000, SIZE + 1, "413 record.too_large"),
        (4000, 4000, 4000, ""),
        (4000, 4000, SIZE - 1, ""),
        (0, 0, 0, ""),
    ):
        (record_id, sealed), (other, content) = announce(), announce()
        uploads.create(kit.name, other, SIZE, first=content[:before])
        uploads.create(kit.name, record_id, SIZE, first=sealed[:before])
        with told(code):  # type: ignore[attr-defined]
            assert uploads.append(kit.name, record_id, offset, (sealed + b"x")[offset:end]).offset == end
        at = before if code else end
        assert [uploads.view(kit.name, each).offset for each in (record_id, other)] == [at, before]
        view = uploads.append(kit.name, record_id, at, sealed[at : at + 1])
        if at + 1 < SIZE:
            view = uploads.append(kit.name, record_id, at + 1, sealed[at + 1 :])
        assert view.receipt == uploads.receipt(kit.name, record_id) != ""


def test_nothing_is_promised_before_the_first_byte(uploads: Uploads, kit: Kit, announce: Announce) -> None:
    record_id, sealed = announce()
    for ask in (uploads.receipt, uploads.view, uploads.terminate):
        with refused(404, "receipt.none" if ask == uploads.receipt else "upload.none"):
            ask(kit.name, record_id)
    with refused(404, "upload.none"):
        uploads.append(kit.name, record_id, 0, sealed)


def test_a_carrier_ends_its_own_upload_only(uploads: Uploads, kit: Kit, announce: Announce) -> None:
    record_id, sealed = announce()
    uploads.create(kit.name, record_id, SIZE, "kit-02", sealed[:4000])
    with refused(404, "upload.none"):
        uploads.view(kit.name, record_id)
    with refused(404, "upload.none"):
        uploads.terminate(kit.name, record_id)
    assert uploads.view(kit.name, record_id, "kit-02").offset == 4000
    uploads.create(kit.name, record_id, SIZE, "", sealed[:300])
    uploads.terminate(kit.name, record_id, "kit-02")
    assert uploads.view(kit.name, record_id).offset == 300
    with refused(404, "upload.none"):
        uploads.view(kit.name, record_id, "kit-02")


def act(name: str, uploads: Uploads, gateway_context: GatewayContext, kit: Kit, record_id: str, sealed: bytes) -> None:
    """Send a record of which 4,000 bytes are here for `append`, none otherwise."""
    if name == "create":
        uploads.create(kit.name, record_id, SIZE)
    elif name == "append":
        uploads.append(kit.name, record_id, 4000, sealed[4000:])
    elif name == "take":
        uploads.take(kit.name, record_id, [sealed])
    else:
        with gateway_context.asking() as connection:
            now = standing(connection, kit.name, record_id, kit.name)
        kept = uploads.receive(now, [sealed[:100], sealed[100:]])
        assert uploads.received(now, kept) == uploads.receipt(kit.name, record_id)


def test_the_reserve_of_the_disk_is_never_touched(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole and its parts stand beside each other for a moment; a store that has no bound says None."""
    needed = {"create": 2 * SIZE, "append": 2 * SIZE - 4000, "take": SIZE, "receive": 2 * SIZE}
    for name, wanted in needed.items():
        for more in (-1, 0, 1, None):
            record_id, sealed = announce()
            if name == "append":
                uploads.create(kit.name, record_id, SIZE, first=sealed[:4000])
            with monkeypatch.context() as patch, told("507 server.full" if more == -1 else ""):  # type: ignore[attr-defined]
                free = None if more is None else wanted + Limits().reserve_bytes + more
                patch.setattr(Blobs, "free_bytes", lambda _self, free=free: free)
                act(name, uploads, gateway_context, kit, record_id, sealed)


def test_a_disk_that_fills_up_while_bytes_are_written_says_so(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, call in (("append", "growing"), ("take", "prepare_checked"), ("receive", "prepare"), ("receive", "name")):
        for error in (errno.ENOSPC, errno.EIO):

            def fails(*_: object, error: int = error, **__: object) -> None:
                raise OSError(error, "no")

            record_id, sealed = announce()
            if name == "append":
                uploads.create(kit.name, record_id, SIZE, first=sealed[:4000])
            is_full = error == errno.ENOSPC
            with (
                monkeypatch.context() as patch,
                told("507 server.full") if is_full else pytest.raises(OSError, match="no"),
            ):  # type: ignore[attr-defined]
                patch.setattr(Blobs, call, fails)
                act(name, uploads, gateway_context, kit, record_id, sealed)


def test_each_part_is_an_object_where_objects_do_not_grow(afar: GatewayContext, kit: Kit, announce: Announce) -> None:
    record_id, sealed = announce()
    uploads = Uploads(afar)
    uploads.create(kit.name, record_id, SIZE, first=sealed[:3000])
    for start in (3000, 6000):
        uploads.append(kit.name, record_id, start, sealed[start : start + 3000])
        assert len(list(afar.blobs.keys("parts"))) == start // 3000 + 1
    assert uploads.append(kit.name, record_id, 9000, sealed[9000:]).receipt
    assert list(afar.blobs.keys("parts")) == []
    assert sealed in [afar.blobs.get(key) for key in afar.blobs.keys("sealed")]
    record_id, sealed = announce()
    uploads.create(kit.name, record_id, SIZE, first=sealed[:3000])
    assert uploads.append(kit.name, record_id, 3000, sealed[3000:]).receipt


@pytest.mark.parametrize("kept", [1, 2])
def test_parts_that_a_program_of_before_kept_by_themselves_go_on_so(
    gateway_context: GatewayContext,
    kit: Kit,
    announce: Announce,
    monkeypatch: pytest.MonkeyPatch,
    kept: int,
) -> None:
    record_id, sealed = announce()
    uploads = Uploads(gateway_context)
    uploads.create(kit.name, record_id, SIZE)
    with monkeypatch.context() as patch:
        patch.setattr(Blobs, "grows", property(lambda _self: False))
        for start in range(0, 1000 * kept, 1000):
            uploads.append(kit.name, record_id, start, sealed[start : start + 1000])
    uploads.append(kit.name, record_id, 1000 * kept, sealed[1000 * kept : 5000])
    assert len(list(gateway_context.blobs.keys("parts"))) == (1 if kept == 1 else 3)
    assert uploads.append(kit.name, record_id, 5000, sealed[5000:]).receipt


def test_a_manifest_with_another_length_than_its_bytes_gets_no_receipt(afar: GatewayContext, kit: Kit) -> None:
    """Its last chunk has the digest that the manifest tells of the whole."""
    record_id, uploads = str(uuid.uuid4()), Uploads(afar)
    digest = hashlib.sha256(b"last").hexdigest()
    about = {"record_id": record_id, "kit": kit.name, "size_bytes": 10, "sha256": digest, "chain": "c1", "sequence": 1}
    lie = kit.signer.sign({**about, "sealed_at": kit.clock.now().isoformat()}, MANIFEST_TYP)
    Ledger(afar).announce(kit.name, Announcement(manifests=(lie,)))
    uploads.create(kit.name, record_id, 10, first=b"first.")
    with refused(422, "record.damaged"):
        uploads.append(kit.name, record_id, 6, b"last", sha256=digest)


def test_bytes_whose_digest_is_known_cost_no_upload_and_are_not_looked_through_again(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_: object) -> None:
        raise AssertionError

    written: list[str] = []
    record_id, sealed = announce()
    monkeypatch.setattr(Blobs, "prepare_checked", again)
    sa.event.listen(gateway_context.engine, "before_cursor_execute", lambda *said: written.append(said[2]))
    digest = hashlib.sha256(sealed).hexdigest()
    assert uploads.create(kit.name, record_id, SIZE, first=sealed, sha256=digest).receipt
    assert not [statement for statement in written if statement.startswith("INSERT INTO uploads")]


def test_uploads_are_swept_after_their_life_and_not_more_often_than_said(
    gateway_context: GatewayContext, kit: Kit, announce: Announce, clock: HandClock
) -> None:
    limits = Limits(upload_life=timedelta(minutes=30), sweep_every=timedelta(hours=1))
    uploads = Uploads(replace(gateway_context, limits=limits))
    record_id, _ = announce()
    uploads.create(kit.name, record_id, SIZE)
    clock.advance(hours=1)
    for _ in range(2):
        uploads.create(kit.name, announce()[0], SIZE)
    assert uploads.view(kit.name, record_id).offset == 0
    clock.advance(seconds=1)
    uploads.create(kit.name, announce()[0], SIZE)
    with refused(404, "upload.none"):
        uploads.view(kit.name, record_id)
    clock.advance(minutes=30)
    assert uploads.sweep() == 2  # the others of an hour ago; the last one may stay to its end


def test_what_was_received_ends_the_uploads_of_that_very_record(
    uploads: Uploads,
    gateway_context: GatewayContext,
    kit: Kit,
    announce: Announce,
    folder: Path,
    clock: HandClock,
) -> None:
    record_id, _ = announce()
    uploads.create(kit.name, record_id, SIZE)
    other = enrolled(folder, gateway_context, clock, "kit-02")
    _, manifest, sealed, _ = other.record(size=500, record_id=record_id)
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, other, record_id, sealed)
    receive(gateway_context, kit, *announce())
    assert uploads.sweep() == 0
    assert uploads.view(kit.name, record_id).offset == 0


def test_an_upload_that_is_there_is_told_without_a_write_where_nothing_came_along(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce
) -> None:
    record_id, sealed = announce()
    uploads.create(kit.name, record_id, SIZE)
    with asked(gateway_context.engine) as said:
        assert uploads.create(kit.name, record_id, SIZE).offset == 0
    assert [each.split()[0] for each in said if not each.startswith("BEGIN")] == ["SELECT"]
    assert uploads.create(kit.name, record_id, SIZE, first=sealed[:10]).offset == 10
    assert uploads.create(kit.name, record_id, SIZE, first=sealed[:20]).offset == 10
