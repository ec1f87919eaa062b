"""Files beside the store, encrypted under keys that follow from one the kit has anyway."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES, _NONCE_BYTES = 32, 12


class DerivedCipher:
    """Implements `Cipher`: ChaCha20-Poly1305 under HKDF-SHA-256 of a key, one derived key per purpose and salt."""

    def __init__(self, key: bytes, purpose: str, salt: bytes | None = None) -> None:
        self._key, self._purpose = HKDF(hashes.SHA256(), _KEY_BYTES, salt, purpose.encode()).derive(key), purpose
        self._cipher = ChaCha20Poly1305(self._key)

    def close(self, content: bytes, about: bytes) -> bytes:
        """Return nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, about)

    def open(self, closed: bytes, about: bytes) -> bytes | None:
        """Return what was closed, None when it is damaged, of another key or about something else."""
        try:
            return self._cipher.decrypt(closed[:_NONCE_BYTES], closed[_NONCE_BYTES:], about)
        except (InvalidTag, ValueError):
            return None

    def salted(self, salt: bytes) -> DerivedCipher:
        """Return the cipher of one file: without its salt nothing that it closed opens again."""
        return DerivedCipher(self._key, self._purpose, salt)
