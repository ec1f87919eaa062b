from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.homes import ADMIN, PASSPHRASE, Nobody, Office, Repository, opened, record
from support.room import LEAD, PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.store_key import fitting, rotate_key, settled
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.storage.engine import fits
from fieldkit.vault import slot_copies
from fieldkit.vault.keyslots import KeySlotFile


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    return office.kit(tmp_path / "kit", PETUGAS, LEAD)


def key_of(home: Home) -> bytes:
    return KeySlotFile.open(home.slots).unlock(ADMIN.user_id, PASSPHRASE, home.clock().now()).db_key


@pytest.mark.days
def test_everybody_signs_in_to_the_store_under_its_new_key(home: Home) -> None:
    with opened(home) as context:
        record(context)
    old = key_of(home)
    (home.path / "copies").mkdir(exist_ok=True)
    (home.path / "copies" / "kit-x.db").write_bytes(b"of the old key")
    rotate_key(home, ADMIN.user_id, PASSPHRASE)
    assert key_of(home) != old
    assert not fits(home.database, old)
    assert not list(home.path.glob("kit.db.next*"))
    assert not list(home.path.glob("copies/*.db"))
    for user in (PETUGAS, LEAD, ADMIN):
        with opened(home, user) as context:
            assert context.delivery.queue().sealed == 1
            assert context.audit.verify()[1] is None
    with opened(home) as context:
        assert context.delivery.send(Nobody(), Nobody()).stopped_by is None
    rotate_key(home, ADMIN.user_id, PASSPHRASE)
    with opened(home) as context:
        assert context.delivery.queue().sealed == 1


def test_only_an_admin_changes_the_key(home: Home) -> None:
    with pytest.raises(InputError, match=r"kit\.admin_only"):
        rotate_key(home, PETUGAS.user_id, PASSPHRASE)


def test_a_user_whose_slot_cannot_be_changed_is_named_and_nothing_happens(home: Home) -> None:
    file, old = slot_copies.read(home.slots), key_of(home)
    slot = replace(file.slot(LEAD.user_id), recipient_mac="00" * 32)
    slot_copies.write(home.slots, replace(file.with_slot(slot), generation=file.generation + 9))
    with pytest.raises(RuleError) as caught:
        rotate_key(home, ADMIN.user_id, PASSPHRASE)
    assert caught.value.problem.params == {"names": LEAD.name}
    assert key_of(home) == old
    assert fits(home.database, old)


@pytest.mark.days
@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_change_that_was_killed_is_ended_by_who_comes_next(home: Home, is_renamed: bool) -> None:
    from fieldkit.storage.copies import copy_store

    old, new = key_of(home), b"n" * 32
    copy_store(home.database, old, home.path / "kit.db.next", new)
    KeySlotFile.open(home.slots).begin_new_key(old, new, recovery_of(home))
    if is_renamed:
        (home.path / "kit.db.next").replace(home.database)
    with opened(home, LEAD) as context:
        assert context.user == LEAD
    assert key_of(home) == (new if is_renamed else old)
    assert not KeySlotFile.open(home.slots).is_changing
    assert not (home.path / "kit.db.next").exists()


def test_what_a_change_left_that_never_counted_is_taken_away(home: Home) -> None:
    for name in ("kit.db.next", "kit.db.next.part"):
        (home.path / name).write_bytes(b"under a key that nobody has")
    with opened(home):
        assert not list(home.path.glob("kit.db.next*"))


def recovery_of(home: Home) -> str:
    from fieldkit.vault import age

    assert home.is_enrolled
    return str(age.generate_identity().recipient)


def test_a_damaged_first_page_is_no_wrong_key(home: Home) -> None:
    content = home.database.read_bytes()
    home.database.write_bytes(b"\0" * 4096 + content[4096:])
    with pytest.raises(StoreError, match=r"store\.damaged"):
        fitting(home, [key_of(home)])
    with pytest.raises(StoreError, match=r"store\.damaged"):
        rotate_key(home, ADMIN.user_id, PASSPHRASE)


def test_a_slot_with_one_key_is_left_as_it_is(home: Home) -> None:
    slots = KeySlotFile.open(home.slots)
    slot = slots.unlock(ADMIN.user_id, PASSPHRASE, home.clock().now())
    assert settled(home, slots, slot) is slot


def test_the_key_is_not_changed_under_an_open_kit(home: Home) -> None:
    kit = LockedKit(home, Repository())
    with pytest.raises(StoreError, match=r"store\.in_use"):
        rotate_key(home, ADMIN.user_id, PASSPHRASE)
    kit.leave()
