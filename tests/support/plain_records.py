"""Records that anybody can read, for tests in which nothing has to be sealed."""

from __future__ import annotations

from fieldkit.domain.errors import VaultError
from fieldkit.domain.recording.record import ChainLink
from sync.gateway.opener import Circumstances, OpenedRecord


def open_plainly(sealed: bytes, _known: Circumstances) -> OpenedRecord:
    """Open the transparent records of these tests: `record id|kit|sequence|nik|amends` and padding."""
    try:
        parts = sealed.split(b"\0", 1)[0].decode("utf-8", "surrogatepass").split("|")
    except UnicodeDecodeError as error:
        raise VaultError("vault.age_malformed") from error
    if len(parts) != 5:
        raise VaultError("vault.age_malformed")
    return OpenedRecord(parts[0], parts[1], ChainLink("c1", int(parts[2]), ""), parts[3], parts[4])
