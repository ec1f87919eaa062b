"""Open a backup with a secret to see that its store is whole and that the dinas certified who made it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fieldkit.app.bootstrap.backup_folder import DATABASE, SLOTS, ReadStatement
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.domain.errors import InputError, StoreError, VaultError
from fieldkit.media.carried_files import carry_file
from fieldkit.media.place import Place
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SignerRole
from fieldkit.storage.copies import check_copy
from fieldkit.storage.store import open_store
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.keyslots import KeySlotFile, OpenSlot

Unlock = Callable[[KeySlotFile, datetime], OpenSlot]


@dataclass(frozen=True, slots=True)
class Proven:
    """A backup that somebody's secret opened and whose maker is known to the CA inside its store."""

    digest: str  # of the signed statement
    opened_by: str  # user_id


def by_passphrase(user_id: str, passphrase: str) -> Unlock:
    """Open the slot of a user; without `user_id` that of the only one. Raise `InputError("cli.which_user")`."""

    def unlock(slots: KeySlotFile, now: datetime) -> OpenSlot:
        people = slots.names()
        if not user_id and len(people) != 1:
            raise InputError("cli.which_user", users=", ".join(person.user_id for person in people))
        return slots.unlock(user_id or people[0].user_id, passphrase, now)

    return unlock


def by_sheet(code: str) -> Unlock:
    """Open the slot of a recovery sheet."""
    return lambda slots, now: slots.open_sheet(code, now)


def check_opens(folder: Place, read: ReadStatement, unlock: Unlock, clock: Clock) -> Proven:
    """Open the store of a backup.

    All of it happens on a copy: a backup that somebody tried to open must stay as it was signed. Raise `InputError`
    `cli.which_user`; `VaultError` for a secret that does not fit or a maker whom the dinas does not know;
    `StoreError`: `backup.damaged`, `store.damaged`.
    """
    with tempfile.TemporaryDirectory(prefix="fieldkit-") as temporary:
        place = Path(temporary)
        for file in (each for each in read.stated.files if each.name == DATABASE or SLOTS.fullmatch(each.name)):
            if carry_file(folder / file.name, Place(place) / file.name).sha256 != file.sha256:
                raise StoreError("backup.damaged", count=1, names=file.name)
        slots = KeySlotFile.open(place / "keyslots.json")
        opened = unlock(slots, clock.now())
        check_copy(place / DATABASE, opened.db_key)
        store = open_store(place / DATABASE, opened.db_key, slots.kit_id, clock, UuidV7(clock))
        try:
            authority = KitSettings.load(store).ca_certificate
        finally:
            store.close()
    demand_maker(read, authority)
    return Proven(read.digest, opened.user.user_id)


def demand_maker(read: ReadStatement, authority: bytes) -> None:
    """Raise `VaultError` unless a kit of this name signed the statement, certified by the CA (DER) then."""
    signer = verify_signer(read.certificate, [authority], read.stated.made_at)
    if (signer.role, signer.signer_id) != (SignerRole.KIT, read.stated.kit):
        raise VaultError("proof.other_kit", kit=read.stated.kit, signer=signer.signer_id)
