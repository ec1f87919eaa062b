"""Whether a key is the one of a store file whose first page does not open: any whole page proves it.

SQLCipher 4 ends each page of 4096 bytes with an IV of 16 and an HMAC-SHA-512 of 64 bytes over content, IV and page
number (little endian); the HMAC key is PBKDF2-HMAC-SHA-512 of the key over the salt XOR 0x3a, two rounds. The salt is
the first 16 bytes of the file.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

SALT_BYTES = 16
_PAGE_BYTES, _HMAC_BYTES = 4096, 64
_KEY_BYTES, _ROUNDS, _MASK = 32, 2, 0x3A


def key_fits(path: Path, key: bytes) -> bool:
    """Return whether any page of a store file was written with this key."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    salt = bytes(byte ^ _MASK for byte in content[:SALT_BYTES])
    hmac_key = hashlib.pbkdf2_hmac("sha512", key, salt, _ROUNDS, _KEY_BYTES)
    return any(_is_whole(page, number, hmac_key) for number, page in _pages(content))


def _pages(content: bytes) -> Iterator[tuple[int, bytes]]:
    for at in range(0, len(content) - _PAGE_BYTES + 1, _PAGE_BYTES):
        number = at // _PAGE_BYTES + 1
        yield number, content[at + (SALT_BYTES if number == 1 else 0) : at + _PAGE_BYTES]


def _is_whole(page: bytes, number: int, hmac_key: bytes) -> bool:
    said = hmac.new(hmac_key, page[:-_HMAC_BYTES] + number.to_bytes(4, "little"), "sha512").digest()
    return hmac.compare_digest(said, page[-_HMAC_BYTES:])
