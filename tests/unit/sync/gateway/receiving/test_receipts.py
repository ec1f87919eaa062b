from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from support.asked import asked
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from sync.gateway import blobs
from sync.gateway.admission import Admission, digest_of
from sync.gateway.blobs import Blobs, Prepared
from sync.gateway.custody import mark_lost
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.receiving.receipts import Expected, Receipts, Standing, delete_uploads, standing
from sync.gateway.tables import awaited_records, parts, records, uploads
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Announcement


def announced(gateway_context: GatewayContext, kit: Kit, count: int) -> list[Standing]:
    made = [kit.record(size=100) for _ in range(count)]
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=tuple(each[1] for each in made)))
    with gateway_context.reading() as connection:
        return [standing(connection, kit.name, each[0], kit.name) for each in made]


def kept(gateway_context: GatewayContext) -> dict[str, str]:
    with gateway_context.reading() as connection:
        return dict(connection.execute(sa.select(records.c.record_id, records.c.receipt)).all())  # type: ignore[arg-type]


class Commits:
    """Counts the transactions that write, and holds the first one back until told to go on."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count, self.first, self.go_on = 0, threading.Event(), threading.Event()
        sa.event.listen(engine, "commit", self._seen)

    def _seen(self, connection: sa.Connection) -> None:
        self.count += 1
        if self.count == 1:
            self.first.set()
            assert self.go_on.wait()


def keep_while_one_is_written(gateway_context: GatewayContext, first: Standing, others: list[Standing]) -> list[object]:
    """Return what each of the others got: its receipt or its error. All of them waited for the first."""
    receipts, commits = Receipts(gateway_context), Commits(gateway_context.engine)

    def keep(manifest: Standing) -> object:
        try:
            return receipts.keep(manifest).result().receipt
        except IntegrityError as error:
            return error

    with ThreadPoolExecutor(len(others) + 1) as crew:
        one = crew.submit(keep, first)
        assert commits.first.wait()
        rest = [crew.submit(keep, each) for each in others]
        while len(receipts._waiting) < len(others):
            threading.Event().wait(0.001)
        commits.go_on.set()
        assert isinstance(one.result(), str)
        told = [each.result() for each in rest]
    assert commits.count == 2 or any(isinstance(each, IntegrityError) for each in told)
    return told


def test_those_who_wait_are_written_together(gateway_context: GatewayContext, kit: Kit) -> None:
    first, *others = announced(gateway_context, kit, 6)
    told = keep_while_one_is_written(gateway_context, first, others)
    held = kept(gateway_context)
    assert [held[each.record_id] for each in others] == told
    with gateway_context.reading() as connection:
        assert connection.execute(sa.select(awaited_records)).all() == []


def test_one_that_is_there_already_holds_up_nobody(gateway_context: GatewayContext, kit: Kit) -> None:
    first, *others = announced(gateway_context, kit, 5)
    before = Receipts(gateway_context).keep(others[2]).result().receipt
    told = keep_while_one_is_written(gateway_context, first, others)
    held = kept(gateway_context)
    assert isinstance(told[2], IntegrityError)
    assert held[others[2].record_id] == before
    assert [held[others[n].record_id] for n in (0, 1, 3)] == [told[n] for n in (0, 1, 3)]


def test_no_receipt_without_a_row(gateway_context: GatewayContext, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    (manifest,) = announced(gateway_context, kit, 1)

    def dies(_connection: object, _group: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr("sync.gateway.receiving.receipts._write_rows", dies)
    with pytest.raises(OSError, match="no disk"):
        Receipts(gateway_context).keep(manifest).result()
    assert kept(gateway_context) == {}


@pytest.mark.allow_logs  # that it was lost
def test_a_lost_record_gets_a_new_receipt(gateway_context: GatewayContext, kit: Kit) -> None:
    (manifest,) = announced(gateway_context, kit, 1)
    first = Receipts(gateway_context).keep(manifest).result().receipt
    mark_lost(gateway_context, kit.name, manifest.record_id, first, "missing")
    with gateway_context.reading() as connection:
        again = standing(connection, kit.name, manifest.record_id, kit.name)
    second = Receipts(gateway_context).keep(again).result().receipt
    assert kept(gateway_context) == {manifest.record_id: second}
    assert second != first


@pytest.mark.allow_logs  # that they were lost
def test_a_receipt_changes_the_row_of_its_record_only(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other, receipts = enrolled_kit(folder, gateway_context, clock, "kit-02"), Receipts(gateway_context)
    first, second, _third = announced(gateway_context, kit, 3)
    record_id, manifest, _, _ = other.record(size=90, record_id=first.record_id)
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))

    def now(name: str, record_id: str) -> Standing:
        with gateway_context.reading() as connection:
            return standing(connection, name, record_id, name)

    def rows() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """Return which records are lost, and which are awaited."""
        with gateway_context.reading() as connection:
            lost = sa.select(records.c.kit, records.c.record_id).where(records.c.lost_at.is_not(None))
            awaited = sa.select(awaited_records.c.kit, awaited_records.c.record_id)
            return tuple({(row.kit, row.record_id) for row in connection.execute(query)} for query in (lost, awaited))  # type: ignore[return-value]

    all_of_them = [(kit.name, first.record_id), (kit.name, second.record_id), (other.name, record_id)]
    for number, names in enumerate(all_of_them):
        signed = receipts.keep(now(*names)).result().receipt
        assert rows()[1] == {*all_of_them[number + 1 :], (kit.name, _third.record_id)}
        mark_lost(gateway_context, *names, signed, "missing")
    again = now(*all_of_them[0])
    receipts.keep(again).result()
    assert rows()[0] == set(all_of_them[1:])
    with pytest.raises(IntegrityError):  # sent again by another meanwhile
        receipts.keep(again).result()


def test_a_record_that_came_whole_costs_its_row(gateway_context: GatewayContext, kit: Kit) -> None:
    (manifest,) = announced(gateway_context, kit, 1)
    with asked(gateway_context.engine) as said:
        Receipts(gateway_context).keep(manifest)
    assert [" ".join(each.split()[:3]) for each in said[1:]] == ["INSERT INTO records", "DELETE FROM awaited_records"]


@pytest.mark.allow_logs
def test_what_is_sent_again_keeps_its_names_and_what_has_no_parts_deletes_none(
    gateway_context: GatewayContext, kit: Kit
) -> None:
    receipts = Receipts(gateway_context)
    (manifest,) = announced(gateway_context, kit, 1)
    names = {"kit": kit.name, "record_id": manifest.record_id, "carrier": kit.name}
    signed = receipts.keep(manifest).result().receipt
    mark_lost(gateway_context, kit.name, manifest.record_id, signed, "missing")
    with gateway_context.reading() as connection:
        again = standing(connection, **names)
    with asked(gateway_context.engine) as said, gateway_context.engine.begin() as connection:
        assert delete_uploads(connection, kit.name, manifest.record_id) == []
    assert not any(each.startswith("DELETE FROM parts") for each in said)
    with asked(gateway_context.engine) as said:
        receipts.keep(again)
    (update,) = (each for each in said if each.startswith("UPDATE records"))
    changed = update.partition(" SET ")[2].partition(" WHERE ")[0]
    assert {"receipt", "lost_at"} <= {each.strip().split("=")[0] for each in changed.split(",")}
    assert not {"kit", "record_id"} & {each.strip().split("=")[0] for each in changed.split(",")}


def test_uploads_of_one_carrier_or_of_all_are_deleted(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    first, second = announced(gateway_context, kit, 2)
    _, manifest, _, _ = other.record(size=100, record_id=first.record_id)
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    begun = [
        (kit.name, first.record_id, "kit-01"),
        (kit.name, first.record_id, "kit-02"),
        (kit.name, second.record_id, "kit-01"),
        (other.name, first.record_id, "kit-02"),
    ]
    for owner, record_id, carrier in begun:
        Uploads(gateway_context).create(owner, record_id, 100, carrier, b"x" * 9)

    def left(table: sa.Table) -> list[tuple[str, ...]]:
        with gateway_context.reading() as connection:
            return sorted(
                tuple(row) for row in connection.execute(sa.select(table.c.kit, table.c.record_id, table.c.carrier))
            )

    for carrier, gone in (("kit-02", {1}), (None, {0, 1})):
        with gateway_context.engine.begin() as connection:
            keys = delete_uploads(connection, kit.name, first.record_id, carrier)
        assert len(keys) == 1
        expected = sorted(each for number, each in enumerate(begun) if number not in gone)
        assert (left(uploads), left(parts)) == (expected, expected)
    with gateway_context.engine.begin() as connection:
        assert delete_uploads(connection, kit.name, first.record_id) == []


def prepared_in(gateway_context: GatewayContext, manifests: Sequence[Standing]) -> list[Sequence[Prepared]]:
    return [gateway_context.blobs.prepare(each.key, b"sealed") for each in manifests]


def test_names_of_a_group_are_waited_for_once_before_its_rows(
    gateway_context: GatewayContext, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = announced(gateway_context, kit, 6)
    receipts, commits = Receipts(gateway_context), Commits(gateway_context.engine)
    one, *rest = prepared_in(gateway_context, [first, *others])
    seen = list[tuple[str, int, int]]()

    def sync(place: Path) -> None:
        names = list(gateway_context.blobs.keys("sealed"))
        seen.append((place.name, len(names), len(kept(gateway_context))))

    monkeypatch.setattr(blobs, "sync_folder", sync)
    with ThreadPoolExecutor(1) as crew:
        promise = crew.submit(receipts.keep, first, one)
        assert commits.first.wait()
        seen.clear()
        promises = [receipts.keep(each, prepared) for each, prepared in zip(others, rest, strict=True)]
        assert not any(each.done() for each in promises)
        commits.go_on.set()
        assert promise.result().result().receipt
    told = [each.result().receipt for each in promises]
    assert (seen, commits.count) == ([(Path(first.key).parent.name, 6, 1)], 2)
    assert [kept(gateway_context)[each.record_id] for each in others] == told
    receipts.close()


def test_what_has_no_name_gets_no_row_and_holds_up_nobody(gateway_context: GatewayContext, kit: Kit) -> None:
    first, *others = announced(gateway_context, kit, 4)
    receipts, commits = Receipts(gateway_context), Commits(gateway_context.engine)
    one, *rest = prepared_in(gateway_context, [first, *others])
    rest[1][0].source.unlink()
    with ThreadPoolExecutor(1) as crew:
        crew.submit(receipts.keep, first, one)
        assert commits.first.wait()
        promises = [receipts.keep(each, prepared) for each, prepared in zip(others, rest, strict=True)]
        commits.go_on.set()
    with pytest.raises(FileNotFoundError):
        promises[1].result()
    assert all(promises[n].result().receipt for n in (0, 2))
    assert kept(gateway_context).keys() == {first.record_id, others[0].record_id, others[2].record_id}


def test_who_closes_waits_for_those_who_wait(gateway_context: GatewayContext, kit: Kit) -> None:
    first, second = announced(gateway_context, kit, 2)
    receipts, commits = Receipts(gateway_context), Commits(gateway_context.engine)
    with ThreadPoolExecutor(2) as crew:
        crew.submit(receipts.keep, first)
        assert commits.first.wait()
        promise = receipts.keep(second)
        closing = crew.submit(receipts.close)
        assert not closing.done()
        commits.go_on.set()
        closing.result()
        assert promise.done()


def test_a_group_that_fails_leaves_the_next_one_free(
    gateway_context: GatewayContext, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts = Receipts(gateway_context)
    first, second = announced(gateway_context, kit, 2)

    def dies(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(Blobs, "name", dies)
        with pytest.raises(MemoryError):
            receipts.keep(first).result()
    assert receipts.keep(second).result().receipt


def test_what_has_no_name_is_told_so_when_the_rows_of_its_group_fail(
    gateway_context: GatewayContext, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts, both = Receipts(gateway_context), announced(gateway_context, kit, 2)
    prepared = prepared_in(gateway_context, both)
    prepared[0][0].source.unlink()

    def dies(*_: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr("sync.gateway.receiving.receipts._write_rows", dies)
    receipts._is_writing = True  # somebody is
    promises = [receipts.keep(each, its) for each, its in zip(both, prepared, strict=True)]
    receipts._write_waiting()
    for promise, error in zip(promises, ("No such file", "no disk"), strict=True):
        with pytest.raises(OSError, match=error):
            promise.result()


def test_of_those_who_wait_only_kits_that_were_shut_out_get_none(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    first, second, third = announced(gateway_context, kit, 3)
    Admission(gateway_context).revoke_kit(kit.name)
    receipts = Receipts(gateway_context)
    receipts._is_writing = True
    own, carried, by_nobody = (
        receipts.keep(manifest, carrier=carrier)
        for manifest, carrier in ((first, kit.name), (second, other.name), (third, ""))
    )
    receipts._write_waiting()
    with pytest.raises(Refusal, match=r"401 auth\.kit_revoked"):
        own.result()
    told = {each.record_id: promise.result().receipt for each, promise in ((second, carried), (third, by_nobody))}
    assert kept(gateway_context) == told


@pytest.mark.allow_logs  # that it was lost
def test_it_tells_every_step_of_a_record(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    uploads = Uploads(gateway_context)

    def now(carrier: str = kit.name) -> Standing:
        with gateway_context.reading() as connection:
            return standing(connection, kit.name, record_id, carrier)

    with pytest.raises(Refusal, match=r"404 manifest\.unknown"):
        now()
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    announced = now()
    assert (announced.sha256, announced.size_bytes, announced.jws) == (sha256, 1000, manifest)
    assert (announced.receipt, announced.view) == (None, None)
    uploads.create(kit.name, record_id, 1000)
    uploads.append(kit.name, record_id, 0, sealed[:400])
    view = now().view
    assert view is not None
    assert (view.offset, view.length) == (400, 1000)
    assert now("kit-02").view is None
    uploads.append(kit.name, record_id, 400, sealed[400:])
    received = now("kit-02")
    assert received.receipt
    assert received.view is not None
    assert (received.view.offset, received.view.expires_at) == (1000, None)
    mark_lost(gateway_context, kit.name, record_id, received.receipt, "missing")
    assert (now().receipt, now().view) == (None, None)


def test_it_is_of_that_record_of_that_kit_and_of_who_sends(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other, uploads = enrolled_kit(folder, gateway_context, clock, "kit-02"), Uploads(gateway_context)
    record_id, manifest, sealed, _ = kit.record(size=1000)
    further_id, further, _, _ = kit.record(size=800)
    _, same_id, content, _ = other.record(size=900, record_id=record_id)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest, further)))
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(same_id,)))

    def now() -> list[tuple[int, int | None, bool, bool]]:
        """Return size, offset, whether there is a receipt and whether anybody began, of all that may be asked for."""
        asked = [(owner, record_id, by) for owner in ("kit-01", "kit-02") for by in ("kit-01", "kit-02")]
        with gateway_context.reading() as connection:
            found = [standing(connection, *each) for each in [*asked, ("kit-01", further_id, "kit-01")]]
        return [
            (each.size_bytes, each.view and each.view.offset, bool(each.receipt), each.has_uploads) for each in found
        ]  # type: ignore[misc]

    nothing = [(1000, None, False, False)] * 2 + [(900, None, False, False)] * 2 + [(800, None, False, False)]
    assert now() == nothing
    uploads.create("kit-02", record_id, 900, "kit-01", content[:7])
    begun = [*nothing[:2], (900, 7, False, True), (900, None, False, True), nothing[4]]
    assert now() == begun
    uploads.create("kit-01", record_id, 1000, "kit-02", sealed[:5])
    assert now() == [(1000, None, False, True), (1000, 5, False, True), *begun[2:]]
    uploads.create("kit-01", record_id, 1000, "", sealed)
    assert now() == [(1000, 1000, True, False)] * 2 + begun[2:]


@pytest.fixture
def expected(gateway_context: GatewayContext) -> Iterator[Expected]:
    made = Expected(gateway_context)
    yield made
    made.close()


@pytest.mark.parametrize("way", [Expected.of, Expected.at_once])
def test_a_token_brings_what_its_own_kit_announced(
    gateway_context: GatewayContext,
    kit: Kit,
    folder: Path,
    clock: HandClock,
    expected: Expected,
    way: Callable[[Expected, str, str], Standing | None],
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    record_id, manifest, sealed, _ = kit.record(size=1000)
    tokens = {each.name: digest_of(each.token(gateway_context)) for each in (kit, other)}
    assert way(expected, tokens[kit.name], record_id) is None
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))

    def known() -> Standing:
        with gateway_context.reading() as connection:
            return standing(connection, kit.name, record_id, kit.name)

    assert way(expected, tokens[kit.name], record_id) == known()
    assert way(expected, tokens[other.name], record_id) is None
    assert way(expected, digest_of("of-nobody"), record_id) is None
    Uploads(gateway_context).create(kit.name, record_id, 1000, "kit-02", sealed[:5])
    assert known().has_uploads
    assert way(expected, tokens[kit.name], record_id) == known()
    Uploads(gateway_context).create(kit.name, record_id, 1000, "", sealed[:7])
    assert way(expected, tokens[kit.name], record_id) == known()
    Uploads(gateway_context).append(kit.name, record_id, 7, sealed[7:])
    assert known().receipt
    assert way(expected, tokens[kit.name], record_id) == known()


@pytest.mark.parametrize("way", [Expected.of, Expected.at_once])
def test_nobody_is_expected_whom_the_gate_refuses(
    gateway_context: GatewayContext,
    kit: Kit,
    clock: HandClock,
    expected: Expected,
    way: Callable[[Expected, str, str], Standing | None],
) -> None:
    record_id, manifest, _, _ = kit.record(size=1000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    admission, token = Admission(gateway_context), kit.token(gateway_context)
    last = gateway_context.limits.token_life.total_seconds()
    clock.advance(seconds=last - 1)
    assert way(expected, digest_of(token), record_id)
    clock.advance(seconds=1)
    assert way(expected, digest_of(token), record_id) is None
    with pytest.raises(Refusal, match=r"auth\.token_expired"):
        admission.kit_of(f"Bearer {token}")
    token = kit.token(gateway_context)
    assert way(expected, digest_of(token), record_id)
    admission.revoke_kit(kit.name)
    assert way(expected, digest_of(token), record_id) is None
    with pytest.raises(Refusal, match=r"auth\.kit_revoked"):
        admission.kit_of(f"Bearer {token}")


def test_a_database_that_is_far_is_asked_on_a_thread_only(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, _, _ = kit.record(size=1000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    token = digest_of(kit.token(gateway_context))
    far = Expected(replace(gateway_context, engine=sa.create_engine("postgresql+psycopg://nobody@nowhere/none")))
    assert far.at_once(token, record_id) is None
    far.close()
