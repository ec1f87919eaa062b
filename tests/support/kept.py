"""Things a kit keeps, and a store to keep them in, for the tests of everything that saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

from support.clock import NOW, HandClock

from fieldkit.domain.delivery import SealedRecord
from fieldkit.domain.nik import MaritalStatus, Nik, NoKk, Sex
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, ServiceCategory, Target
from fieldkit.domain.recording.biodata import Address, Biodata, Citizenship
from fieldkit.domain.recording.capture import CapturePolicy, QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import ChainLink
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.storage.store import SqlStore, open_store

KEY = bytes(range(32))
# Digests that the program notes of its writes come with the acts, as many as it likes.
ACTS = "SELECT count(*) FROM events WHERE kind <> 'state_kept'"
NIK = "3275014708790003"
NAME = "Sulastri Handayani"
MISINEM = Biodata(
    nik=Nik.parse("3505125207510003"),
    no_kk=NoKk.parse("3505120101200004"),
    name="MISINEM",
    birth_place="BLITAR",
    birth_date=date(1951, 7, 12),
    sex=Sex.FEMALE,
    blood_type=13,
    religion=1,
    marital_status=MaritalStatus.CERAI_MATI,
    family_relation=1,
    education=2,
    occupation=9,
    citizenship=Citizenship.WNI,
    address=Address("DUSUN KRAJAN", "003", "001", "JIMBE", "KADEMANGAN", "350512"),
    mother_name="PARTINAH",
)


class CountedIds:
    """Ids that tell their order; `prefix` keeps two runs apart."""

    def __init__(self, prefix: str = "id") -> None:
        self._prefix, self._numbers = prefix, count(1)

    def new(self) -> str:
        return f"{self._prefix}-{next(self._numbers):06d}"


def open_kit(home: Path, *, key: bytes = KEY, ids: str = "id") -> SqlStore:
    return open_store(home / "kit.db", key, "kit-1", HandClock(), CountedIds(ids))


def biodata(name: str = NAME, nik: str = NIK, street: str = "Jl. Melati 4") -> Biodata:
    return replace(
        MISINEM,
        nik=Nik(nik),
        no_kk=NoKk("3275010101010001"),
        name=name,
        birth_place="Bekasi",
        birth_date=date(1979, 8, 7),
        blood_type=1,
        marital_status=MaritalStatus.KAWIN,
        family_relation=3,
        education=4,
        occupation=2,
        address=Address(street, "003", "007", "Margahayu", "Bekasi Timur", "327501"),
    )


def activity(activity_id: str = "act-1", on: date = date(2026, 11, 21)) -> Activity:
    return Activity(activity_id, "Jemput bola", "Balai RW 07", on, ModePerekaman.LURING, "ST/12/2026", "sop-1")


def target(number: int = 1, who: Biodata | None = None, activity_id: str = "act-1") -> Target:
    return Target(f"target-{number}", activity_id, number, who or biodata(), ServiceCategory.LANSIA)


def session(session_id: str = "session-1", opened_at: datetime = NOW) -> CaptureSession:
    return CaptureSession(session_id, "act-1", "target-1", "user-1", opened_at, CapturePolicy("test"))


def sample(content: bytes = b"FIR\0 bytes of a finger", position: Position = Position.RIGHT_INDEX) -> Sample:
    return Sample(position, SampleFormat.ISO_19794_4, content, QualityScore(71, "test", "1"), None, ("finger.dry",))


def sealed(
    number: int = 1, link: ChainLink | None = None, who: Biodata | None = None, sha256: str = ""
) -> SealedRecord:
    """Return a record sealed `number` minutes after NOW."""
    person = who or biodata()
    return SealedRecord(
        record_id=f"record-{number}",
        session_id=f"session-{number}",
        activity_id="act-1",
        target_id=f"target-{number}",
        link=link or ChainLink("chain", number, ""),
        sealed_at=NOW + timedelta(minutes=number),
        size_bytes=1000 + number,
        sha256=sha256 or f"{number:064d}",
        manifest_jws=f"manifest-{number}",
        masked_name=person.masked_name,
        masked_nik=person.nik.masked,
        nik_digest=f"digest-of-{person.nik.digits}",
        place="Balai RW 07",
        card_from=date(2027, 1, 2),
        exceptions=0,
    )


def fill_queue(store: SqlStore, numbers: Sequence[int]) -> list[SealedRecord]:
    """Queue records on the kit's own chain."""
    records = []
    for number in numbers:
        with store.write() as unit:
            record = replace(sealed(number), link=unit.records.next_link())
            unit.records.add(record)
            records.append(record)
    return records
