from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.clock import NOW, HandClock
from support.homes import ADMIN, CLOCK, PASSPHRASE, Nobody, Office, Repository, opened, record
from support.kits import Told, contents, make_kit, seal_into, sticks_of
from support.pairs import KIT
from support.room import LEAD, PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.ways_back import HomeWaysBack
from fieldkit.domain.errors import InputError, RuleError, StoreError, VaultError
from fieldkit.ports.exchange import NewSecrets, SlipTyped, Way
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault import slot_copies
from sync.gateway import provision

FORGOTTEN = "kunci lemari besi"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A stick with two backups of one kit."""
    stick, old = tmp_path / "stick", make_kit(tmp_path / "old")
    stick.mkdir()
    seal_into(old, 1)
    sticks_of(old, HandClock()).back_up(str(stick), (), Told(), Told())
    seal_into(old, 2)
    sticks_of(old, HandClock(NOW + timedelta(hours=1))).back_up(str(stick), (), Told(), Told())
    return stick


def slip(office: Office, kit: str) -> SlipTyped:
    made = provision.readmission_code(office.folder, office.url, kit, ADMIN.user_id, CLOCK)
    return SlipTyped("", made.url, f" {made.code} ", made.ca_fingerprint)


def test_an_empty_laptop_takes_a_backup_that_a_passphrase_opens(stick: Path, tmp_path: Path) -> None:
    new = Home(tmp_path / "new")
    ways, before = HomeWaysBack(new), contents(stick)
    assert ways.offered() == (Way.RESTORE,)
    newest, oldest = ways.backups(str(stick))
    assert ((newest.kit, newest.records), oldest.records) == ((KIT, 2), 1)
    assert newest.people == (PETUGAS,)
    assert ways.backups(newest.folder) == [newest]
    with pytest.raises(VaultError, match=r"vault\.wrong_passphrase"):
        ways.restore(newest.folder, PETUGAS.user_id, "bukan ini sandinya")
    assert not new.path.exists()
    done = ways.restore(newest.folder, PETUGAS.user_id, PASSPHRASE)
    assert (done.kit, done.records) == (KIT, 2)
    assert new.is_enrolled
    assert contents(stick) == before  # to look at a backup changes nothing of it


def test_an_empty_laptop_takes_a_backup_that_a_sheet_opens_and_gives_its_admin_a_passphrase(
    office: Office, tmp_path: Path
) -> None:
    old, stick = office.kit(tmp_path / "old", PETUGAS), tmp_path / "stick"
    stick.mkdir()
    with opened(old, ADMIN) as context:
        code = context.accounts.new_sheet()
        context.accounts.prove_sheet(code)
    with opened(old) as context:
        context.backups.make(str(stick), Told(), Told())
    new = Home(tmp_path / "new")
    ways = HomeWaysBack(new)
    (found,) = ways.backups(str(stick))
    assert found.has_sheet
    with pytest.raises(VaultError, match=r"vault\.wrong_sheet"):
        ways.restore_by_sheet(found.folder, "ABCD-EFGH-ABCD-EFGH-ABCD")
    assert not new.path.exists()
    assert ways.restore_by_sheet(found.folder, code).kit == found.kit
    assert ways.recover_by_sheet(code, FORGOTTEN, "") == ADMIN
    with opened(new, ADMIN, passphrase=FORGOTTEN) as context:
        assert context.kit_id == found.kit


def test_where_no_backup_is(tmp_path: Path) -> None:
    ways = HomeWaysBack(Home(tmp_path / "new"))
    for place in (str(tmp_path), str(tmp_path / "gone")):
        with pytest.raises(InputError, match=r"backup\.none_here"):
            ways.backups(place)


def test_a_locked_kit_steps_aside_and_shows_what_came_of_it(stick: Path, tmp_path: Path) -> None:
    home = make_kit(tmp_path / "kit")
    seal_into(home, 3)
    kit = LockedKit(home, Repository())
    ways = HomeWaysBack(home, kit.step_aside)
    assert ways.offered() == (Way.RECOVER, Way.READMIT, Way.RESTORE)
    ways.restore(ways.backups(str(stick))[0].folder, PETUGAS.user_id, PASSPHRASE)
    assert [person.user_id for person in kit.sign().people] == [PETUGAS.user_id]
    with pytest.raises(StoreError, match=r"store\.in_use"):  # it has its home again
        HomeLock(home.lock)
    assert len(list(home.sealed.glob("*.age"))) == 3  # what was sealed after the backup stays
    kit.leave()


def test_a_locked_kit_whose_store_is_gone_takes_a_backup(stick: Path, tmp_path: Path) -> None:
    home = make_kit(tmp_path / "kit")
    home.database.unlink()
    kit = LockedKit(home, Repository())
    with pytest.raises(StoreError, match=r"store\.gone"):
        kit.unlock(PETUGAS.user_id, PASSPHRASE)
    assert not home.database.exists()
    ways = HomeWaysBack(home, kit.step_aside)
    ways.restore(ways.backups(str(stick))[0].folder, PETUGAS.user_id, PASSPHRASE)
    assert kit.unlock(PETUGAS.user_id, PASSPHRASE).delivery.glance().unsent == 2
    kit.leave()


def test_a_backup_of_another_kit_changes_nothing(tmp_path: Path) -> None:
    other, home = make_kit(tmp_path / "other", "KIT-99"), make_kit(tmp_path / "kit")
    (tmp_path / "stick").mkdir()
    folder = sticks_of(other, HandClock(), kit="KIT-99").back_up(str(tmp_path / "stick"), (), Told(), Told()).folder
    kit, before = LockedKit(home, Repository()), contents(home.path)
    with pytest.raises(RuleError, match=r"backup\.other_kit"):
        HomeWaysBack(home, kit.step_aside).restore(folder, PETUGAS.user_id, PASSPHRASE)
    assert contents(home.path) == before
    assert kit.verify_passphrase(PETUGAS.user_id, PASSPHRASE) == PETUGAS
    kit.leave()


@pytest.mark.days
def test_an_admin_gets_a_new_passphrase_while_the_kit_shows_its_sign_in(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS, LEAD)
    kit = LockedKit(home, Repository())
    ways, asked = HomeWaysBack(home, kit.step_aside), slip(office, kit.sign().kit_id)
    assert ways.admins() == [ADMIN]
    key = str(office.folder / "recovery.identity")
    secrets = NewSecrets(ADMIN.user_id, "", FORGOTTEN, "", key)
    with pytest.raises(InputError, match=r"pulih\.slip_missing"):
        ways.recover(secrets, SlipTyped("", asked.url, "", asked.ca_fingerprint))
    assert ways.recover(secrets, asked) == ADMIN
    assert kit.verify_passphrase(ADMIN.user_id, FORGOTTEN) == ADMIN
    again = slip(office, kit.sign().kit_id)
    assert ways.readmit(again, ADMIN.user_id, FORGOTTEN) == kit.sign().kit_id
    kit.leave()
    with opened(home) as context:
        record(context)
        assert context.delivery.send(Nobody(), Nobody()).stopped_by is None


@pytest.mark.days
def test_without_key_slots_the_admin_is_named(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    kit = LockedKit(home, Repository())
    asked = slip(office, kit.sign().kit_id)
    kit.leave()
    for copy in slot_copies.copies_of(home.slots):
        copy.write_bytes(b"rot")
    ways = HomeWaysBack(home)
    assert (ways.offered(), ways.admins()) == ((Way.RESTORE, Way.RECOVER), [])
    key = str(office.folder / "recovery.identity")
    with pytest.raises(InputError, match=r"cli\.user_id_form"):
        ways.recover(NewSecrets("Sri Admin", ADMIN.name, FORGOTTEN, "", key), asked)
    with pytest.raises(InputError, match=r"cli\.unreadable"):
        ways.recover(NewSecrets(ADMIN.user_id, ADMIN.name, FORGOTTEN, "", key + ".gone"), asked)
    assert ways.recover(NewSecrets(ADMIN.user_id, ADMIN.name, FORGOTTEN, "", key), asked) == ADMIN
    kit = LockedKit(home, Repository())
    assert kit.verify_passphrase(ADMIN.user_id, FORGOTTEN) == ADMIN
    kit.leave()
