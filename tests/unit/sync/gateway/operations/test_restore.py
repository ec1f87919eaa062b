from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, receive
from support.onward import sealed_record

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.vault import certificates
from fieldkit.vault.age import generate_identity, parse_identities
from fieldkit.vault.certificates import certificates_from_pem, close_by_passphrase, fingerprint, hosts_of, valid_until
from fieldkit.vault.cms import SealOpener
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway import provision
from sync.gateway.custody import Scrub
from sync.gateway.database import GatewayContext, bring_up
from sync.gateway.ledger import Ledger
from sync.gateway.operations import restore as module
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.backup_set import BackupSet, Unlock, the_backup
from sync.gateway.operations.restore import (
    DIFFERS,
    FORGED,
    Checked,
    Target,
    check_backup,
    reissue_authority,
    reissue_opener,
    reissue_tls,
    restore,
    wrong_receipts,
)
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


def dies_at(monkeypatch: pytest.MonkeyPatch, name: str, made: BackupSet, recovery: Unlock, target: Target) -> None:
    """Restore until something of the module is called, and die there."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, name, die)
        with pytest.raises(KeyboardInterrupt):
            restore(made, recovery, target)


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


def test_the_folder_of_a_restored_gateway_is_closed_to_others(
    made: BackupSet, recovery: Unlock, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir(mode=0o755)
    restore(made, recovery, Target(tmp_path / "new"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


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
    assert list((tmp_path / "n").iterdir()) == []


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
    assert not (tmp_path / "new").exists()  # seen before anything was begun
    piece.write_bytes(whole)
    assert check_backup(made, None) == Checked(0, 3)
    statement = made.folder / "backup.jws"
    statement.write_text(statement.read_text().replace(".", "A.", 1))
    assert code_of(lambda: BackupSet.read(made.folder)) == "gateway.backup_damaged"
    assert code_of(lambda: the_backup(tmp_path / "nothing")) == "gateway.no_backup"


@pytest.mark.days
def test_an_object_that_rotted_in_the_backup_is_asked_for_again(
    made: BackupSet, recovery: Unlock, tmp_path: Path, opened: Callable[[Path], GatewayContext]
) -> None:
    victim = next(made.listed())
    (tmp_path / "b" / "objects" / victim.key).write_bytes(b"rotten")
    assert check_backup(made, recovery).damaged == (victim.key,)
    assert restore(made, recovery, Target(tmp_path / "new")).damaged == (victim.key,)
    new = opened(tmp_path / "new")
    with new.engine.begin() as connection:
        lost = connection.scalars(sa.select(records.c.key).where(records.c.lost_at.is_not(None))).all()
    assert lost == [victim.key]


@pytest.mark.days
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
    own = certificates.new_private_key()
    statement = made.statement.model_dump(mode="json")
    statement["receipt_public_key"] = base64.b64encode(certificates.public_der(own)).decode()
    (made.folder / "backup.jws").write_text(JwsSigner(own, "x").sign(statement, "fieldkit-backup+jwt"))
    assert code_of(lambda: check_backup(BackupSet.read(made.folder), recovery)) == "gateway.backup_foreign"
    assert (
        code_of(lambda: restore(BackupSet.read(made.folder), recovery, Target(made.folder / "new")))
        == "gateway.backup_foreign"
    )
    assert not (made.folder / "new").exists()


@pytest.mark.days
def test_what_died_with_nothing_left_to_do_may_be_served_since(
    made: BackupSet, recovery: Unlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: HandClock
) -> None:
    target = Target(tmp_path / "new")
    dies_at(monkeypatch, "ended", made, recovery, target)
    new = provision.open_gateway(target.folder, clock)
    with new.engine.begin() as connection:
        connection.execute(sa.delete(records))
    new.engine.dispose()
    assert restore(made, recovery, target) == Checked(3, 3)
    assert code_of(lambda: restore(made, recovery, target)) == "gateway.exists"


@pytest.mark.days
def test_what_was_copied_before_it_died_is_not_copied_again(
    made: BackupSet, recovery: Unlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target(tmp_path / "new")
    dies_at(monkeypatch, "load", made, recovery, target)
    for each in made.listed():
        (tmp_path / "b" / "objects" / each.key).unlink()
    assert restore(made, recovery, target).damaged == ()


@pytest.mark.days
def test_a_database_that_somebody_wrote_to_meanwhile_is_left_alone(
    made: BackupSet, recovery: Unlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target(tmp_path / "new")
    dies_at(monkeypatch, "wrong_receipts", made, recovery, target)
    engine = sa.create_engine(target.database_url)
    with engine.begin() as connection:
        connection.execute(
            sa.delete(records).where(
                records.c.record_id == sa.select(sa.func.min(records.c.record_id)).scalar_subquery()
            )
        )
    engine.dispose()
    assert code_of(lambda: restore(made, recovery, target)) == "gateway.database_in_use"


@pytest.mark.days
@pytest.mark.parametrize(
    ("at", "is_elsewhere"), [("write_durably", False), ("_fill_objects", True), ("wrong_receipts", True)]
)
def test_a_database_elsewhere_goes_on_too_and_none_is_in_the_folder(
    made: BackupSet, recovery: Unlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, is_elsewhere: bool
) -> None:
    target = Target(tmp_path / "new", f"sqlite:///{tmp_path / 'rows.sqlite3'}" if is_elsewhere else "")
    dies_at(monkeypatch, at, made, recovery, target)
    assert restore(made, recovery, target).receipts == 3
    assert (target.folder / "gateway.sqlite3").exists() is not is_elsewhere


@pytest.mark.days
def test_one_that_died_among_the_tables_left_none(
    made: BackupSet, recovery: Unlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.gateway.operations.backup_set.bring_up", bring_up)  # with all of its statements
    made_tables: list[str] = []

    def die(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.lstrip().startswith("CREATE TABLE"):
            made_tables.append(statement)
            if len(made_tables) == 5:
                raise KeyboardInterrupt

    target = Target(tmp_path / "new")
    sa.event.listen(sa.Engine, "before_cursor_execute", die)
    try:
        with pytest.raises(KeyboardInterrupt):
            restore(made, recovery, target)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", die)
    engine = sa.create_engine(target.database_url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    assert restore(made, recovery, target).receipts == 3


@pytest.mark.days
@pytest.mark.parametrize(("left", "code"), [("restoring.json.new", ""), ("restoring.json", "gateway.folder_in_use")])
def test_only_what_this_very_restore_left_is_gone_on_with(
    made: BackupSet, recovery: Unlock, tmp_path: Path, left: str, code: str
) -> None:
    target = Target(tmp_path / "new")
    target.folder.mkdir(mode=0o755)
    (target.folder / left).write_text("{}")
    if code:
        assert code_of(lambda: restore(made, recovery, target)) == code
    else:
        assert restore(made, recovery, target).receipts == 3
        assert target.folder.stat().st_mode & 0o777 == 0o700
        assert not (target.folder / left).exists()


@pytest.mark.days
def test_files_in_folders_go_along_and_a_record_keeps_the_time_of_its_loss(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, recovery: Unlock, clock: HandClock
) -> None:
    """Two records of one object that is gone: one was known to be lost before the backup."""
    (known, sha256), (other, _) = arrive(), arrive()
    (folder / "trust").mkdir()
    (folder / "trust" / "maker.pem").write_bytes(b"maker")
    before = clock.now()
    with gateway_context.engine.begin() as connection:
        key = connection.scalar(sa.select(records.c.key).where(records.c.record_id == known))
        connection.execute(sa.update(records).where(records.c.record_id == known).values(lost_at=before))
        connection.execute(sa.update(records).where(records.c.record_id == other).values(key=key))
    provision.sealed_path(folder, sha256).unlink()
    clock.advance(days=1)
    made = make_backup(gateway_context, folder, tmp_path / "b").made
    restore(made, recovery, Target(tmp_path / "new"))
    assert (tmp_path / "new" / "trust" / "maker.pem").read_bytes() == b"maker"
    engine = sa.create_engine(Target(tmp_path / "new").database_url)
    with engine.connect() as connection:
        lost = {
            row.record_id: row.lost_at for row in connection.execute(sa.select(records.c.record_id, records.c.lost_at))
        }
    engine.dispose()
    assert lost == {known: before, other: clock.now()}


def faults(gateway_context: GatewayContext) -> dict[str, str]:
    with gateway_context.engine.begin() as connection:
        key = gateway_context.configuration.receipt_public_key
        return {finding.record_id: finding.fault for finding in wrong_receipts(connection, key)}


def test_a_receipt_is_ours_and_of_its_record(gateway_context: GatewayContext, arrive: Arrive) -> None:
    (first, _), (second, _), (third, _) = arrive(), arrive(), arrive()
    assert faults(gateway_context) == {}
    with gateway_context.engine.begin() as connection:
        mine = sa.update(records).where(records.c.record_id == first)
        other = connection.scalar(sa.select(records.c.receipt).where(records.c.record_id == second))
        connection.execute(mine.values(receipt=other))
        connection.execute(sa.update(records).where(records.c.record_id == third).values(receipt="a.b.c"))
    assert faults(gateway_context) == {first: DIFFERS, third: FORGED}


def certificate(folder: Path, name: str) -> bytes:
    return certificates_from_pem((folder / f"{name}.pem").read_text())[0]


def test_the_server_gets_other_names_and_keeps_its_key(folder: Path, clock: HandClock) -> None:
    key = (folder / "tls.key.pem").read_bytes()
    clock.advance(days=100)
    until = reissue_tls(folder, ["gateway.example", "10.1.2.3"], clock)
    assert hosts_of(certificate(folder, "tls")) == ["gateway.example", "10.1.2.3"]
    assert until == valid_until(certificate(folder, "tls")) == clock.now() + timedelta(days=730)
    reissue_tls(folder, (), clock)
    assert hosts_of(certificate(folder, "tls")) == ["gateway.example", "10.1.2.3"]
    assert (folder / "tls.key.pem").read_bytes() == key
    for hosts, place, code in ((["a b"], folder, "gateway.bad_host"), ([], folder / "none", "gateway.not_here")):
        with pytest.raises(InputError) as refused:
            reissue_tls(place, hosts, clock)
        assert refused.value.code == code


def test_a_longer_authority_leaves_what_it_issued_good(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    _, sealed, _ = sealed_record(gateway_context, kit, "3315014107900001")
    at = clock.now()
    before = fingerprint(certificate(folder, "ca"))
    clock.advance(days=365 * 2)
    until, told = reissue_authority(folder, clock)
    assert until == clock.now() + timedelta(days=365 * 20)
    assert told == fingerprint(certificate(folder, "ca")) != before
    # A record that was sealed long before opens with the new certificate alone.
    identities = parse_identities((folder / "opener.identity").read_text())
    assert SealOpener(identities, [certificate(folder, "ca")]).open(sealed, at)
    provision.open_gateway(folder, clock).engine.dispose()


@pytest.mark.parametrize("is_apart", [False, True])
def test_a_new_opener_is_who_is_sealed_to_and_the_old_one_opens_the_old(
    folder: Path, tmp_path: Path, clock: HandClock, is_apart: bool
) -> None:
    before = json.loads((folder / "gateway.json").read_text())["recipients"]
    out = tmp_path / "opener.identity" if is_apart else None
    place = reissue_opener(folder, out)
    assert place.stat().st_mode & 0o777 == 0o600
    recipients = json.loads((folder / "gateway.json").read_text())["recipients"]
    known = [str(identity.recipient) for identity in parse_identities(place.read_text())]
    assert (recipients[0] == before[0], recipients[1]) == (False, before[1])
    assert known == ([recipients[0]] if is_apart else [before[0], recipients[0]])
    opened = provision.open_gateway(folder, clock)
    assert opened.configuration.age_recipients == tuple(recipients)
    opened.engine.dispose()
    if is_apart:
        with pytest.raises(InputError):
            reissue_opener(folder, out)
    with pytest.raises(InputError):
        reissue_opener(tmp_path / "none", None)


def test_a_locked_key_takes_no_second_one_and_nobody_is_sealed_to_it(folder: Path) -> None:
    place, settings = folder / "opener.identity", (folder / "gateway.json").read_bytes()
    locked = close_by_passphrase(place.read_bytes(), "x", log_n=4)
    place.write_bytes(locked)
    with pytest.raises(InputError) as refused:
        reissue_opener(folder, None)
    assert refused.value.code == "vault.identity_locked"
    assert (place.read_bytes(), (folder / "gateway.json").read_bytes()) == (locked, settings)


def test_where_the_old_key_was_taken_away_the_new_one_stands_alone(folder: Path) -> None:
    (folder / "opener.identity").unlink()
    place = reissue_opener(folder, None)
    recipients = json.loads((folder / "gateway.json").read_text())["recipients"]
    assert [str(each.recipient) for each in parse_identities(place.read_text())] == recipients[:1]
