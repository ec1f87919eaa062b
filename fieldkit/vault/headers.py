"""The header beside a sealed file: what the row in the queue needs and the manifest does not say.

Only this kit reads it. It is authenticated for one record, so that no header can be laid beside another file.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import textwrap
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fieldkit.domain.sealed import RecordHeader

BEGIN, END = "-----BEGIN FIELDKIT HEADER-----", "-----END FIELDKIT HEADER-----"
_INFO = b"fieldkit sealed header"
_KEY_BYTES, _NONCE_BYTES = 32, 12


class HeaderCipher:
    """Closes and opens headers under a key that follows from the kit's NIK key."""

    def __init__(self, nik_key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(HKDF(hashes.SHA256(), _KEY_BYTES, None, _INFO).derive(nik_key))

    def close(self, record_id: str, header: RecordHeader) -> str:
        """Return the block of text that holds a header."""
        content = {
            "target": header.target_id,
            "name": header.masked_name,
            "nik": header.masked_nik,
            "nik_digest": header.nik_digest,
            "place": header.place,
            "card_from": header.card_from.isoformat() if header.card_from else None,
            "exceptions": header.exceptions,
            "amends": header.amends,
        }
        nonce = os.urandom(_NONCE_BYTES)
        closed = nonce + self._cipher.encrypt(nonce, json.dumps(content).encode(), record_id.encode())
        lines = textwrap.wrap(base64.b64encode(closed).decode(), 64)
        return "\n".join((BEGIN, *lines, END, ""))

    def open(self, record_id: str, text: str) -> RecordHeader | None:
        """Return the header in a text, None where none is that this kit can read."""
        block = text.partition(BEGIN)[2].partition(END)[0]
        try:
            closed = base64.b64decode("".join(block.split()), validate=True)
            opened = self._cipher.decrypt(closed[:_NONCE_BYTES], closed[_NONCE_BYTES:], record_id.encode())
            content = json.loads(opened)
            return RecordHeader(
                target_id=str(content["target"]),
                masked_name=str(content["name"]),
                masked_nik=str(content["nik"]),
                nik_digest=str(content["nik_digest"]),
                place=str(content["place"]),
                card_from=date.fromisoformat(content["card_from"]) if content["card_from"] else None,
                exceptions=int(content["exceptions"]),
                amends=str(content["amends"]),
            )
        except (InvalidTag, ValueError, KeyError, TypeError, binascii.Error):
            return None
