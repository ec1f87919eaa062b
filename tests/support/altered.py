"""A genuine record whose content is altered, then sealed anew, properly, by certificates of the same authority."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from support.clock import NOW
from support.room import KIT, LEAD, PETUGAS, Keys, Room, make_keys
from support.samples import Signed, device_evidence, provider

from drivers.simulators.sbi.service import Provider
from fieldkit.domain.events import canonical_json, digest_of
from fieldkit.domain.recording.capture import CapturePolicy, ExceptionInk, StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.formats import container
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.record_check import check_record
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import certificates as vault_keys
from fieldkit.vault.certificates import certificates_from_pem, issue_kit, issue_petugas, load_certificate, make_csr
from fieldkit.vault.cms import RecordSealer
from fieldkit.vault.device_trust import SealedProofs


@dataclass
class Altered:
    """What stands in a record, open to every change. `resign` gives it other signers than its own."""

    record: OpenedRecord
    enrollment: dict[str, Any]
    entries: dict[str, bytes]
    events: list[dict[str, Any]]
    kit: str = KIT
    petugas: tuple[str, str] = (PETUGAS.user_id, PETUGAS.role.value)
    sealed_at: datetime = NOW
    version: int = container.VERSION
    is_rechained: bool = True  # somebody who can sign can count digests too

    @classmethod
    def of(cls, content: bytes) -> Altered:
        record = read_container(content)
        lines = record.entries["events.jsonl"].decode().splitlines()
        events = [{**json.loads(line), "payload": json.loads(json.loads(line)["payload"])} for line in lines]
        return cls(record, json.loads(record.entries["enrollment.json"]), dict(record.entries), events)

    @property
    def context(self) -> dict[str, Any]:
        return self.enrollment["contextualData"]  # type: ignore[no-any-return]

    def item(self, position: str) -> dict[str, Any]:
        """Return the item of an image."""
        return next(
            i for i in self.enrollment["biometricData"] if i["biometricSubType"] == position and "imageRef" in i
        )

    def event(self, kind: str, step: str = "") -> dict[str, Any]:
        return next(e for e in self.events if e["kind"] == kind and (not step or e["payload"].get("step") == step))

    def capture(self, step: str, position: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Return the attempt, its sample, and the sample in the events."""
        attempt = self.context["attempts"][step][0]
        told = self.event("attempt_made", step)["payload"]["samples"]
        return (
            attempt,
            next(s for s in attempt["samples"] if s["position"] == position),
            next(s for s in told if s["position"] == position),
        )

    def content(self) -> bytes:
        """Return the container with all digests right."""
        last, lines = "", []
        for number, event in enumerate(self.events):
            if self.is_rechained:
                event["payload"]["after"], event["version"] = last, number
                if number and event["sequence"] == self.events[number - 1]["sequence"] + 1:
                    event["previous"] = last
            line = canonical_json({**event, "payload": canonical_json(event["payload"])})
            lines.append(line)
            last = digest_of(line)
        self.entries["events.jsonl"] = "".join(f"{line}\n" for line in lines).encode()
        self.entries["enrollment.json"] = container._json(self.enrollment)
        told = self.record
        return container._packed(self.entries, told.record_id, told.kit_id, told.link, self.version)

    def sealed(self, by: Keys, content: bytes = b"") -> bytes:
        """Seal it, or other content, with fresh certificates of the same authority."""
        kit, petugas = vault_keys.new_private_key(), vault_keys.new_private_key()
        since = NOW - timedelta(hours=1)
        user, role = self.petugas
        sealer = RecordSealer(
            SigningKey(issue_kit(by.ca, make_csr(kit), self.kit, since), kit),
            SigningKey(issue_petugas(by.ca, make_csr(petugas), user, PETUGAS.name, role, since), petugas),
            [str(by.data_center.recipient)],
        )
        return sealer.seal(content or self.content(), self.sealed_at).data


Alteration = Callable[[Altered], None]
INDEX, MIDDLE = "RIGHT_INDEX", "RIGHT_MIDDLE"


@dataclass(frozen=True)
class Genuine:
    """A record as a kit sealed it, and who signs."""

    keys: Keys
    content: bytes

    def judged(self, altered: Altered, devices: SealedProofs | None = None, content: bytes = b"") -> str:
        """Seal it, or other content, anew, open it and return the note of the checker."""
        seal = self.keys.opener.open(altered.sealed(self.keys, content))
        return check_record(read_container(seal.content), seal, devices or pinned(provider()))


def genuine_record(home: Path) -> Genuine:
    """Record a person through the services: one finger excepted before two who signed it, one step tried twice."""
    keys = make_keys()
    room = Room(home, keys, policy=CapturePolicy("uji", exception_ink=ExceptionInk.BOTH))
    room.plan()
    session = room.begin()
    room.capture(session, StepKind.THUMBS, score=30)
    session = room.recording.mark_exceptions(
        *(session.session_id, StepKind.LEFT_FOUR, [Position.LEFT_RING]),
        *(ExceptionReason.BANDAGED, "Pak RT", keys.credential(LEAD)),
    )
    room.complete(session)
    room.sign_exceptions(session.session_id)
    entry = room.sealing.seal(session.session_id)
    room.store.close()
    return Genuine(keys, keys.opener.open((home / "sealed" / f"{entry.record.record_id}.age").read_bytes()).content)


def pinned(by: Provider) -> SealedProofs:
    """Know one provider of devices."""
    return SealedProofs([load_certificate(der) for der in certificates_from_pem(by.certificate_pem.decode())])


def reseal_device(altered: Altered, position: str = INDEX, by: Provider | None = None, **other: object) -> None:
    """Let a device sign the sample anew, saying something else."""
    signed = Signed(altered.capture("right_four", position)[1]["chainHash"], NOW, altered.events[0]["aggregate"])
    content = altered.entries[f"samples/{position}.fir"]
    evidence = device_evidence(Position(position), content, signed, by, **other)
    altered.entries[f"samples/{position}.jws"] = evidence.jws.encode()
    altered.entries[f"samples/{position}.cer"] = evidence.certificate_der


def put(altered: Altered, content: bytes, position: str = INDEX) -> None:
    """Put other bytes in the place of a finger, and correct everything that names its digest and its device."""
    altered.entries[f"samples/{position}.fir"] = content
    _, stated, told = altered.capture("right_four", position)
    stated["sha256"] = told["sha256"] = hashlib.sha256(content).hexdigest()
    reseal_device(altered, position)
