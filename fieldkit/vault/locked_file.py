"""A small secret under a passphrase, as the bytes of a file: keys that wait for the answer of the office."""

from __future__ import annotations

import base64
import json
import os

from fieldkit.domain.errors import VaultError
from fieldkit.vault.passphrases import Hardness, cipher_of, new_kdf
from fieldkit.vault.slot_file import Kdf

_NONCE_BYTES = 12
_MAX_MEMORY_KIB, _MAX_ITERATIONS, _MAX_LANES = 1 << 20, 64, 16


def lock(secret: bytes, passphrase: str, purpose: str, hardness: Hardness) -> bytes:
    """Return what only the passphrase opens, and only for the same purpose."""
    kdf, nonce = new_kdf(hardness), os.urandom(_NONCE_BYTES)
    sealed = cipher_of(passphrase, kdf).encrypt(nonce, secret, purpose.encode())
    plain = {
        "argon2id": [kdf.memory_kib, kdf.iterations, kdf.lanes, base64.b64encode(kdf.salt).decode()],
        "sealed": base64.b64encode(nonce + sealed).decode(),
    }
    return json.dumps(plain).encode()


def unlock(content: bytes, passphrase: str, purpose: str) -> bytes:
    """Return the secret. Raise `VaultError` `vault.not_opened` for another passphrase, purpose or a damaged file."""
    from cryptography.exceptions import InvalidTag

    try:
        plain = json.loads(content)
        memory_kib, iterations, lanes, salt = plain["argon2id"]
        if not (memory_kib <= _MAX_MEMORY_KIB and iterations <= _MAX_ITERATIONS and lanes <= _MAX_LANES):
            raise ValueError("absurd costs")
        sealed = base64.b64decode(plain["sealed"], validate=True)
        kdf = Kdf(memory_kib, iterations, lanes, base64.b64decode(salt, validate=True))
        cipher = cipher_of(passphrase, kdf)
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise VaultError("vault.not_opened") from error
