"""Records that were truly sealed and found valid, and another side that does what a test tells it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.gateway import Kit, receive
from support.lenient import be_lenient
from support.records import small_draft

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.formats.container import write_container
from fieldkit.ports.delivery import Answer, HandOver, OnwardState, Outcome
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.age import parse_identities
from fieldkit.vault.cms import RecordSealer, SealOpener
from fieldkit.vault.device_trust import SealedProofs
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Opener
from sync.gateway.seals import reader_of
from sync.protocol.messages import Announcement


def opener_of(folder: Path, gateway_context: GatewayContext) -> SealOpener:
    identities = parse_identities((folder / "opener.identity").read_text())
    return SealOpener(identities, [gateway_context.authority.certificate_der])


def valid_record(folder: Path, gateway_context: GatewayContext, kit: Kit, nik: str = "3315014107900001") -> str:
    """Let a truly sealed record arrive and be found valid; return its id."""
    record_id, sealed, manifest = sealed_record(gateway_context, kit, nik)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    assert Opener(
        gateway_context, reader_of(opener_of(folder, gateway_context), SealedProofs()), NikRule()
    ).run_pending()
    return record_id


def sealed_record(gateway_context: GatewayContext, kit: Kit, nik: str) -> tuple[str, bytes, str]:
    be_lenient(gateway_context)
    record_id, now = str(uuid.uuid4()), kit.clock.now()
    kit.sequence += 1
    content = write_container(small_draft(record_id, kit.name, nik, kit.sequence, at=now))
    recipients = gateway_context.configuration.age_recipients
    sealed = (
        RecordSealer(SigningKey(kit.answer.kit_certificate, kit.key), kit.petugas, recipients).seal(content, now).data
    )
    manifest = {
        "record_id": record_id,
        "kit": kit.name,
        "size_bytes": len(sealed),
        "sha256": hashlib.sha256(sealed).hexdigest(),
        "sealed_at": now.isoformat(),
        "activity_id": "kegiatan-1",
        "chain": "c1",
        "sequence": kit.sequence,
        "previous": "",
    }
    return record_id, sealed, kit.signer.sign(manifest, MANIFEST_TYP)


def hand_over(record_id: str, is_again: bool = False, nik: str = "3315014107900001") -> HandOver:
    enrollment = {
        "enrollmentId": record_id,
        "status": "FINALIZED",
        "enrollmentType": "baru",
        "contextualData": {"enrollmentDate": "2026-11-21"},
        "biographicData": {"nik": nik},
        "biometricData": [{"biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": "AAAA"}],
    }
    files = {"record.an2": b"an2", "samples/PORTRAIT.fac": b"face"}
    return HandOver(
        "kit-01", record_id, f"t-{record_id}", "p", is_again, json.dumps(enrollment).encode(), lambda: files
    )


@dataclass
class OtherSide:
    """Implements `Onward`: says of each record what `says` returns, and keeps what it was given."""

    says: Callable[[HandOver], Outcome] = lambda record: Outcome(OnwardState.HANDED_OVER, batch="000001")
    name: str = "SIAK"
    batch_size: int = 2
    given: list[list[HandOver]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def hand_over(self, records: Sequence[HandOver]) -> Sequence[Outcome]:
        self.given.append(list(records))
        return [self.says(record) for record in records]

    def collect(self, settle: Callable[[Answer], str]) -> None:
        while self.answers:
            self.faults.append(settle(self.answers[0]))
            self.answers.pop(0)

    def close(self) -> None: ...
