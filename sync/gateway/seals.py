"""Reads what is inside a sealed file at the data center: age, the two signatures, the container, and its agreement."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress

from fieldkit.domain.errors import KnownError, VaultError
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from fieldkit.formats.container import read_container
from fieldkit.formats.record_authority import is_vouched_by
from fieldkit.formats.record_check import check_record
from fieldkit.ports.vault import DeviceProofs, OpenedSeal, RecordOpener
from sync.gateway.opener import Circumstances, OpenedRecord, OpenSealed, ReceivedVouch

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
        note = check_record(record, seal, devices, known.policy)
        about = (record.record_id, hashlib.sha256(sealed).hexdigest())
        if note == LEAD_WANTED and any(_holds(seal, each, about) for each in known.vouches):
            note = check_record(record, seal, devices, known.policy, is_vouched=True)
        return OpenedRecord(record.record_id, record.kit_id, record.link, nik, amends, note)

    return open_sealed


def _holds(seal: OpenedSeal, vouch: ReceivedVouch, about: tuple[str, str]) -> bool:
    """Return whether a team lead answers for the record; what is no signature of one is as if it were not there."""
    with suppress(KnownError):
        return is_vouched_by(seal, vouch.jws, vouch.certificate, vouch.received_at, about)
    return False
