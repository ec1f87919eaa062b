from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

import pytest
from support.kept import NAME, NIK, NOW, biodata
from support.plans import plan
from support.recording import PlainLetters
from support.room import ACTIVITY, LEAD, PETUGAS, STORES, Room

from fieldkit.app.bootstrap.clock import WIB
from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.delivery import DeliveryState, QueueEntry
from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.nik import MaritalStatus, Nik, Sex
from fieldkit.domain.people import Staff, User
from fieldkit.domain.planning.outreach import Plan, ServiceCategory
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, RIGHT_FOUR, THUMBS, ExceptionReason
from fieldkit.domain.targets.sheets import NikAdded, NikPaper
from fieldkit.formats.signature import StrokeCodec
from fieldkit.ports.delivery import Receipt, ReceiptLine
from fieldkit.ports.documents import Documents
from fieldkit.quality.inspection import score_signature
from fieldkit.services.letters.print_papers import EXCEPTIONS, SHIPMENT, SLIP, Archive, PrintPapers, digest_of_fields
from fieldkit.services.unit_of_work import UnitsOfWork

DINAS = {"dinas": "Dinas Uji", "regency": "Kabupaten Uji"}


@pytest.fixture
def papers(room: Room) -> PrintPapers:
    room.clock.local = lambda at: at.astimezone(WIB)  # type: ignore[method-assign]  # paper states the local time
    return papers_of(room, TypstLetters())


def papers_of(room: Room, documents: Documents, user: User = PETUGAS) -> PrintPapers:
    units = UnitsOfWork(room.store, room.clock, room.ids, user)
    return PrintPapers(units, documents, Archive("K01"), DINAS, StrokeCodec(score_signature))


def with_exception(room: Room) -> str:
    session = room.begin()
    room.recording.mark_exceptions(
        session.session_id, StepKind.IRIS, EYES, ExceptionReason.EYES_CLOSED, "Pak RT", room.keys.credential(LEAD)
    )
    return room.complete(room.recording.find(session.session_id)).session_id


def test_the_slip_masks_the_nik_and_never_tells_why_the_team_came(room: Room, papers: PrintPapers) -> None:
    fields = papers.slip_fields(room.complete(room.begin()).session_id)
    written = json.dumps(fields)
    assert fields["name"] == NAME
    assert fields["nik"] == Nik(NIK).masked
    assert NIK not in written
    for category in ServiceCategory:
        assert category.value not in written.lower()


def test_the_slip_tells_what_was_recorded(room: Room, papers: PrintPapers) -> None:
    fields = papers.slip_fields(with_exception(room))
    assert fields["recorded"] == ["PORTRAIT", "SIGNATURE", *RIGHT_FOUR, *LEFT_FOUR, *THUMBS, "SIGNATURE"]
    marks = fields["exceptions"]
    assert isinstance(marks, list)
    assert [mark["position"] for mark in marks] == ["EYE_RIGHT", "EYE_LEFT"]
    assert marks[0]["witness"] == "Pak RT"
    assert marks[0]["attendants"] == [PETUGAS.name, LEAD.name]


def test_the_slip_names_every_petugas(room: Room, papers: PrintPapers) -> None:
    assert papers.slip_fields(with_exception(room))["attendants"] == [PETUGAS.name, LEAD.name]


def test_every_petugas_signs_the_exceptions_with_a_key(room: Room, papers: PrintPapers) -> None:
    session_id = with_exception(room)
    fields = papers.slip_fields(session_id)
    at = room.clock.local(room.clock.now()).isoformat()
    assert fields["signed_by_key"] == {PETUGAS.name: at, LEAD.name: at}
    session = room.recording.leave_review(session_id)
    for mark in session.exceptions:
        room.recording.take_exception_back(session.session_id, StepKind.IRIS, mark.position)
    assert papers.slip_fields(session.session_id)["signed_by_key"] == {}, "of what was taken back nothing is told"


