"""Which closing of a key slot the store knows last: slots of before that are put back beside it open it no more.

The key of the store lies in the older slots too. Whoever has such a slot, its passphrase, the disk and a program of his
own is kept out by another key of the store only (`rotate_key`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from fieldkit.domain.errors import Recovery, StoreError, VaultError
from fieldkit.ports.store import Store
from fieldkit.vault.keyslots import KeySlotFile, OpenSlot


def demand_latest(store: Store, opened: OpenSlot) -> None:
    """Refuse a slot that was closed anew since; learn of one that this store, perhaps an older copy, does not know yet.

    Raise `VaultError` `vault.slot_replaced`.
    """
    with store.read() as unit:
        known = unit.settings.get(_name(opened.slot_id)) or {"now": "", "past": []}
    if opened.mark in known["past"]:
        raise VaultError("vault.slot_replaced", recovery=Recovery.ASK_OFFICE, name=opened.user.name)
    if opened.mark != known["now"]:
        with suppress(StoreError):  # a full disk keeps nobody out; the next sign-in learns of it
            _keep(store, opened.slot_id, opened.mark)


@contextmanager
def closing_anew(store: Store, slots: KeySlotFile, user_id: str) -> Iterator[None]:
    """Let the slots of a user be closed anew or taken away; what they were before opens this store no more."""
    before = slots.marks(user_id)
    yield
    after = slots.marks(user_id)
    for slot_id, mark in before.items():
        if after.get(slot_id) != mark:
            _keep(store, slot_id, after.get(slot_id, ""), mark)


def _keep(store: Store, slot_id: str, now: str, before: str = "") -> None:
    with store.write() as unit:
        known = unit.settings.get(_name(slot_id)) or {"now": "", "past": []}
        past = {*known["past"], known["now"], before} - {"", now}
        unit.settings.put(_name(slot_id), {"now": now, "past": sorted(past)})


def _name(slot_id: str) -> str:
    return f"slot.{slot_id}"
