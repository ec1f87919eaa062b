from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, receive

from fieldkit.domain.errors import KnownError
from fieldkit.vault import keys
from fieldkit.vault.age import generate_identity
from fieldkit.vault.jws import JwsSigner
from sync.gateway import provision
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.operations import restore as module
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.backup_set import BackupSet, Unlock, the_backup
from sync.gateway.operations.restore import Target, check_backup, restore
from sync.gateway.scrub import Scrub
from sync.gateway.tables import records
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.operations.conftest import Arrive


@pytest.fixture
def made(gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive) -> BackupSet:
    for _ in range(3):
        arrive()
    return make_backup(gateway_context, folder, tmp_path / "b").made


@pytest.fixture
def opened(clock: HandClock) -> Iterator[Callable[[Path], GatewayContext]]:
    open_ones: list[GatewayContext] = []

    def open_one(folder: Path) -> GatewayContext:
        open_ones.append(provision.open_gateway(folder, clock))
        return open_ones[-1]

    yield open_one
    for each in open_ones:
        each.engine.dispose()


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(KnownError) as refused:
        act()
    return refused.value.code


def test_a_restored_gateway_has_every_record_and_goes_on(
    made: BackupSet, recovery: Unlock, tmp_path: Path, kit: Kit, opened: Callable[[Path], GatewayContext]
) -> None:
    done = restore(made, recovery, Target(tmp_path / "new"))
    assert (done.receipts, done.objects, done.wrong, done.damaged) == (3, 3, (), ())
    new = opened(tmp_path / "new")
    report = Scrub(new).run()
    assert (report.checked, report.lost, report.unknown) == (3, (), ())
    # The kit signs in as before, and its next receipt is by the same key.
    record_id, manifest, sealed, _ = kit.record(size=2000)
    assert kit.token(new)
    Ledger(new).announce(kit.name, Announcement(manifests=(manifest,)))
    assert kit.receipts.verify(receive(new, kit, record_id, sealed), "fieldkit-receipt+jwt")["record_id"] == record_id
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir() if path.is_file()}
    assert {modes[name] for name in ("ca.key.pem", "gateway.json", "gateway.sqlite3", "nik.key")} == {0o600}


def test_a_passphrase_opens_and_another_does_not(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, recovery: Unlock
) -> None:
    arrive()
    made = make_backup(gateway_context, folder, tmp_path / "b", "empat kata yang panjang").made
    assert check_backup(made, Unlock(passphrase="empat kata yang panjang")).receipts == 1
    for other in (Unlock(passphrase="other words, long enough"), recovery, Unlock((generate_identity(),))):
        assert code_of(lambda unlock=other: check_backup(made, unlock)) == "gateway.backup_other_key"


def test_nothing_that_is_there_is_overwritten(made: BackupSet, recovery: Unlock, folder: Path, tmp_path: Path) -> None:
    assert code_of(lambda: restore(made, recovery, Target(folder))) == "gateway.exists"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    assert code_of(lambda: restore(made, recovery, Target(tmp_path / "full"))) == "gateway.folder_in_use"
    other = f"sqlite:///{folder / 'gateway.sqlite3'}"
    assert code_of(lambda: restore(made, recovery, Target(tmp_path / "n", other))) == "gateway.database_in_use"
    assert not (tmp_path / "n" / "gateway.json").exists()


@pytest.mark.parametrize("at", ["put_checked", "load", "wrong_receipts", "_put_files", "write_settings"])
def test_a_restore_that_died_is_no_gateway_and_goes_on(
    made: BackupSet, recovery: Unlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if at == "put_checked":
            patched.setattr(module.Blobs, "put_checked", die)
        elif at == "write_settings":
            write = module.write_durably
            patched.setattr(
                module, "write_durably", lambda path, text: die() if path.name == "gateway.json" else write(path, text)
            )
        else:
            patched.setattr(module, at, die)
        with pytest.raises(KeyboardInterrupt):
            restore(made, recovery, Target(tmp_path / "new"))
    assert code_of(lambda: provision.open_gateway(tmp_path / "new", None)) == "gateway.not_here"  # type: ignore[arg-type]
    assert restore(made, recovery, Target(tmp_path / "new")).receipts == 3
    assert not (tmp_path / "new" / "restoring.json").exists()


def test_damage_is_named(made: BackupSet, recovery: Unlock, tmp_path: Path) -> None:
    (piece,) = (made.folder / "database").glob("00001.age")
    whole = piece.read_bytes()
    piece.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert code_of(lambda: check_backup(made, None)) == "gateway.backup_damaged"
    assert code_of(lambda: restore(made, recovery, Target(tmp_path / "new"))) == "gateway.backup_damaged"
    piece.write_bytes(whole)
    statement = made.folder / "backup.jws"
    statement.write_text(statement.read_text().replace(".", "A.", 1))
    assert code_of(lambda: BackupSet.read(made.folder)) == "gateway.backup_damaged"
    assert code_of(lambda: the_backup(tmp_path / "nothing")) == "gateway.no_backup"


def test_an_object_that_rotted_in_the_backup_is_asked_for_again(
    made: BackupSet, recovery: Unlock, tmp_path: Path, opened: Callable[[Path], GatewayContext]
) -> None:
    victim = next(made.listed())
    (made.objects_folder / victim.key).write_bytes(b"rotten")
    assert check_backup(made, recovery).damaged == (victim.key,)
    assert restore(made, recovery, Target(tmp_path / "new")).damaged == (victim.key,)
    new = opened(tmp_path / "new")
    with new.engine.begin() as connection:
        lost = connection.scalars(sa.select(records.c.key).where(records.c.lost_at.is_not(None))).all()
    assert lost == [victim.key]


def test_a_forged_receipt_makes_no_gateway(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, recovery: Unlock, kit: Kit
) -> None:
    (record_id, _), _ = arrive(), arrive()
    with gateway_context.engine.begin() as connection:
        forged = kit.signer.sign({"record_id": record_id}, "fieldkit-receipt+jwt")
        connection.execute(sa.update(records).where(records.c.record_id == record_id).values(receipt=forged))
    made = make_backup(gateway_context, folder, tmp_path / "b").made
    assert [each.record_id for each in check_backup(made, recovery).wrong] == [record_id]
    assert code_of(lambda: restore(made, recovery, Target(tmp_path / "new"))) == "gateway.receipts_wrong"
    assert not (tmp_path / "new" / "gateway.json").exists()


def test_a_backup_that_somebody_else_signed_is_refused(made: BackupSet, recovery: Unlock) -> None:
    own = keys.new_private_key()
    statement = made.statement.model_dump(mode="json")
    statement["receipt_public_key"] = base64.b64encode(keys.public_der(own)).decode()
    (made.folder / "backup.jws").write_text(JwsSigner(own, "x").sign(statement, "fieldkit-backup+jwt"))
    assert code_of(lambda: check_backup(BackupSet.read(made.folder), recovery)) == "gateway.backup_foreign"
