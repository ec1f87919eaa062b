"""Reads what is inside a sealed file at the data center: age, the two signatures, the container's digests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fieldkit.domain.errors import VaultError
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.container import read_container
from fieldkit.ports.vault import RecordOpener, SignerRole
from sync.gateway.opener import Circumstances, OpenedRecord, OpenSealed

# The seal proves who wrote a record, not what: these go into rows and a keyed hash.
_NIK = re.compile(r"[0-9]{16}", re.ASCII)
_RECORD_ID = re.compile(r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?", re.ASCII)


def reader_of(opener: RecordOpener) -> OpenSealed:
    """Return the reading function of an `Opener` that holds the data center identity."""

    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        seal = opener.open(sealed, known.sealed_at, known.revoked, known.seen_at)
        record = read_container(seal.content)
        kits = [signer.signer_id for signer in seal.signers if signer.role is SignerRole.KIT]
        if kits != [record.kit_id]:
            raise VaultError("gateway.record_mismatch")
        try:
            missing = set(Position) - {sample.position for sample in record.samples} - _excused(record.enrollment)
            opened = OpenedRecord(record.record_id, record.kit_id, record.link, record.nik, record.amends, seal.note)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            # These stand in the open objects of OSIA: the form promises nothing.
            raise VaultError("gateway.enrollment_incomplete") from error
        if not _NIK.fullmatch(opened.nik) or not _RECORD_ID.fullmatch(opened.amends):
            raise VaultError("gateway.enrollment_incomplete")
        if missing:
            raise VaultError("gateway.biometrics_incomplete", positions=", ".join(sorted(missing)))
        return opened

    return open_sealed


def _excused(enrollment: Mapping[str, Any]) -> set[Position]:
    """Return the positions that the team excepted or could not acquire, with their reasons in the record."""
    context = enrollment["contextualData"]
    excepted = [mark["position"] for mark in context["exceptions"]]
    return {Position(name) for name in (*excepted, *context["failedToAcquire"])}
