"""The papers of a recording. Fields carry plain values; wording and layout belong to the letter's template."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from fieldkit.domain.delivery import DeliveryState, QueueEntry
from fieldkit.domain.errors import InputError, StoreError
from fieldkit.domain.events import digest_of
from fieldkit.domain.letters.letter import (
    INKS,
    THE_LETTERHEAD,
    Letter,
    Letterhead,
    LetterKind,
    LetterState,
    check_pattern,
    signers_of,
)
from fieldkit.domain.nik import Nik, age_gate
from fieldkit.domain.people import Kedudukan, Permission, Staff
from fieldkit.domain.planning.outreach import Plan, Target
from fieldkit.domain.recording.exceptions import Act
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.targets.sheets import NikAdded
from fieldkit.ports.delivery import Receipt
from fieldkit.ports.documents import Documents
from fieldkit.ports.recording import SignatureCodec
from fieldkit.ports.store import Unit
from fieldkit.services.delivery.deliver import log_line
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# The archive of papers: each has a provisional number of this kit, the digest of its data, and its PDF beside it.

PDF = "application/pdf"
_COUNTER = "letters.last_provisional"


def digest_of_fields(fields: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 over the canonical JSON (sorted keys, no spaces, UTF-8) of a letter's data."""
    return digest_of(json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def file_name(letter: Letter) -> str:
    """Return the name under which a paper is kept as a file; numbers may hold slashes."""
    number = letter.number or letter.provisional
    return f"{letter.letter.value}-{''.join(mark if mark.isalnum() else '-' for mark in number)}.pdf"


@dataclass(frozen=True, slots=True)
class Archive:
    """Files papers within the transaction of an act. `kit_id` keeps provisional numbers of two kits apart."""

    kit_id: str

    def provisional(self, unit: Unit) -> str:
        """Return the next provisional number of this kit."""
        last = unit.settings.get(_COUNTER)
        number = (last if isinstance(last, int) else 0) + 1
        unit.settings.put(_COUNTER, number)
        return f"{self.kit_id}-{number:04}"

    def begin(
        self, work: UnitOfWork, kind: LetterKind, activity_id: str, title: str, fields: Mapping[str, Any]
    ) -> Letter:
        """Keep a new draft."""
        letter = Letter(
            thing_id=work.ids.new(),
            activity_id=activity_id,
            letter=kind,
            title=title,
            provisional=self.provisional(work.unit),
            fields=fields,
            made_by=work.user.user_id,
            made_at=work.at,
            digest=digest_of_fields(fields),
        )
        work.keep(letter, "letter_drafted", letter=kind.value)
        return letter

    def put_pdf(self, work: UnitOfWork, letter: Letter, pdf: bytes, state: LetterState) -> Letter:
        """Keep the paper of a letter, which is issued or waits for its signature from now on."""
        name = work.attach(letter.thing_id, file_name(letter), PDF, pdf)
        issued_at = work.at if state is LetterState.ISSUED else None
        issued = replace(letter, pdf=name, state=state, issued_at=issued_at)
        act = "letter_issued" if state is LetterState.ISSUED else "letter_waits_for_signature"
        work.keep(issued, act, letter=letter.letter.value, paper=work.unit.attachments.get(name).sha256)
        return issued

    def file(
        self, work: UnitOfWork, kind: LetterKind, activity_id: str, title: str, fields: Mapping[str, Any], pdf: bytes
    ) -> Letter:
        """Keep a paper that is issued as soon as it is made."""
        begun = self.begin(work, kind, activity_id, title, fields)
        return self.put_pdf(work, begun, pdf, LetterState.ISSUED)


# Keep the letterhead of the dinas: what the gateway's profile says, until somebody here edits it.

_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
MOST_LOGO_BYTES = 500_000


class KeepLetterhead:
    """The letterhead and the number patterns. `profile` is what enrolment brought (`dinas`, `regency`, …)."""

    def __init__(self, units: UnitsOfWork, profile: Mapping[str, str]) -> None:
        self._units, self._profile = units, profile

    def read(self) -> Letterhead:
        """Return the letterhead as it stands."""
        with self._units.read() as unit:
            return self.within(unit)

    def within(self, unit: Unit) -> Letterhead:
        """Return the letterhead as it stands within a transaction."""
        kept = unit.repository(Letterhead).find(THE_LETTERHEAD)
        if kept is not None:
            return kept
        told = self._profile.get
        return Letterhead(
            dinas=told("dinas", ""),
            regency=told("regency", ""),
            address=told("address", ""),
            contact=told("contact", ""),
            city=told("city", ""),
            code=told("code", ""),
        )

    def edit(self, changed: Letterhead) -> Letterhead:
        """Keep an edited letterhead. Raise `InputError` for a number pattern that builds no number."""
        for kind, pattern in changed.patterns.items():
            if kind not in set(LetterKind):
                raise InputError("letter.unknown", letter=kind)
            check_pattern(pattern)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            work.keep(changed, "letterhead_edited")
        return changed

    def put_logo(self, picture: bytes) -> Letterhead:
        """Put a PNG or JPEG into the letterhead. Raise `InputError("letter.logo_wrong")` for anything else."""
        media = next((media for magic, media in _MAGIC.items() if picture.startswith(magic)), "")
        if not media or len(picture) > MOST_LOGO_BYTES:
            raise InputError("letter.logo_wrong", most_kb=MOST_LOGO_BYTES // 1000)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            logo = work.attach(THE_LETTERHEAD, f"logo.{media.removeprefix('image/')}", media, picture)
            changed = replace(self.within(work.unit), logo=logo)
            work.keep(changed, "letterhead_edited")
        return changed


def head_of(unit: Unit, letterhead: Letterhead) -> Staff | None:
    """Return who signs for the dinas: the one the letterhead names, else the one head among the staff."""
    repository = unit.repository(Staff)
    named = repository.find(letterhead.head)
    if named is not None:
        return named
    heads = [person for person in repository.search() if person.kedudukan is Kedudukan.KEPALA_DINAS]
    return heads[0] if len(heads) == 1 else None


SLIP = LetterKind.BUKTI_PEREKAMAN.value
EXCEPTIONS = LetterKind.BA_PENGECUALIAN.value
SHIPMENT = LetterKind.BA_PENGIRIMAN.value
_PICTURES, _PNG_URI = "ink_pictures", "data:image/png;base64,"


@dataclass(frozen=True, slots=True)
class Paper:
    """A rendered paper: the PDF, its pages as PNG, and a short form when there is one."""

    letter: str
    pdf: bytes
    pages: tuple[bytes, ...]
    receipt: Receipt | None = None


class PrintPapers:
    """Renders papers from what the store knows, and files them in the archive: the biodata is gone after the seal."""

    def __init__(
        self,
        units: UnitsOfWork,
        documents: Documents,
        archive: Archive,
        dinas: Mapping[str, str],
        signatures: SignatureCodec,
    ) -> None:
        self._units, self._documents, self._archive, self._dinas = units, documents, archive, dinas
        self._signatures = signatures
        self._clock, self._user = units.clock, units.user

    def slip_fields(self, session_id: str) -> dict[str, object]:
        """Collect what the proof slip says, while the biodata is still here (sealing erases it)."""
        with self._units.read() as unit:
            session = unit.sessions.get(session_id)
            activity = unit.activities.get(session.activity_id)
            names = {user.user_id: user.name for user in unit.users()}
            strokes = {ink: unit.sessions.sample(ink.sample_id) for ink in session.inks}
            signed = _signed_by_key(unit, session, names)
        who = session.biodata
        assert who is not None
        gate = age_gate(who.birth_date, who.marital_status, self._clock.today())
        fields: dict[str, object] = {
            "dinas": dict(self._dinas),
            "name": who.name,
            "nik": who.nik.masked,
            "place": activity.place,
            "activity": activity.name,
            "surat_tugas": activity.surat_tugas,
            "recorded": [ref.position.value for _, ref in session.kept],
            "exceptions": [
                {
                    "position": mark.position.value,
                    "reason": mark.reason.value,
                    "attempts": mark.attempts,
                    "attendants": [names.get(user_id, user_id) for user_id in mark.attendants],
                    "witness": mark.witness,
                    "witness_nik": Nik(mark.witness_nik).masked if mark.witness_nik else "",
                    "has_photo": bool(mark.evidence_sample_id),
                }
                for mark in session.exceptions
            ],
            "card_from": gate.card_from.isoformat() if gate.card_from else "",
            "attendants": [names.get(user_id, user_id) for user_id in session.attendants(self._user.user_id)],
            "signed_by_key": {name: self._clock.local(at).isoformat() for name, at in signed.items()},
        }
        drawn = {
            (ink.wanted.role.value, ink.name): self._signatures.to_png(self._signatures.from_sample(sample))
            for ink, sample in strokes.items()
        }
        pictures = {
            place: f"{_PNG_URI}{b64encode(drawn[person]).decode()}"
            for place, name in signers_of(LetterKind.BA_PENGECUALIAN, fields).items()
            if (person := (place.rstrip("0123456789"), name)) in drawn
        }
        return {**fields, _PICTURES: pictures} if pictures else fields

    def inside(self, session_id: str, record_id: str) -> dict[str, bytes]:
        """Return the papers that go along inside a record, PDF by kind: the berita acara of its exceptions.

        It has no number yet. Whoever signed the exceptions before the seal is on it, by ink or by key; the first
        petugas draws nothing there: he signs each exception with his key, then the record itself.
        """
        fields = self.slip_fields(session_id)
        if not fields["exceptions"]:
            return {}
        now = self._clock.local(self._clock.now()).isoformat()
        stated = {**fields, "record_id": record_id, "sha256": "", "sealed_at": now, "provisional": "", "number": ""}
        return {EXCEPTIONS: self._documents.render(EXCEPTIONS, stated)}

    def of_record(self, fields: Mapping[str, object], entry: QueueEntry) -> tuple[Paper, ...]:
        """Make and file the papers of a sealed record: the slip for the resident and the exceptions when there are."""
        pictures = cast(Mapping[str, str], fields.get(_PICTURES, {}))
        stated = {name: value for name, value in fields.items() if name != _PICTURES} | self._sealed(entry)
        activity_id = entry.record.activity_id
        with self._units.write(Permission.RECORD) as work:
            slip = self._file(work, LetterKind.BUKTI_PEREKAMAN, activity_id, stated)
            slip = replace(slip, receipt=self._documents.receipt(SLIP, stated))
            if not fields["exceptions"]:
                return (slip,)
            return slip, self._file(work, LetterKind.BA_PENGECUALIAN, activity_id, stated, pictures)

    def shipment(self, entries: Sequence[QueueEntry]) -> Paper:
        """Make and file the berita acara of a delivery: how many were sent, received, missing.

        While nothing has changed since the last one, that one is shown again; who may not send only sees it.
        """
        fields = self._shipment_fields(entries)
        if not self._user.may(Permission.SEND):
            return self._paper(SHIPMENT, fields)
        activities = {entry.record.activity_id for entry in entries}
        with self._units.write(Permission.SEND) as work:
            last = _last_shipment(work.unit)
            if last is not None and _lasting(last.fields) == _lasting(fields):
                return self._paper(SHIPMENT, _numbered(last))
            fields["log"] = log_line(work.unit)
            activity_id = activities.pop() if len(activities) == 1 else ""
            return self._file(work, LetterKind.BA_PENGIRIMAN, activity_id, fields)

    def _shipment_fields(self, entries: Sequence[QueueEntry]) -> dict[str, object]:
        later, names = self._niks_of(entries), self._names_of(entries)
        acknowledged = [e for e in entries if e.state in (DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED)]
        return {
            "dinas": dict(self._dinas),
            "made_at": self._clock.local(self._clock.now()).isoformat(),
            "sealed": len(entries),
            "received": len(acknowledged),
            "missing": len(entries) - len(acknowledged),
            "attendants": [self._user.name, *self._lead_of({entry.record.activity_id for entry in entries})],
            "records": [
                {
                    "record_id": e.record.record_id,
                    "name": names.get(e.record.target_id, e.record.masked_name),
                    "nik": later.get(e.record.target_id, e.record.masked_nik),
                    "place": e.record.place,
                    "state": e.state.value,
                    "received_at": self._clock.local(e.acknowledged_at).isoformat() if e.acknowledged_at else "",
                    "receipt": _receipt_number(e.receipt_jws),
                }
                for e in entries
            ],
        }

    def _lead_of(self, activities: Collection[str]) -> tuple[str, ...]:
        """Return the ketua tim whom the plan names, nobody for records of several activities."""
        if len(activities) != 1:
            return ()
        with self._units.read() as unit:
            plan = unit.repository(Plan).find(*activities)
            lead = unit.repository(Staff).find(plan.team[0]) if plan and plan.team else None
        return (lead.name,) if lead else ()

    def _names_of(self, entries: Sequence[QueueEntry]) -> dict[str, str]:
        """Return the names of those whom a list of the office still names, by target."""
        with self._units.read() as unit:
            found = ((each.record.target_id, _target(unit, each.record.target_id)) for each in entries)
            return {target_id: target.biodata.name for target_id, target in found if target is not None}

    def _niks_of(self, entries: Sequence[QueueEntry]) -> dict[str, str]:
        """Return, for records that were sealed without a NIK, the number they bear and the NIK that came later."""
        told = {}
        with self._units.read() as unit:
            for record in (entry.record for entry in entries):
                added = unit.repository(NikAdded).find(record.target_id)
                if added is not None and record.masked_nik == added.provisional:
                    told[record.target_id] = f"{added.provisional}, kini {added.nik.masked}"
        return told

    def _file(
        self,
        work: UnitOfWork,
        kind: LetterKind,
        activity_id: str,
        fields: Mapping[str, object],
        pictures: Mapping[str, str] | None = None,
    ) -> Paper:
        """Keep a paper; `pictures` (data URI) are the inks that it has already, by place."""
        title = str(self._documents.wording(kind.value)["title"]).format_map(fields)
        begun = self._archive.begin(work, kind, activity_id, title, fields)
        if pictures:
            inks = {
                place: work.attach(begun.thing_id, f"ttd-{place}.png", "image/png", b64decode(uri[len(_PNG_URI) :]))
                for place, uri in pictures.items()
            }
            inked = {**fields, INKS: inks}
            begun = replace(begun, fields=inked, digest=digest_of_fields(inked))
        paper = self._paper(kind.value, {**_numbered(begun), _PICTURES: pictures or {}})
        self._archive.put_pdf(work, begun, paper.pdf, LetterState.ISSUED)
        return paper

    def _sealed(self, entry: QueueEntry) -> dict[str, object]:
        return {
            "record_id": entry.record.record_id,
            "sha256": entry.record.sha256,
            "sealed_at": self._clock.local(entry.record.sealed_at).isoformat(),
        }

    def _paper(self, letter: str, fields: Mapping[str, object]) -> Paper:
        return Paper(letter, self._documents.render(letter, fields), tuple(self._documents.preview(letter, fields)))


def _signed_by_key(unit: Unit, session: CaptureSession, names: Mapping[str, str]) -> dict[str, datetime]:
    """Return when each attendant signed the last of the exceptions that name him, as far as the log has it."""
    marks = {mark.digest for mark in session.exceptions}
    signed: dict[str, datetime] = {}
    for event in unit.events.of(session.session_id):
        if event.kind == Act.EXCEPTION:
            told = json.loads(event.payload)
            if marks.intersection(told["marks"]):
                signed[names.get(told["by"], told["by"])] = event.at
    return signed


def _target(unit: Unit, target_id: str) -> Target | None:
    try:
        return unit.targets.get(target_id)
    except StoreError as error:
        if error.code != "store.not_found":
            raise
        return None


def _receipt_number(receipt_jws: str) -> str:
    """Return the number that the data center gave its receipt, "" without one; it was verified when it came."""
    parts = receipt_jws.split(".")
    if len(parts) != 3:
        return ""
    payload = parts[1]
    try:
        return str(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).get("receipt_id", ""))
    except (ValueError, AttributeError):
        return ""


def _lasting(fields: Mapping[str, object]) -> dict[str, object]:
    """Return what makes two of these papers differ: not when each was made, nor how far the log had come."""
    return {name: value for name, value in fields.items() if name not in ("made_at", "log")}


def _numbered(letter: Letter) -> dict[str, object]:
    return {**letter.fields, "provisional": letter.provisional, "number": letter.number}


def _last_shipment(unit: Unit) -> Letter | None:
    found = unit.repository(Letter).search(SHIPMENT.replace("_", " "))
    return next((letter for letter in found if letter.letter is LetterKind.BA_PENGIRIMAN), None)
