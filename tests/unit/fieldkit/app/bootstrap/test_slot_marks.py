from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.homes import ADMIN, CLOCK, PASSPHRASE, Office, Repository, new, opened
from support.room import LEAD, PETUGAS

from fieldkit.app.bootstrap.enrolment import add_user
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.rescue import readmit_kit, recover_by_sheet
from fieldkit.app.bootstrap.slot_marks import demand_latest
from fieldkit.app.bootstrap.store_key import opened_store, rotate_key
from fieldkit.domain.errors import StoreError, VaultError
from fieldkit.domain.people import Role, User
from fieldkit.services.context.app_context import AppContext
from fieldkit.storage.store import SqlStore
from fieldkit.vault.keyslots import KeySlotFile
from fieldkit.vault.slot_copies import copies_of, escrows_of

NEW = "jendela kayu biru"
SIGNED_IN = (PETUGAS.user_id, PASSPHRASE, CLOCK.now())
Act = Callable[[AppContext], object]


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    return office.kit(tmp_path / "kit", PETUGAS, LEAD)


@contextmanager
def older_slots(home: Home) -> Iterator[None]:
    """Do something, then put the key slots of before back; the newer ones lie beside them as `newer`."""
    files, older, newer = (*copies_of(home.slots), *escrows_of(home.slots)), home.path / "older", home.path / "newer"
    older.mkdir()
    for file in files:
        shutil.copy(file, older)
    yield
    newer.mkdir()
    for file in files:
        shutil.copy(file, newer)
        shutil.copy(older / file.name, file)


def put_newer_back(home: Home) -> None:
    for file in (home.path / "newer").iterdir():
        shutil.copy(file, home.path)


