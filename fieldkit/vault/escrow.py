"""The key of the store for the recovery of the dinas: an age file beside the slots, which a lost passphrase leaves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from fieldkit.domain.errors import Recovery, VaultError
from fieldkit.vault import age
from fieldkit.vault.slot_seal import DB_KEY_BYTES

_FORM = re.compile(rb"fieldkit escrow ([^\n]+)\n(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Escrow:
    """What the recovery identity opens: two keys while the store's key is being changed, the old one first."""

    kit_id: str
    db_keys: tuple[bytes, ...] = field(repr=False)


def close(kit_id: str, db_keys: Sequence[bytes], recovery: str) -> bytes:
    """Return an age file for the recovery recipient of the dinas. Raise `InputError` `vault.age_recipient`."""
    return age.encrypt(f"fieldkit escrow {kit_id}\n".encode() + b"".join(db_keys), [age.Recipient.parse(recovery)])


def open_with(sealed: bytes, identities: Sequence[age.Identity]) -> Escrow:
    """Open it. Raise `VaultError` `vault.age_…`, or `vault.slots_damaged` for another content."""
    found = _FORM.fullmatch(age.decrypt(sealed, identities))
    if found is None or not found[2] or len(found[2]) % DB_KEY_BYTES:
        raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)
    keys = tuple(found[2][at : at + DB_KEY_BYTES] for at in range(0, len(found[2]), DB_KEY_BYTES))
    return Escrow(found[1].decode("utf-8", "replace"), keys)
