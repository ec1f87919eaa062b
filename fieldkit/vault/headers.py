"""The header beside a sealed file: what the row in the queue needs and the manifest does not say.

Only this kit reads it. It is authenticated for one record, so that no header can be laid beside another file.
"""

from __future__ import annotations

import base64
import binascii
import json
import textwrap
from datetime import date

from fieldkit.domain.delivery.sealed import RecordHeader
from fieldkit.vault.derived import DerivedCipher

BEGIN, END = "-----BEGIN FIELDKIT HEADER-----", "-----END FIELDKIT HEADER-----"
_PURPOSE = "fieldkit sealed header"


class HeaderCipher:
    """Closes and opens headers under a key that follows from the kit's NIK key."""

    def __init__(self, nik_key: bytes) -> None:
        self._cipher = DerivedCipher(nik_key, _PURPOSE)

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
        closed = self._cipher.close(json.dumps(content).encode(), record_id.encode())
        lines = textwrap.wrap(base64.b64encode(closed).decode(), 64)
        return "\n".join((BEGIN, *lines, END, ""))

    def open(self, record_id: str, text: str) -> RecordHeader | None:
        """Return the header in a text, None where none is that this kit can read."""
        block = text.partition(BEGIN)[2].partition(END)[0]
        try:
            closed = base64.b64decode("".join(block.split()), validate=True)
            content = json.loads(self._cipher.open(closed, record_id.encode()) or b"")
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
        except (ValueError, KeyError, TypeError, binascii.Error):
            return None
