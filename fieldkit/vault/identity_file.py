"""A file with private age keys: plain, behind a passphrase, or closed by the key of a PKCS#11 token.

Behind a passphrase it is an age file that `age -d` opens too. However it lies on the disk, the process that opens
records holds the keys in its memory: no token can do the post-quantum half of the seal yet.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.media.place import Place
from fieldkit.vault import age, age_code
from fieldkit.vault.token import TokenKey

_IN_TOKEN = "fieldkit identity in a token"
_CLOSED = re.compile(rf"{_IN_TOKEN}\n(pkcs11:[^\n]+)\n([A-Za-z0-9+/=]+)\n", re.ASCII)
_AGE = b"age-encryption.org/v1\n"
_LOG_N = 18  # 256 MiB and a second: the passphrase of a person, asked for once a start; age's own default
_MOST_BYTES = 64 * 1024


class Secret(StrEnum):
    """What a person or a file beside must say before an identity file opens."""

    PASSPHRASE = "passphrase"
    PIN = "pin"


def read_identities(path: Path, secret: Callable[[Secret], str]) -> tuple[age.Identity, ...]:
    """Return the keys of a file; `secret` is asked only for what the file needs.

    Raise `InputError`: `vault.identity_absent`, `vault.identity_readable` (others than its owner may read it),
    `vault.age_identity` (no identity file), `vault.identity_passphrase`; `VaultError`: `vault.token_…`.
    """
    content = private_bytes(path)
    if content.startswith(_AGE):
        content = _decrypted(content, secret)
    elif content.startswith(_IN_TOKEN.encode()):
        key, closed = _in_token(content)
        content = key.open(closed, secret(Secret.PIN))
    return age.parse_identities(content.decode("ascii", "replace"))


def open_identities(path: Path) -> tuple[age.Identity, ...]:
    """Return the keys of a file that nothing locks, for what starts without anybody to ask.

    Raise `FileNotFoundError`, `InputError` `vault.identity_locked` and `vault.age_identity`.
    """
    content = Place.led_to(path).read(_MOST_BYTES)
    if content.startswith((_AGE, _IN_TOKEN.encode())):
        raise InputError("vault.identity_locked", file=str(path))
    return age.parse_identities(content.decode("ascii", "replace"))


def close_by_passphrase(identities: bytes, passphrase: str, log_n: int = _LOG_N) -> bytes:
    """Return an identity file that a passphrase opens; 2^`log_n` is what each guess costs. Raise `InputError`."""
    age.parse_identities(identities.decode("ascii", "replace"))
    return age_code.encrypt(identities, passphrase, log_n)


def close_by_token(identities: bytes, key: TokenKey, pin: str) -> bytes:
    """Return an identity file that only the token opens; its key is made when it is not there.

    Raise `InputError` `vault.age_identity`, `VaultError` `vault.token_…`.
    """
    age.parse_identities(identities.decode("ascii", "replace"))
    key.make(pin)
    closed = base64.b64encode(key.close(identities, pin)).decode()
    return f"{_IN_TOKEN}\n{key}\n{closed}\n".encode()


def private_bytes(path: Path) -> bytes:
    """Return the content of a file that nobody but its owner may touch. Raise `InputError` as `read_identities`."""
    try:
        with Place.led_to(path).open() as file:  # it may be a link to a mounted secret
            mode = os.fstat(file.fileno()).st_mode
            if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
                raise InputError("vault.identity_readable", file=str(path))
            return file.read(_MOST_BYTES)
    except OSError as error:  # not there, not ours to read, or no file: nobody waits for a pipe
        raise InputError("vault.identity_absent", file=str(path)) from error


def _decrypted(content: bytes, secret: Callable[[Secret], str]) -> bytes:
    if not age_code.wants_code(content):
        raise InputError("vault.age_identity")
    try:
        return age_code.decrypt(content, secret(Secret.PASSPHRASE))
    except VaultError as error:
        if error.code == "vault.age_no_identity":
            raise InputError("vault.identity_passphrase") from error
        raise InputError("vault.age_identity") from error


def _in_token(content: bytes) -> tuple[TokenKey, bytes]:
    found = _CLOSED.fullmatch(content.decode("ascii", "replace"))
    if found is None:
        raise InputError("vault.age_identity")
    try:
        return TokenKey.parse(found[1]), base64.b64decode(found[2], validate=True)
    except binascii.Error as error:
        raise InputError("vault.age_identity") from error
