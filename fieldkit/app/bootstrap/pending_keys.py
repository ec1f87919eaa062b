"""Keys that were made and not answered yet: kept before the first byte leaves, so that no failure burns a slip.

The same request gets the same answer from the gateway, so the certificate requests are kept byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldkit.domain.errors import VaultError
from fieldkit.storage.reserve import with_room
from fieldkit.vault import certificates, locked_file
from fieldkit.vault.certificates import make_csr
from fieldkit.vault.durable import sync_folder, write_durably
from fieldkit.vault.erasing import FileEraser
from fieldkit.vault.passphrases import Hardness
from fieldkit.vault.slot_seal import DB_KEY_BYTES

_NAME = "enrolment.pending"
_PURPOSE = "fieldkit pending enrolment v1"


class PendingKeys(BaseModel):
    """What a slip asks certificates for. Keys are DER; `db_key` is there for a kit that is made anew."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    code_sha256: str
    admin_id: str
    kit_private: bytes
    kit_csr: bytes
    admin_private: bytes
    admin_csr: bytes
    db_key: bytes
    nik_key: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks: the slip's code, the admin and the passphrase that closes what waits."""

    code: str
    admin_id: str
    passphrase: str


def keep_or_make(folder: Path, asked: Asked, hardness: Hardness, kit_private: bytes = b"") -> PendingKeys:
    """Return the keys of an earlier try with this slip, else new ones; they are on the disk when this returns.

    What another passphrase closed, or was for another slip, is set aside until an enrolment succeeds. A kit that is
    known keeps its `kit_private`. Raise `OSError`.
    """
    path = folder / _NAME
    kept = _read(path, asked.passphrase)
    if kept is not None and (kept.code_sha256, kept.admin_id) == (digest_of(asked.code), asked.admin_id):
        return kept
    if path.exists():
        path.rename(folder / f"{_NAME}.aside-{secrets.token_hex(4)}")
    kit_private, admin_private = kit_private or certificates.new_private_key(), certificates.new_private_key()
    made = PendingKeys(
        code_sha256=digest_of(asked.code),
        admin_id=asked.admin_id,
        kit_private=kit_private,
        kit_csr=make_csr(kit_private),
        admin_private=admin_private,
        admin_csr=make_csr(admin_private),
        db_key=os.urandom(DB_KEY_BYTES),
        nik_key=os.urandom(32),
    )
    locked = locked_file.lock(made.model_dump_json().encode(), asked.passphrase, _PURPOSE, hardness)
    with_room(path, lambda: write_durably(path, locked))
    return made


def erase(folder: Path) -> None:
    """Take the keys away once the kit has them in its own places. Raise `VaultError` `vault.erase_failed`."""
    for path in sorted(folder.glob(f"{_NAME}*")):
        FileEraser().erase(path)
    with_room(folder / _NAME, lambda: sync_folder(folder))


def are_kept(folder: Path) -> bool:
    """Return whether keys still wait here: what they were asked for has not come to its end."""
    return (folder / _NAME).exists()


def digest_of(code: str) -> str:
    """Return what recognises a slip's code."""
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def _read(path: Path, passphrase: str) -> PendingKeys | None:
    try:
        return PendingKeys.model_validate_json(locked_file.unlock(path.read_bytes(), passphrase, _PURPOSE))
    except (OSError, VaultError, ValidationError):
        return None
