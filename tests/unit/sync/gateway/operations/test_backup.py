from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.durable import DiskLog
from support.gateway import Kit, receive

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.storage.home_lock import HomeLock
from sync.gateway import provision
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.operations.backup import files_of, make_backup
from sync.gateway.operations.backup_set import Unlock, backups_in
from sync.gateway.operations.restore import check_backup
from sync.gateway.tables import records
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.conftest import enrolled
from tests.unit.sync.gateway.operations.conftest import Arrive


def test_a_second_backup_copies_only_what_is_new(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, clock: HandClock
) -> None:
    to = tmp_path / "backups"
    arrive(), arrive()
    first = make_backup(gateway_context, folder, to)
    assert (first.copied, first.made.statement.objects, first.made.statement.rows["records"]) == (2, 2, 2)
    clock.advance(days=1)
    arrive()
    second = make_backup(gateway_context, folder, to)
    assert (second.copied, second.made.statement.objects) == (1, 3)
    assert [each.statement.objects for each in backups_in(to)] == [2, 3]


def test_nothing_of_it_is_plain_or_open_to_others(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    arrive()
    make_backup(gateway_context, folder, tmp_path / "b")
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o700
    everything = [path.read_bytes() for path in (tmp_path / "b" / "backups").rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "b" / "backups").rglob("*"))
    secrets = [(folder / name).read_bytes()[30:120] for name in ("ca.key.pem", "receipt.key.pem", "nik.key")]
    for secret in (*secrets, b"kit-01", b"Dinas Uji"):
        assert not any(secret in content for content in everything), secret
    assert provision.RECOVERY_IDENTITY not in dict(files_of(folder))
    assert {"gateway.json", "ca.key.pem", "tls.key.pem", "nik.key", "opener.identity"} <= dict(files_of(folder)).keys()


def test_folders_of_backups_that_were_open_are_closed_and_the_disk_they_lie_on_stays(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path
) -> None:
    to = tmp_path / "b"
    for each in (to, to / "backups", to / "objects"):
        each.mkdir()
        each.chmod(0o755)
    make_backup(gateway_context, folder, to)
    modes = [each.stat().st_mode & 0o777 for each in (to, to / "backups", to / "objects")]
    assert modes == [0o755, 0o700, 0o700]