def test_who_opened_the_recording_and_signed_nothing_is_not_named(room: Room, papers: PrintPapers) -> None:
    session = room.recording_for(LEAD).open("target-1")
    room.complete(room.begin())
    assert papers.slip_fields(session.session_id)["attendants"] == [PETUGAS.name]


@pytest.mark.days
def test_the_card_of_the_young_waits(room: Room, papers: PrintPapers) -> None:
    young = replace(
        biodata("Dimas", "3275010708100005"),
        birth_date=date(2010, 8, 7),
        sex=Sex.MALE,
        marital_status=MaritalStatus.BELUM_KAWIN,
    )
    room.plan(biodata(), young)
    assert papers.slip_fields(room.complete(room.begin("target-1")).session_id)["card_from"] == ""
    assert papers.slip_fields(room.complete(room.begin("target-2")).session_id)["card_from"] == "2027-08-07"


@pytest.mark.days
def test_ink_that_was_given_before_the_seal_stands_on_the_berita_acara(room: Room) -> None:
    room.clock.local = lambda at: at.astimezone(WIB)  # type: ignore[method-assign]
    letters = PlainLetters()
    papers = papers_of(room, letters)
    session_id = with_exception(room)
    room.sign_exceptions(session_id)
    fields = papers.slip_fields(session_id)
    papers.inside(session_id, "0193a0c4-6e7a-7b3c-9d2e-001122334455")
    papers.of_record(fields, room.sealing.seal(session_id))
    inside, filed = (seen["ink_pictures"] for letter, seen in letters.rendered if letter == EXCEPTIONS)
    assert inside == filed
    assert sorted(filed) == ["attendant2", "witness1"]
    with room.store.read() as unit:
        slip, report = unit.repository(Letter).of(ACTIVITY.activity_id)
        inks = {place: unit.attachments.get(ink).content for place, ink in report.fields["inks"].items()}
    assert {place: f"data:image/png;base64,{b64encode(png).decode()}" for place, png in inks.items()} == filed
    assert report.digest == digest_of_fields(report.fields)
    assert "inks" not in slip.fields
    assert not any("ink_pictures" in letter.fields for letter in (slip, report))


@pytest.mark.days
def test_slip_and_berita_acara_are_papers_of_the_archive(room: Room, papers: PrintPapers) -> None:
    session_id = with_exception(room)
    fields = papers.slip_fields(session_id)  # the seal erases the biodata
    entry = room.sealing.seal(session_id)
    slip, report = papers.of_record(fields, entry)
    assert (slip.letter, report.letter) == (SLIP, EXCEPTIONS)
    for paper in (slip, report):
        assert paper.pdf.startswith(b"%PDF-")
        assert paper.pages
        assert all(page.startswith(b"\x89PNG") for page in paper.pages)
    assert slip.receipt is not None
    with room.store.read() as unit:
        filed = unit.repository(Letter).of(ACTIVITY.activity_id)
        assert [unit.attachments.get(letter.pdf).content for letter in filed] == [slip.pdf, report.pdf]
        assert unit.repository(Letter).search(NAME) == [*reversed(filed)]
    assert [letter.state for letter in filed] == [LetterState.ISSUED] * 2
    assert [letter.provisional for letter in filed] == ["K01-0001", "K01-0002"]


@pytest.mark.days
def test_a_record_without_exceptions_has_one_paper(room: Room, papers: PrintPapers) -> None:
    session_id = room.complete(room.begin()).session_id
    fields = papers.slip_fields(session_id)
    assert [paper.letter for paper in papers.of_record(fields, room.sealing.seal(session_id))] == [SLIP]


class KeptFields:
    """Documents that remember what they were asked for."""

    def receipt(self, letter: str, fields: Mapping[str, object]) -> Receipt:
        return Receipt((ReceiptLine(letter),))

    def render(self, letter: str, fields: Mapping[str, object]) -> bytes:
        self.letter, self.fields = letter, fields
        return TypstLetters().render(letter, fields)

    def preview(self, letter: str, fields: Mapping[str, object]) -> list[bytes]:
        return []

    sheets = preview

    def wording(self, letter: str) -> Mapping[str, str]:
        return {"title": letter.replace("_", " ")}


