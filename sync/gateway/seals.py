"""Reads what is inside a sealed file at the data center: age, the two signatures, the container, and its agreement."""

from __future__ import annotations

import re

from fieldkit.domain.errors import VaultError
from fieldkit.formats.container import read_container
from fieldkit.formats.record_check import check_record
from fieldkit.ports.vault import DeviceProofs, RecordOpener
from sync.gateway.opener import Circumstances, OpenedRecord, OpenSealed

# The seal proves who wrote a record, not what: these go into rows and a keyed hash.
_NIK = re.compile(r"[0-9]{16}", re.ASCII)
_PROVISIONAL = re.compile(r"SMT-[0-9A-Za-z._-]{3,60}", re.ASCII)
_RECORD_ID = re.compile(r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?", re.ASCII)


def reader_of(opener: RecordOpener, devices: DeviceProofs) -> OpenSealed:
    """Return the reading function of an `Opener` that holds the data center identity."""

    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        seal = opener.open(sealed, known.sealed_at, known.revoked, known.seen_at)
        record = read_container(seal.content)
        try:
            nik, provisional, amends = record.nik, record.provisional, record.amends
        except (KeyError, TypeError, AttributeError) as error:
            # These stand in the open objects of OSIA: the form promises nothing.
            raise VaultError("gateway.enrollment_incomplete") from error
        # Who has no NIK has the kit's own number, and nobody has both.
        is_known = _PROVISIONAL.fullmatch(provisional) if not nik else _NIK.fullmatch(nik) and not provisional
        if not is_known or not _RECORD_ID.fullmatch(amends):
            raise VaultError("gateway.enrollment_incomplete")
        note = check_record(record, seal, devices)
        return OpenedRecord(record.record_id, record.kit_id, record.link, nik, amends, note)

    return open_sealed
