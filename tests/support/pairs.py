"""Sealed files with their manifests, as they lie in a kit's home, without a kit that sealed them."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

from support.clock import NOW
from support.laptops import dinas, kit_key

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.vault import certificates, slot_copies
from fieldkit.vault.device_trust import JwsSigner
from fieldkit.vault.slot_file import SlotFile

KIT = "K01"


def lay_pair(folder: Path, content: bytes = b"sealed " * 1000, kit: str = KIT, record_id: str = "") -> str:
    """Lay a sealed file with its manifest into a folder and return its record id."""
    folder.mkdir(parents=True, exist_ok=True)
    record_id = record_id or str(uuid.uuid4())
    key = kit_key(kit, dinas())
    stated = {
        "record_id": record_id,
        "kit": kit,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "sealed_at": NOW.isoformat(),
        "sequence": 1,
    }
    token = JwsSigner(key.private_der, kit).sign(stated, MANIFEST_TYP)
    text = f"{token}\n{certificates.certificates_to_pem(key.certificate_der)}"
    (folder / f"{record_id}.manifest").write_text(text, "ascii")
    (folder / f"{record_id}.age").write_bytes(content)
    return record_id


def lay_home(home: Path, records: int = 3, kit: str = KIT) -> list[str]:
    """Lay a dead kit's home: sealed records and nothing that opens anything but the names in its slots."""
    home.mkdir(parents=True, exist_ok=True)
    slot_copies.write(home / "keyslots.json", SlotFile(kit, ("00" * 8,), b"", generation=1))
    (home / "kit.db").write_bytes(b"\0" * 4096)
    return [lay_pair(home / "sealed", f"record {n} ".encode() * 20_000, kit) for n in range(records)]