@pytest.mark.days
def test_the_shipment_counts_what_has_a_receipt(room: Room, papers: PrintPapers) -> None:
    room.plan(*(biodata(name, f"327501470879000{n}") for n, name in enumerate(("Ani", "Budi", "Cici"), 3)))
    entries = [room.seal(f"target-{n}") for n in (1, 2, 3)]

    def in_state(entry: QueueEntry, state: DeliveryState) -> QueueEntry:
        return replace(entry, state=state, acknowledged_at=NOW)

    arrived = [in_state(entries[0], DeliveryState.ACKNOWLEDGED), in_state(entries[1], DeliveryState.PURGED)]
    documents = KeptFields()
    kept = papers_of(room, documents)
    paper = kept.shipment([*arrived, entries[2]])
    assert paper.letter == documents.letter == SHIPMENT
    fields = documents.fields
    assert (fields["sealed"], fields["received"], fields["missing"]) == (3, 2, 1)
    rows = fields["records"]
    assert isinstance(rows, list)
    assert [row["received_at"] for row in rows] == ["2026-11-21T09:00:00+07:00"] * 2 + [""]
    assert [row["name"] for row in rows] == ["Ani", "Budi", "Cici"]
    assert "32750147087900" not in json.dumps(fields)


@pytest.mark.days
def test_the_shipment_bears_the_numbers_of_the_receipts(room: Room, papers: PrintPapers) -> None:
    payload = urlsafe_b64encode(json.dumps({"receipt_id": "0193a0c4-aaaa"}).encode()).decode().rstrip("=")
    entry, documents = room.seal(), KeptFields()
    told = []
    for jws in ("", f"e30.{payload}.c2ln", "e30.bm8ganNvbg.c2ln", "e30.W10.c2ln"):
        papers_of(room, documents).shipment([replace(entry, receipt_jws=jws)])
        rows = documents.fields["records"]
        assert isinstance(rows, list)
        told.append(rows[0]["receipt"])
    assert told == ["", "0193a0c4-aaaa", "", ""]


@pytest.mark.days
def test_a_shipment_is_filed_again_only_when_something_changed(room: Room, papers: PrintPapers) -> None:
    entry = room.seal()
    first = papers.shipment([entry])
    room.clock.advance(hours=1)
    assert papers.shipment([entry]).pdf == first.pdf
    second = papers.shipment([replace(entry, state=DeliveryState.ACKNOWLEDGED, acknowledged_at=NOW)])
    assert second.pdf != first.pdf
    with room.store.read() as unit:
        assert len(unit.repository(Letter).search("ba pengiriman")) == 2


@pytest.mark.days
def test_the_shipment_names_the_ketua_tim_of_the_plan(room: Room) -> None:
    told: list[list[str]] = []

    class Telling(TypstLetters):
        def render(self, letter: str, fields: Mapping[str, object]) -> bytes:
            told.append(list(cast(Sequence[str], fields["attendants"])))
            return super().render(letter, fields)

    papers, entry = papers_of(room, Telling()), room.seal()
    papers.shipment([entry])
    with room.store.write() as unit:
        unit.repository(Staff).save(Staff("s1", "Bagus Santoso"))
        unit.repository(Plan).save(plan(entry.record.activity_id, date(2026, 11, 23)))
    papers.shipment([entry])
    papers.shipment([])
    assert told == [[PETUGAS.name], [PETUGAS.name, "Bagus Santoso"], [PETUGAS.name]]


@pytest.mark.days
def test_who_may_not_send_sees_the_shipment_and_files_nothing(room: Room) -> None:
    assert papers_of(room, TypstLetters(), STORES).shipment([room.seal()]).pdf.startswith(b"%PDF-")
    with room.store.read() as unit:
        assert not unit.repository(Letter).search()


