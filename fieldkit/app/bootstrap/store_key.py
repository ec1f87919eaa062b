"""The key of the store: which one the store has, and how it is changed for another.

While it is changed the slots lead to both keys; the rename of the store decides, and whoever comes next ends the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.standing import demand_slot
from fieldkit.domain.errors import InputError, Recovery, StoreError, VaultError
from fieldkit.domain.people import Permission
from fieldkit.storage.copies import copy_store
from fieldkit.storage.engine import fits
from fieldkit.storage.failures import named_failures
from fieldkit.storage.home_lock import HomeLock, sync_folder
from fieldkit.storage.store import SqlStore, open_store
from fieldkit.vault.erasing import FileEraser
from fieldkit.vault.keyslots import DB_KEY_BYTES, KeySlotFile, OpenSlot

# What follows from the key of the store and is made anew from the store itself at the next sign-in.
_DERIVED = ("enrolment.sealed", "sessions/*.journal", "copies/*.db")


def rotate_key(home: Home, admin_id: str, passphrase: str) -> None:
    """Give the store another key, on the word of an admin; what had the old one opens nothing any more.

    Raise `RuleError` `vault.sign_in_first` (names), `InputError`, `VaultError`, `StoreError`.
    """
    home.demand_enrolled()
    lock = HomeLock(home.lock)
    try:
        slots = home.key_slots()
        opened = settled(home, slots, slots.unlock(admin_id, passphrase, home.clock().now()))
        if not opened.user.may(Permission.ADD_USERS):
            raise InputError("kit.admin_only", role=opened.user.role.value)
        slots.demand_changeable(opened.db_key)
        with opened_store(home, opened.db_key, slots.kit_id) as store:
            demand_slot(store, opened, home.clock().now())
            recovery = KitSettings.load(store).age_recipients[-1]
        _change(home, slots, opened.db_key, recovery)
        key = settled(home, slots, slots.unlock(admin_id, passphrase, home.clock().now())).db_key
        with opened_store(home, key, slots.kit_id) as store, store.write() as unit:
            unit.events.append("store_key_changed", slots.kit_id, {}, admin_id, home.clock().now())
    finally:
        lock.release()


def settled(home: Home, slots: KeySlotFile, opened: OpenSlot) -> OpenSlot:
    """Return the slot with the key that the store has. Raise `StoreError`, `VaultError` `vault.slots_unwritable`."""
    if opened.newer_key is None:
        return opened
    key = fitting(home, (opened.newer_key, opened.db_key))
    other = opened.db_key if key == opened.newer_key else opened.newer_key
    _end(home, slots, key, other)
    return replace(opened, db_key=key, newer_key=None)


def fitting(home: Home, keys: Sequence[bytes]) -> bytes:
    """Return the key that opens the store. Raise `StoreError("store.damaged")` when a key that is right does not."""
    with named_failures():
        for key in keys:
            if not home.database.exists() or fits(home.database, key):
                return key
    raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE)


def forget_unfinished(home: Home) -> None:
    """Take away a store under a next key that no slot leads to: its change was killed before it counted."""
    for left in home.path.glob(f"{_unfinished(home)}*"):
        left.unlink()


@contextmanager
def opened_store(home: Home, db_key: bytes, kit_id: str) -> Iterator[SqlStore]:
    """Open the store with a key that the slots vouch for: when it does not fit, the store is damaged.

    Raise `StoreError`, `store.gone` where there is none.
    """
    home.demand_store()
    clock = home.clock()
    try:
        store = open_store(home.database, db_key, kit_id, clock, UuidV7(clock))
    except VaultError as error:
        raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE) from error
    try:
        yield store
    finally:
        store.close()


def _change(home: Home, slots: KeySlotFile, old: bytes, recovery: str) -> None:
    new, unfinished = os.urandom(DB_KEY_BYTES), home.path / _unfinished(home)
    try:
        copy_store(home.database, old, unfinished, new)
        if home.database.with_name(f"{home.database.name}-wal").exists():
            raise StoreError("store.in_use", recovery=Recovery.RETRY)  # its pages would fall onto the new store
        slots.begin_new_key(old, new, recovery)
        unfinished.replace(home.database)
        sync_folder(home.path)
    finally:
        unfinished.unlink(missing_ok=True)
    _end(home, slots, new, old, recovery)


def _end(home: Home, slots: KeySlotFile, key: bytes, other: bytes, recovery: str = "") -> None:
    slots.settle(key, other, recovery)
    forget_unfinished(home)
    eraser = FileEraser()
    for pattern in _DERIVED:
        for path in sorted(home.path.glob(pattern)):
            eraser.erase(path)


def _unfinished(home: Home) -> str:
    return f"{home.database.name}.next"
