"""What another request does in between: while ours waits for the part, stores the whole, or writes its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.gateway import Kit
from support.races import meanwhile

from sync.gateway.blobs import Blobs
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.tables import parts
from sync.gateway.tables import uploads as uploads_table
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.test_uploads import refused

Announce = Callable[[], tuple[str, bytes]]


@pytest.fixture
def uploads(gateway_context: GatewayContext) -> Uploads:
    return Uploads(gateway_context)


@pytest.fixture
def announce(gateway_context: GatewayContext, kit: Kit) -> Announce:
    def one() -> tuple[str, bytes]:
        record_id, manifest, sealed, _ = kit.record(size=10_000)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        return record_id, sealed

    return one


def rows_of(gateway_context: GatewayContext, table: sa.Table) -> list[sa.Row[Any]]:
    with gateway_context.reading() as connection:
        return list(connection.execute(sa.select(table)))


@contextmanager
def once_before(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], object]) -> Iterator[None]:
    """Act once when the store is next asked so: another request comes to its turn just before ours."""
    own = getattr(Blobs, name)

    def late(self: Blobs, *given: Any, **named: Any) -> Any:
        monkeypatch.setattr(Blobs, name, own)
        act()
        return own(self, *given, **named)

    monkeypatch.setattr(Blobs, name, late)
    yield
    assert getattr(Blobs, name) is own


@pytest.mark.parametrize("before", [0, 4000])
def test_who_comes_second_to_a_place_leaves_what_the_first_wrote(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce, before: int
) -> None:
    record_id, sealed = announce()
    uploads.create(kit.name, record_id, len(sealed), first=sealed[:before])
    moved = sa.update(uploads_table).values(offset=5000)
    with meanwhile(gateway_context.engine, "UPDATE uploads", moved), refused(409, "upload.offset"):
        uploads.append(kit.name, record_id, before, sealed[before : before + 100])
    assert len(list(gateway_context.blobs.keys("parts"))) == len(rows_of(gateway_context, parts)) == bool(before)


@pytest.mark.parametrize(("before", "end"), [(4000, 6000), (4000, 10_000), (0, 6000)])
def test_who_waited_for_the_part_looks_again(
    uploads: Uploads,
    gateway_context: GatewayContext,
    kit: Kit,
    announce: Announce,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: int,
    end: int,
) -> None:
    record_id, sealed = announce()
    uploads.create(kit.name, record_id, len(sealed), first=sealed[:before])

    def move() -> None:
        with gateway_context.engine.begin() as connection:
            connection.execute(sa.update(uploads_table).values(offset=5000))

    with once_before(monkeypatch, "growing", move), refused(409, "upload.offset"):
        uploads.append(kit.name, record_id, before, sealed[before:end])
    files = [path for path in (folder / "objects" / "parts").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == ([sealed[:before]] if before else [])


@pytest.mark.parametrize("end", [6000, 10_000])
def test_who_waited_until_another_finished_gets_that_receipt(
    uploads: Uploads,
    gateway_context: GatewayContext,
    kit: Kit,
    announce: Announce,
    monkeypatch: pytest.MonkeyPatch,
    end: int,
) -> None:
    record_id, sealed = announce()
    uploads.create(kit.name, record_id, len(sealed), first=sealed[:4000])

    def finish() -> None:
        Uploads(gateway_context).append(kit.name, record_id, 4000, sealed[4000:])

    with once_before(monkeypatch, "growing", finish):
        view = uploads.append(kit.name, record_id, 4000, sealed[4000:end])
    assert (view.offset, view.expires_at, view.receipt) == (10_000, None, uploads.receipt(kit.name, record_id))


@pytest.mark.parametrize("end", [6000, 10_000])
def test_who_waited_until_another_gave_up_has_nothing_and_harms_nobody(
    uploads: Uploads, kit: Kit, announce: Announce, monkeypatch: pytest.MonkeyPatch, end: int
) -> None:
    (record_id, sealed), (other, content) = announce(), announce()
    uploads.create(kit.name, other, len(content), first=content[:100])
    uploads.create(kit.name, record_id, len(sealed), first=sealed[:4000])
    give_up = lambda: uploads.terminate(kit.name, record_id)  # noqa: E731
    with once_before(monkeypatch, "growing", give_up), refused(404, "receipt.none"):
        uploads.append(kit.name, record_id, 4000, sealed[4000:end])
    assert uploads.view(kit.name, other).offset == 100


def test_parts_that_are_out_of_reach_are_not_called_gone(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce, folder: Path
) -> None:
    record_id, sealed = announce()
    uploads.create(kit.name, record_id, len(sealed), first=sealed[:4000])
    gateway_context.blobs.put("sealed/other", b"kept")
    away = {name: (folder / "objects" / name, folder / name) for name in ("sealed", "parts")}
    for here, there in away.values():
        here.rename(there)
    for end in (6000, 10_000):
        with refused(404, "receipt.none"):
            uploads.append(kit.name, record_id, 4000, sealed[4000:end])
    for here, there in away.values():
        there.rename(here)
    assert uploads.append(kit.name, record_id, 4000, sealed[4000:]).receipt


def test_of_two_that_store_the_whole_at_once_the_first_receipt_counts(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id, sealed = announce()
    first: list[str] = []

    def finish() -> None:
        first.append(Uploads(gateway_context).create(kit.name, record_id, len(sealed), first=sealed).receipt)
        late = {"kit": kit.name, "record_id": record_id, "carrier": "kit-02", "length": 10_000, "offset": 0}
        with gateway_context.engine.begin() as connection:  # a third one begins
            connection.execute(sa.insert(uploads_table).values(**late, expires_at=kit.clock.now()))

    with once_before(monkeypatch, "prepare_checked", finish):
        assert uploads.create(kit.name, record_id, len(sealed), first=sealed).receipt == first[0]
    assert rows_of(gateway_context, uploads_table) == []


def test_a_receipt_that_is_gone_again_is_not_told(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce
) -> None:
    record_id, sealed = announce()

    def late(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO records"):
            raise sa.exc.IntegrityError(statement, {}, ValueError("late"))

    sa.event.listen(gateway_context.engine, "before_cursor_execute", late)
    with refused(404, "receipt.none"):
        uploads.create(kit.name, record_id, len(sealed), first=sealed)


def test_of_two_that_create_at_once_both_find_the_same_upload(
    uploads: Uploads, gateway_context: GatewayContext, kit: Kit, announce: Announce
) -> None:
    record_id, sealed = announce()
    own = uploads._demand_space

    def others_first(wanted: int) -> None:
        uploads._demand_space = own  # type: ignore[method-assign]
        Uploads(gateway_context).create(kit.name, record_id, len(sealed), first=sealed[:700])
        own(wanted)

    uploads._demand_space = others_first  # type: ignore[method-assign]
    assert uploads.create(kit.name, record_id, len(sealed), first=sealed[:900]).offset == 700


@pytest.mark.parametrize(("last", "code"), [(True, ""), (False, "record.damaged"), (None, "record.damaged")])
def test_an_upload_that_came_whole_to_a_program_of_before_is_received_when_the_receipt_is_asked_for(
    uploads: Uploads,
    gateway_context: GatewayContext,
    kit: Kit,
    announce: Announce,
    last: bool | None,
    code: str,
) -> None:
    """Sent by a carrier; its last part is right, damaged or gone. The owner's own upload goes on until then."""
    (record_id, sealed), (other, content) = announce(), announce()
    gateway_context.blobs.put("sealed/other", b"kept")
    for who, sent, carrier in ((other, content, ""), (record_id, sealed, ""), (record_id, sealed, "kit-02")):
        uploads.create(kit.name, who, 10_000, carrier, sent[:4000])
    if last is not None:
        gateway_context.blobs.put("parts/last", sealed[4000:] if last else bytes(6000))
    names = {"kit": kit.name, "record_id": record_id, "carrier": "kit-02"}
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(uploads_table).filter_by(**names).values(offset=10_000))
        connection.execute(sa.insert(parts).values(**names, start=4000, key="parts/last"))
    with refused(404, "receipt.none"):
        uploads.receipt(kit.name, record_id)
    with refused(422, code) if code else nullcontext():  # type: ignore[attr-defined]
        assert uploads.receipt(kit.name, record_id, "kit-02") == uploads.receipt(kit.name, record_id)
    left = {(row.record_id, row.carrier): row.offset for row in rows_of(gateway_context, uploads_table)}
    assert left == {(other, kit.name): 4000} | ({(record_id, kit.name): 4000} if code else {})
    assert len(list(gateway_context.blobs.keys("parts"))) == len(left)