@pytest.mark.days
def test_a_berita_acara_of_exceptions_goes_along_inside_the_record(room: Room, papers: PrintPapers) -> None:
    session_id = with_exception(room)
    inside = papers.inside(session_id, "0193a0c4-6e7a-7b3c-9d2e-001122334455")
    assert list(inside) == [EXCEPTIONS]
    assert inside[EXCEPTIONS].startswith(b"%PDF")
    room.sealing.seal(session_id)
    room.plan(*[biodata(nik="3275014708790005")])
    assert papers.inside(room.complete(room.begin()).session_id, "x") == {}


def shipped(room: Room, *entries: QueueEntry) -> Mapping[str, object]:
    documents = KeptFields()
    papers_of(room, documents).shipment(entries)
    return documents.fields


@pytest.mark.days
def test_a_shipment_of_several_activities_belongs_to_none_and_names_no_lead(room: Room, papers: PrintPapers) -> None:
    entry = room.seal()
    other = replace(entry, record=replace(entry.record, record_id="other", activity_id="act-2"))
    with room.store.write() as unit:
        unit.repository(Staff).save(Staff("s1", "Bagus Santoso"))
        unit.repository(Plan).save(plan(entry.record.activity_id, date(2026, 11, 23)))
    assert shipped(room, entry, other)["attendants"] == [PETUGAS.name]
    assert shipped(room, entry)["attendants"] == [PETUGAS.name, "Bagus Santoso"]
    with room.store.read() as unit:
        found = unit.repository(Letter).search("ba pengiriman")
    assert [letter.activity_id for letter in found] == [ACTIVITY.activity_id, ""]


@pytest.mark.days
@pytest.mark.parametrize("team", [(), ("gone",)])
def test_a_plan_without_a_lead_whom_the_staff_knows_names_nobody(
    room: Room, papers: PrintPapers, team: tuple[str, ...]
) -> None:
    entry = room.seal()
    with room.store.write() as unit:
        unit.repository(Plan).save(replace(plan(entry.record.activity_id, date(2026, 11, 23)), team=team))
    assert shipped(room, entry)["attendants"] == [PETUGAS.name]


@pytest.mark.days
def test_the_shipment_masks_whom_no_list_names_any_more(
    room: Room, papers: PrintPapers, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = room.seal()
    gone = replace(entry, record=replace(entry.record, target_id="gone"))
    (row,) = cast(Sequence[Mapping[str, object]], shipped(room, gone)["records"])
    assert row["name"] == entry.record.masked_name
    with room.store.read() as unit:
        targets = type(unit.targets)

    def fail(*_: object) -> None:
        raise StoreError("store.damaged")

    monkeypatch.setattr(targets, "get", fail)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        shipped(room, entry)


@pytest.mark.days
@pytest.mark.parametrize(("masked", "is_told"), [("SMT-K01-0001", True), ("327501••••••••03", False)])
def test_a_nik_that_came_later_is_told_of_a_record_that_bears_the_number(
    room: Room, papers: PrintPapers, masked: str, is_told: bool
) -> None:
    entry = room.seal()
    added = NikAdded("target-1", "act-1", "SMT-K01-0001", Nik(NIK), NikPaper.KK, "1", PETUGAS.user_id, NOW)
    with room.store.write() as unit:
        unit.repository(NikAdded).save(added)
    (row,) = cast(
        Sequence[Mapping[str, object]],
        shipped(room, replace(entry, record=replace(entry.record, masked_nik=masked)))["records"],
    )
    assert ("kini" in str(row["nik"])) is is_told


@pytest.mark.days
def test_a_paper_of_another_kind_is_no_shipment(room: Room, papers: PrintPapers) -> None:
    entry = room.seal()
    papers.shipment([entry])
    with room.store.write() as unit:
        (shipment,) = unit.repository(Letter).search("ba pengiriman")
        fields = {**shipment.fields, "made_at": "x"}
        other = replace(shipment, thing_id="other", letter=LetterKind.NOTULEN, title="Rapat BA pengiriman", fields={})
        unit.repository(Letter).save(other)
    assert fields
    papers.shipment([entry])
    with room.store.read() as unit:
        assert len(unit.repository(Letter).search("ba pengiriman")) == 2
