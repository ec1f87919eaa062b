from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.storage.home_lock import HomeLock
from sync.gateway import provision
from sync.gateway.context import GatewayContext
from sync.gateway.operations.backup import files_of, make_backup
from sync.gateway.operations.backup_set import Unlock, backups_in
from sync.gateway.operations.restore import check_backup
from sync.gateway.tables import records
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
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, clock: HandClock
) -> None:
    arrive()
    make_backup(gateway_context, folder, tmp_path / "b")
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=clock.now()))
    _, new = arrive()
    clock.advance(days=1)
    made = make_backup(gateway_context, folder, tmp_path / "b", keep=1)
    assert (made.removed, len(backups_in(tmp_path / "b"))) == (1, 1)
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