def test_what_is_gone_is_named_and_the_rest_is_kept(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    (_, whole), (_, gone), (_, harmed) = arrive(), arrive(), arrive()
    provision.sealed_path(folder, gone).unlink()
    provision.sealed_path(folder, harmed).write_bytes(b"x" * 3000)
    made = make_backup(gateway_context, folder, tmp_path / "b").made
    assert {key.rpartition("/")[2] for key in made.statement.missing} == {gone, harmed}
    assert [each.sha256 for each in made.listed()] == [whole]


def test_objects_out_of_reach_are_no_backup(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    arrive()
    (folder / "objects").rename(folder / "unmounted")
    with pytest.raises(KnownError) as refused:
        make_backup(gateway_context, folder, tmp_path / "b")
    assert refused.value.code == "gateway.objects_away"
    assert backups_in(tmp_path / "b") == []


def test_a_run_that_died_leaves_no_backup_and_the_next_one_sweeps_it(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive()
    dying = replace(gateway_context, receipt_signer=None)  # type: ignore[arg-type]  # the very last step fails
    with pytest.raises(AttributeError):
        make_backup(dying, folder, tmp_path / "b")
    assert backups_in(tmp_path / "b") == []
    assert len(list((tmp_path / "b" / "backups").iterdir())) == 1
    made = make_backup(gateway_context, folder, tmp_path / "b")
    assert made.copied == 0  # the objects were whole
    assert [each.folder for each in backups_in(tmp_path / "b")] == list((tmp_path / "b" / "backups").iterdir())


@pytest.mark.days
def test_rows_are_of_one_moment(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, recovery: Unlock
) -> None:
    """A record that arrives while objects are copied is not in it, and harms nothing."""
    arrive()
    read = type(gateway_context.blobs).pieces

    class Busy(type(gateway_context.blobs)):  # type: ignore[misc]
        def pieces(self, key: str):  # type: ignore[no-untyped-def]
            arrive()
            return read(gateway_context.blobs, key)

    busy = replace(gateway_context, blobs=Busy(gateway_context.blobs._store, gateway_context.blobs._folder))
    made = make_backup(busy, folder, tmp_path / "b").made
    assert (made.statement.rows["records"], made.statement.objects) == (1, 1)
    checked = check_backup(made, recovery)
    assert (checked.receipts, checked.objects, checked.wrong) == (1, 1, ())
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(records)) == 2


def test_older_backups_go_with_their_objects(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = DiskLog(monkeypatch)
    arrive()
    older = make_backup(gateway_context, folder, tmp_path / "b").made
    assert disk.has_name(older.folder)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=clock.now()))
    _, new = arrive()
    clock.advance(days=1)
    made = make_backup(gateway_context, folder, tmp_path / "b", keep=1)
    assert (made.removed, len(backups_in(tmp_path / "b"))) == (1, 1)
    assert disk.has_gone(older.folder.with_name(f".{older.folder.name}"))
    assert {path.name for path in (tmp_path / "b" / "objects").rglob("*") if path.is_file()} == {new}


def test_one_at_a_time_and_no_short_passphrase(gateway_context: GatewayContext, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as short:
        make_backup(gateway_context, folder, tmp_path / "b", "too short")
    assert short.value.code == "gateway.backup_passphrase"
    lock = HomeLock(tmp_path / "b" / "lock")
    with pytest.raises(KnownError) as running:
        make_backup(gateway_context, folder, tmp_path / "b")
    assert running.value.code == "gateway.backup_running"
    lock.release()


def test_everything_is_copied_that_is_neither_of_no_record_nor_under_way(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, clock: HandClock
) -> None:
    _, sha256 = arrive()
    blobs = gateway_context.blobs
    for key in ("down/forms/1", "sealed/ab/cd/stranger", "parts/p", "incoming/i"):
        blobs.put(key, b"first")
    copies = tmp_path / "b" / "objects"
    copies.joinpath("incoming").mkdir(parents=True)
    copies.joinpath("incoming", "half").write_bytes(b"of one that died")
    made = make_backup(gateway_context, folder, tmp_path / "b")
    (sealed, bundle) = made.made.listed()
    assert (sealed.sha256, bundle.key, made.copied) == (sha256, "down/forms/1", 2)
    assert not copies.joinpath("incoming", "half").exists()

    # What changed is copied again, and what the copy lacks.
    blobs.put("down/forms/1", b"again")
    copies.joinpath(sealed.key).write_bytes(b"half")
    clock.advance(seconds=1)
    again = make_backup(gateway_context, folder, tmp_path / "b", keep=2)
    assert (again.copied, copies.joinpath("down/forms/1").read_bytes()) == (2, b"again")


def test_a_gateway_without_records_needs_no_objects(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path
) -> None:
    assert gateway_context.blobs.is_away()
    assert make_backup(gateway_context, folder, tmp_path / "b").made.statement.objects == 0


def test_a_store_that_goes_away_in_the_middle_is_no_loss(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    arrive()

    class Leaving(type(gateway_context.blobs)):  # type: ignore[misc]
        def pieces(self, key: str):  # type: ignore[no-untyped-def]
            (folder / "objects" / "sealed").rename(folder / "unmounted")
            return super().pieces(key)

    leaving = replace(gateway_context, blobs=Leaving(gateway_context.blobs._store, gateway_context.blobs._folder))
    with pytest.raises(FileNotFoundError):
        make_backup(leaving, folder, tmp_path / "b")
    assert backups_in(tmp_path / "b") == []


def test_of_two_kits_each_record_names_its_own_object_once(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, kit: Kit, arrive: Arrive, clock: HandClock
) -> None:
    record_id, first = arrive()
    other = enrolled(folder, gateway_context, clock, "kit-02")
    _, manifest, sealed, second = other.record(size=900, record_id=record_id)
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, other, record_id, sealed)
    _, third = arrive()
    made = make_backup(gateway_context, folder, tmp_path / "b").made
    assert {each.sha256: each.size_bytes for each in made.listed()} == {first: 3000, second: 900, third: 3000}
    assert (made.statement.objects, made.statement.missing) == (3, ())
    with gateway_context.engine.begin() as connection:
        key = connection.scalar(
            sa.select(records.c.key).where(records.c.kit == kit.name, records.c.record_id == record_id)
        )
        connection.execute(sa.update(records).where(records.c.key == key).values(lost_at=clock.now()))
    provision.sealed_path(folder, first).unlink()
    clock.advance(seconds=1)
    later = make_backup(gateway_context, folder, tmp_path / "b").made
    assert (later.statement.objects, later.statement.missing) == (2, ())


def test_files_of_a_gateway_are_those_that_are_nowhere_else(folder: Path) -> None:
    (folder / "trust").mkdir()
    for name in ("trust/maker.pem", "moving.json", "half.new", "serving.lock", "objects/x", "gateway.sqlite3-wal"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    before = dict(files_of(folder)).keys()
    (folder / "link.pem").symlink_to(folder / "ca.pem")
    assert dict(files_of(folder)).keys() == before
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there - before == {
        provision.RECOVERY_IDENTITY,
        "moving.json",
        "half.new",
        "serving.lock",
        "objects/x",
        "link.pem",
        *(name for name in there if name.startswith("gateway.sqlite3")),
    }
