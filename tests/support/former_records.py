"""Containers as the program before wrote them, and as one to come may; by a writer of its own."""

from __future__ import annotations

import hashlib
import json
import zipfile
from io import BytesIO
from typing import Any

from fieldkit.formats.container import read_container


def former(content: bytes) -> bytes:
    """Return a container of the second version with what is in another one: what a device signed stands there whole."""
    record = read_container(content)
    told = {
        "chain": record.link.chain,
        "entries": {name: described(data) for name, data in sorted(record.entries.items())},
        "kit": record.kit_id,
        "previous": record.link.previous,
        "record_id": record.record_id,
        "sequence": record.link.sequence,
        "version": 2,
    }
    return zipped(told, dict(record.entries))


def newer(_content: bytes) -> bytes:
    """Return a container of a version that is yet to come: nothing of it but the version is known."""
    return zipped({"version": 5, "parts": []}, {"parts/1.cbor": b""})


def described(data: bytes, **more: object) -> dict[str, object]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), **more}


def zipped(contents: dict[str, Any], entries: dict[str, bytes]) -> bytes:
    """Return a container with these entries and whatever is said of them."""
    listed = json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {"contents.json": listed, **dict(sorted(entries.items()))}.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, data)
    return out.getvalue()
