"""Years of work in a kit's home, laid down through its storage: everybody recorded, delivered and purged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from support.again import NikByRote
from support.kept import session, target

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.demo.kit import ACTIVITY, DEMO_PASSPHRASE, PETUGAS, PINS
from fieldkit.domain.cards.card import CardCase, Document, Place, Printed
from fieldkit.domain.delivery import MANIFEST_TYP, STATE, STATE_KEPT, Anchor, AnchorSource, DeliveryState, SealedRecord
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.planning.outreach import Target, TargetState
from fieldkit.domain.recording.record import ChainLink
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.sop.run_sop import read_glance
from fieldkit.storage.mappers import record_values, session_values, target_values
from fieldkit.storage.store import SqlStore, open_store
from fieldkit.storage.tables import central_statuses, sealed_records, sessions, targets
from fieldkit.storage.unit import SqlUnit
from fieldkit.vault.bundles import SignedManifests
from fieldkit.vault.device_trust import JwsSigner
from fieldkit.vault.keyslots import KeySlotFile

YEARS = 3
PER_ACTIVITY, PER_LETTER, PER_RUN = 60, 7, 10
_WAY = ("BIO_CAPTURED", "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
_NIKS = NikByRote()


def grow_old(home: Home, records: int) -> None:
    """Add so many delivered people to an enrolled demo kit.

    Each person leaves a target, a session, a record, four statuses, a visit, a card and three events; 60 share an
    activity with its SOP, 10 a run of delivery with its anchor, and every seventh has a letter. Manifests lie in files
    of their own, as older programs left them; the next look after the store archives them.
    """
    with _opened(home) as store:
        work = _Work(store, KitSettings.load(store), records)
        sealed = [work.record(number) for number in range(records)]
        with store.write() as unit:
            work.add_activities(unit)
            execute = unit.connection.execute
            execute(targets.insert(), [target_values(_target(record)) for record in sealed])
            execute(sessions.insert(), [session_values(_session(record)) for record in sealed])
            execute(sealed_records.insert(), [_delivered(record) for record in sealed])
            execute(central_statuses.insert(), [said for record in sealed for said in _said(record)])
            unit.repository(Visit).save_all(map(_visit, sealed))
            unit.repository(CardCase).save_all(map(_card, sealed))
            unit.repository(Letter).save_all(map(_letter, sealed[::PER_LETTER]))
            for number, record in enumerate(sealed):
                _add_events(unit, record, is_run=number % PER_RUN == 0)
            head, clock = unit.events.head(), unit.settings.get("clock") or {}
            if head is not None:  # as the last run of delivery, which told the time, left it
                unit.settings.put("clock", {**clock, "after": {"chain": head.chain, "sequence": head.sequence}})
            unit.connection.exec_driver_sql("DELETE FROM touched")  # each write of these years noted its own
        with store.write() as unit:
            unit.revisions.catch_up(work.now)
    for record in sealed:
        (home.sealed / f"{record.record_id}.manifest").write_text(work.manifests.text(record), "ascii")


@contextmanager
def _opened(home: Home) -> Iterator[SqlStore]:
    clock, slots = home.clock(), KeySlotFile.open(home.slots)
    passphrase = DEMO_PASSPHRASE.format(pin=PINS[PETUGAS.user_id])
    opened = slots.unlock(PETUGAS.user_id, passphrase, clock.now())
    store = open_store(home.database, opened.db_key, slots.kit_id, clock, UuidV7(clock))
    try:
        yield store
    finally:
        store.close()


class _Work:
    """What the kit signs with, and the days on which its records were sealed, evenly over the years."""

    def __init__(self, store: SqlStore, settings: KitSettings, records: int) -> None:
        self.now = store._clock.now()
        self.manifests = SignedManifests(
            settings.kit_id, settings.kit_certificate, settings.ca_certificate, settings.nik_key
        )
        self._records, self._kit = records, settings.kit_id
        self._signer = JwsSigner(settings.kit_private, settings.kit_id)
        with store.read() as unit:
            self._chain = unit.records.next_link().chain

    def add_activities(self, unit: SqlUnit) -> None:
        activity, run = unit.activities.get(ACTIVITY), unit.repository(SopRun).get(ACTIVITY)
        for number in range(0, self._records, PER_ACTIVITY):
            activity_id = _activity_id(number)
            unit.activities.save(replace(activity, activity_id=activity_id, on=self._sealed_at(number).date()))
            begun = replace(run, thing_id=activity_id, activity_id=activity_id)
            unit.repository(SopRun).save(begun)
            unit.repository(type(read_glance(unit, begun))).save(read_glance(unit, begun))

    def record(self, number: int) -> SealedRecord:
        record_id, sha256 = f"0190-{number:08}", f"{number:064x}"
        session_id, previous = f"session-{number:08}", f"{number - 1:064x}" if number else ""
        stated = {
            "record_id": record_id,
            "kit": self._kit,
            "size_bytes": 1_800_000,
            "sha256": sha256,
            "sealed_at": self._sealed_at(number).isoformat(),
            "activity_id": _activity_id(number),
            "chain": self._chain,
            "sequence": number + 1,
            "previous": previous,
            "session_id": session_id,
        }
        return SealedRecord(
            record_id=record_id,
            session_id=session_id,
            activity_id=_activity_id(number),
            target_id=f"target-{number:08}",
            link=ChainLink(self._chain, number + 1, previous),
            sealed_at=self._sealed_at(number),
            size_bytes=1_800_000,
            sha256=sha256,
            manifest_jws=self._signer.sign(stated, MANIFEST_TYP),
            masked_name=f"PENDUDUK {number}",
            masked_nik="350512••••••0001",
            nik_digest=_NIKS.digest(f"{number:016}"),
            place="Desa Jimbe",
            card_from=None,
            exceptions=0,
        )

    def _sealed_at(self, number: int) -> datetime:
        return self.now - (self._records - number) * (timedelta(days=YEARS * 365) / self._records)


def _activity_id(number: int) -> str:
    return f"day-{number // PER_ACTIVITY:05}"


def _target(record: SealedRecord) -> Target:
    one = target(activity_id=record.activity_id)
    return replace(one, target_id=record.target_id, state=TargetState.RECORDED)


def _session(record: SealedRecord) -> CaptureSession:
    one = session(record.session_id, record.sealed_at)
    ids = {"activity_id": record.activity_id, "target_id": record.target_id, "record_id": record.record_id}
    return replace(one, **ids, phase=Phase.SEALED)


def _delivered(record: SealedRecord) -> dict[str, Any]:
    delivered = {
        "state": DeliveryState.PURGED.value,
        "offset_bytes": record.size_bytes,
        "acknowledged_at": record.sealed_at + timedelta(hours=8),
        "receipt_jws": record.manifest_jws,  # as long as a receipt
    }
    return record_values(record) | delivered


def _said(record: SealedRecord) -> Iterator[dict[str, Any]]:
    for hours, code in enumerate(_WAY, 8):
        said = {"code": code, "source": "uji coba", "observed_at": record.sealed_at + timedelta(hours=hours)}
        yield {"record_id": record.record_id, **said, "reason": "", "verdict": "valid"}


def _visit(record: SealedRecord) -> Visit:
    begun, visit_id = record.sealed_at - timedelta(minutes=9), f"visit-{record.record_id}"
    outcome = Outcome.DIREKAM
    who = PETUGAS.user_id
    return Visit(visit_id, record.activity_id, record.target_id, who, begun, record.sealed_at, outcome)


def _card(record: SealedRecord) -> CardCase:
    printed = Printed(record.sealed_at + timedelta(days=3), PETUGAS.user_id, f"B-{record.record_id}")
    person = record.masked_name, record.masked_nik, record.place
    return CardCase(
        *(record.record_id, record.activity_id, Document.KTP_EL, f"R-{record.record_id}", *person),
        *((printed,), Place.PERSON, record.record_id),
    )


def _letter(record: SealedRecord) -> Letter:
    return Letter(
        thing_id=f"letter-{record.record_id}",
        activity_id=record.activity_id,
        letter=LetterKind.SURAT_PEMBERITAHUAN,
        title="Surat pemberitahuan",
        provisional=f"sementara {record.link.sequence}",
        fields={"perihal": "Perekaman KTP-el", "isi": "Dengan hormat, " * 60},
        made_by=PETUGAS.user_id,
        made_at=record.sealed_at,
        state=LetterState.ISSUED,
        digest=record.sha256,
        issued_at=record.sealed_at,
    )


def _add_events(unit: SqlUnit, record: SealedRecord, *, is_run: bool) -> None:
    at, events = record.sealed_at, unit.events
    events.append("record_sealed", record.session_id, {"record": record.record_id, "sha256": record.sha256}, "u", at)
    events.append("record_acknowledged", record.record_id, {"receipt": record.sha256}, "sync", at)
    events.append(STATE_KEPT, STATE, {"kept": {f"targets/{record.activity_id}": record.sha256}}, "program", at)
    if is_run and (head := events.head()) is not None:
        unit.anchors.keep(Anchor(head.chain, head.sequence, head.digest, at, AnchorSource.CENTER, record.manifest_jws))
