"""age v1 files that open by a code (the `scrypt` recipient of the C2SP age specification); `age -d` opens them too."""

from __future__ import annotations

import os
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.vault import age

_KIND = "scrypt"
_LABEL = b"age-encryption.org/v1/scrypt"
_SALT_BYTES, _WRAPPED_BYTES = 16, 32
# 64 MiB, a quarter of a second. The code itself has 80 random bits: stretching it is a second lock, not the first.
_LOG_N = 16
_MOST_LOG_N = 18  # what a foreign file may ask of this laptop: 256 MiB
_LOG_N_SPELLING = re.compile("[1-9][0-9]?")  # the specification: decimal without leading zeros
_NO_NONCE = bytes(12)
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that reads like something else
_LOOK_ALIKES = str.maketrans("OIL", "011")
_CODE_SIGNS, _GROUP = 16, 4


def new_code() -> str:
    """Return 80 random bits as `XXXX-XXXX-XXXX-XXXX`."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_CODE_SIGNS))
    return "-".join(signs[at : at + _GROUP] for at in range(0, _CODE_SIGNS, _GROUP))


def spelled(typed: str) -> str:
    """Return a code as it was made, however it was typed. Raise `InputError("exchange.wrong_code")`."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(_LOOK_ALIKES)
    if len(signs) != _CODE_SIGNS or not set(signs) <= set(_SIGNS):
        raise InputError("exchange.wrong_code")
    return "-".join(signs[at : at + _GROUP] for at in range(0, _CODE_SIGNS, _GROUP))


def encrypt(plaintext: bytes, code: str, log_n: int = _LOG_N) -> bytes:
    """Return an age file that the code opens, and nothing else; 2^`log_n` is what each guess costs (at most 2^18)."""
    salt = os.urandom(_SALT_BYTES)

    def stanza(file_key: bytes) -> tuple[tuple[str, ...], bytes]:
        wrapped = ChaCha20Poly1305(_stretched(code, salt, log_n)).encrypt(_NO_NONCE, file_key, None)
        return (_KIND, age.unpadded(salt).decode(), str(log_n)), wrapped

    return age.encrypt_to(plaintext, [stanza])


def decrypt(ciphertext: bytes, code: str) -> bytes:
    """Return the plaintext. Raise `VaultError` as `age.decrypt`; `vault.age_no_identity` is a wrong code."""
    return age.decrypt_by(ciphertext, lambda stanzas: _file_key(stanzas, code))


def wants_code(file: bytes) -> bool:
    """Return whether a file opens by a code. Raise `VaultError` `vault.age_malformed`."""
    return any(arguments[0] == _KIND for arguments, _ in age.stanzas_in(file))


def _file_key(stanzas: age.Stanzas, code: str) -> bytes:
    # The specification: a scrypt stanza stands alone, so that whoever knows the code knows who can read it.
    if len(stanzas) != 1 or stanzas[0][0][0] != _KIND:
        raise VaultError("vault.age_no_identity")
    arguments, body = stanzas[0]
    if len(arguments) != 3 or len(body) != _WRAPPED_BYTES or not _LOG_N_SPELLING.fullmatch(arguments[2]):
        raise VaultError("vault.age_malformed")
    salt, log_n = age.padded(arguments[1].encode()), int(arguments[2])
    if len(salt) != _SALT_BYTES or log_n > _MOST_LOG_N:
        raise VaultError("vault.age_malformed")
    try:
        return ChaCha20Poly1305(_stretched(code, salt, log_n)).decrypt(_NO_NONCE, body, None)
    except InvalidTag as error:
        raise VaultError("vault.age_no_identity") from error


def _stretched(code: str, salt: bytes, log_n: int) -> bytes:
    return Scrypt(salt=_LABEL + salt, length=32, n=2**log_n, r=8, p=1).derive(code.encode())
