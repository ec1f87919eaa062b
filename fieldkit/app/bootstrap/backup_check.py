"""Open a backup with a passphrase to see that its store is whole and that the dinas certified who made it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from fieldkit.app.bootstrap.backup_folder import DATABASE, ReadStatement
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.domain.errors import InputError, VaultError
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SignerRole
from fieldkit.storage.copies import check_copy
from fieldkit.storage.store import open_store
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.keyslots import KeySlotFile


def check_opens(folder: Path, read: ReadStatement, user_id: str, passphrase: str, clock: Clock) -> str:
    """Return the user_id whose passphrase opened the store of a verified backup.

    All of it happens on a copy: a backup that somebody tried to open must stay as it was signed. Raise `InputError`
    `cli.which_user`; `VaultError` for a passphrase that does not fit or a maker whom the dinas does not know;
    `StoreError("store.damaged")`.
    """
    with tempfile.TemporaryDirectory(prefix="fieldkit-") as temporary:
        place = Path(temporary)
        for file in (*folder.glob("keyslots*.json"), *folder.glob("escrow*.age"), folder / DATABASE):
            shutil.copyfile(file, place / file.name)
        slots = KeySlotFile.open(place / "keyslots.json")
        people = slots.names()
        if not user_id and len(people) != 1:
            raise InputError("cli.which_user", users=", ".join(person.user_id for person in people))
        opened = slots.unlock(user_id or people[0].user_id, passphrase, clock.now())
        check_copy(place / DATABASE, opened.db_key)
        store = open_store(place / DATABASE, opened.db_key, slots.kit_id, clock, UuidV7(clock))
        try:
            authority = KitSettings.load(store).ca_certificate
        finally:
            store.close()
    signer = verify_signer(read.certificate, [authority], read.stated.made_at)
    if (signer.role, signer.signer_id) != (SignerRole.KIT, read.stated.kit):
        raise VaultError("proof.other_kit", kit=read.stated.kit, signer=signer.signer_id)
    return opened.user.user_id