def refused(home: Home, user: User, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(VaultError) as caught, opened(home, user, passphrase=passphrase):
        pass
    return caught.value.code


def changed(context: AppContext) -> None:
    context.accounts.change_passphrase(PASSPHRASE, NEW)


@pytest.mark.parametrize(
    ("by", "act"),
    [
        (PETUGAS, changed),
        (PETUGAS, lambda context: context.accounts.set_pin(PASSPHRASE, "739104")),
        (ADMIN, lambda context: context.accounts.start_anew(PETUGAS.user_id, NEW)),
        (ADMIN, lambda context: context.accounts.disable(PETUGAS.user_id)),
        (ADMIN, lambda context: context.accounts.remove(PETUGAS.user_id)),
    ],
    ids=["passphrase", "pin", "start", "disabled", "removed"],
)
def test_older_slots_open_the_store_no_more(home: Home, by: User, act: Act) -> None:
    with older_slots(home), opened(home, by) as context:
        act(context)
    assert refused(home, PETUGAS) == "vault.slot_replaced"
    with opened(home, LEAD) as context:  # whose slot is the same
        assert context.user == LEAD


def test_the_newer_slots_open_it(home: Home) -> None:
    with older_slots(home), opened(home) as context:
        changed(context)
    assert refused(home, PETUGAS) == "vault.slot_replaced"
    put_newer_back(home)
    with opened(home, passphrase=NEW) as context:
        assert context.user == PETUGAS
    assert refused(home, PETUGAS) == "vault.wrong_passphrase"


@pytest.mark.days
def test_no_slot_of_before_opens_it_however_many_there_were(home: Home) -> None:
    with older_slots(home), opened(home) as context:
        changed(context)
        context.accounts.change_passphrase(NEW, "kunci lemari besi")
        context.accounts.change_passphrase("kunci lemari besi", PASSPHRASE)
    assert refused(home, PETUGAS) == "vault.slot_replaced"


@pytest.mark.days
def test_what_was_closed_anew_while_the_store_was_shut_is_learnt_at_the_next_sign_in(home: Home) -> None:
    with opened(home):
        pass
    with older_slots(home):
        KeySlotFile.open(home.slots).change_passphrase(PETUGAS.user_id, PASSPHRASE, NEW, CLOCK.now())
        with opened(home, passphrase=NEW):
            pass
    assert refused(home, PETUGAS) == "vault.slot_replaced"


@pytest.mark.days
def test_a_kit_that_is_older_as_a_whole_opens_as_it_was(home: Home, tmp_path: Path) -> None:
    shutil.copytree(home.path, tmp_path / "before")
    with opened(home) as context:
        changed(context)
    with opened(home, passphrase=NEW):
        pass
    newer_slots = [file.read_bytes() for file in copies_of(home.slots)]
    shutil.rmtree(home.path)
    shutil.copytree(tmp_path / "before", home.path)
    with opened(home) as context:
        assert context.user == PETUGAS
    # An older store beside newer slots knows of none of them yet.
    shutil.rmtree(home.path)
    shutil.copytree(tmp_path / "before", home.path)
    for file, content in zip(copies_of(home.slots), newer_slots, strict=True):
        file.write_bytes(content)
    with opened(home, passphrase=NEW) as context:
        assert context.user == PETUGAS


@pytest.mark.days
def test_nobody_vouches_with_an_older_slot(home: Home) -> None:
    with older_slots(home), opened(home, LEAD) as context:
        changed(context)
    kit = LockedKit(home, Repository())
    try:
        kit.unlock(PETUGAS.user_id, PASSPHRASE)
        with pytest.raises(VaultError, match=r"vault\.slot_replaced"):
            kit.check_lead(LEAD.user_id, PASSPHRASE)
    finally:
        kit.leave()


def sheet(context: AppContext) -> str:
    code = context.accounts.new_sheet()
    context.accounts.prove_sheet(code)
    return code


@pytest.mark.days
def test_the_sheet_is_a_way_back(home: Home) -> None:
    with opened(home, ADMIN) as context:
        code = sheet(context)
    with older_slots(home), opened(home, ADMIN) as context:
        changed(context)
    assert refused(home, ADMIN) == "vault.slot_replaced"
    recover_by_sheet(home, code, "kunci lemari besi")
    with opened(home, ADMIN, passphrase="kunci lemari besi") as context:
        assert context.user == ADMIN


@pytest.mark.days
def test_a_sheet_of_before_is_none(home: Home) -> None:
    with opened(home, ADMIN) as context:
        code = sheet(context)
    with older_slots(home), opened(home, ADMIN) as context:
        sheet(context)
    with pytest.raises(VaultError, match=r"vault\.slot_replaced"):
        recover_by_sheet(home, code, NEW)
    with opened(home, ADMIN) as context:  # the sheet alone is another
        assert context.user == ADMIN


@pytest.mark.days
def test_no_act_of_an_admin_is_done_with_an_older_slot(home: Home, office: Office) -> None:
    with older_slots(home), opened(home, ADMIN) as context:
        changed(context)
    slip = office.slip("K99")
    for act in (
        lambda: rotate_key(home, ADMIN.user_id, PASSPHRASE),
        lambda: readmit_kit(home, slip, ADMIN.user_id, PASSPHRASE),
        lambda: add_user(home, ADMIN.user_id, PASSPHRASE, new(User("siti", "Siti", Role.PETUGAS_PEREKAMAN))),
    ):
        with pytest.raises(VaultError, match=r"vault\.slot_replaced"):
            act()


@pytest.mark.days
def test_a_slot_is_noted_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(home):
        pass
    store = opened_store(home, KeySlotFile.open(home.slots).unlock(*SIGNED_IN).db_key, "K")
    with store as one:
        monkeypatch.setattr(SqlStore, "write", lambda _self: pytest.fail("nothing is new"))
        demand_latest(one, KeySlotFile.open(home.slots).unlock(*SIGNED_IN))


def test_a_full_disk_keeps_nobody_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: SqlStore) -> None:
        raise StoreError("store.disk_full")

    opened_slot = KeySlotFile.open(home.slots).unlock(*SIGNED_IN)
    with opened_store(home, opened_slot.db_key, "K") as store:
        monkeypatch.setattr(SqlStore, "write", full)
        demand_latest(store, opened_slot)
