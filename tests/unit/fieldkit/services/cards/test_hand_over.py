from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from support.app_context import TARGETS, Kit
from support.cards_sent import LOKET, PNG, follow_sop, print_shop, sign_in, steps, taken
from support.handed import put_at_dinas
from support.letters import KASI

from fieldkit.app.bootstrap.catalogue import field_catalogue
from fieldkit.domain.cards.blanks import BlankAct
from fieldkit.domain.cards.card import CardCase, CourierRun, CourierState, Document, MarkKind, Place, Stop
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.letters.fields import FOR_RESIDENTS
from fieldkit.domain.planning.outreach import ServiceCategory, TargetState
from fieldkit.domain.sop.run import StepState
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.services.cards import hand_over
from fieldkit.services.cards.hand_over import OLD_CARD, HandOver, SendByCourier
from fieldkit.services.letters.print_papers import digest_of_fields


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit, records = print_shop(tmp_path)
    kit.context.office.printing.note_printed(records, "B1")
    yield kit
    kit.store.close()


@pytest.fixture
def handover(kit: Kit) -> HandOver:
    return kit.context.office.handover


def ids(kit: Kit) -> list[str]:
    return [card.thing_id for card in kit.context.office.handover.of("a1")]


def test_by_kecamatan_and_desa_to_the_person(kit: Kit, handover: HandOver) -> None:
    cards = ids(kit)
    handover.hand_on(cards, Place.KECAMATAN, "Kasi Pelayanan Kademangan")
    handover.hand_on(cards, Place.DESA, "Suyatno")
    kit.clock.advance(days=2)
    handover.note_attempts([cards[1]], "rumah kosong")
    card = handover.receive(cards[0], taken(kind=MarkKind.THUMB, is_card_read=True))
    assert card.receipt is not None
    assert (card.receipt.receiver, card.receipt.mark, card.receipt.is_card_read) == ("Sutrisno", MarkKind.THUMB, True)
    with kit.store.read() as unit:
        assert unit.attachments.get(card.receipt.attachment_id).content == PNG
    (waiting,) = handover.undelivered("a1")
    assert (waiting.card.thing_id, waiting.days, waiting.tries) == (cards[1], 2, 1)
    handover.bring_back(cards[1:], "pindah ke Surabaya")
    assert handover.get(cards[1]).is_returned
    assert [found.name for found in handover.search("kartono")] == ["KARTONO WIBOWO"]


def test_no_receipt_without_name_relation_and_mark(kit: Kit, handover: HandOver) -> None:
    card = ids(kit)[0]
    for wrong, code in (
        (taken(" "), "no_receiver"),
        (taken(relation=""), "no_relation"),
        (taken(mark=b""), "no_mark"),
        (taken(mark=b"MZ program"), "no_mark"),
    ):
        with pytest.raises(InputError, match=f"card.{code}"):
            handover.receive(card, wrong)
    assert handover.get(card).receipt is None
    with kit.store.read() as unit:
        assert unit.attachments.of(card) == []


def test_all_of_them_or_none_go_on(kit: Kit, handover: HandOver) -> None:
    first, second = ids(kit)
    handover.receive(first, taken())
    with pytest.raises(RuleError, match=r"card\.not_from_there"):
        handover.hand_on([second, first], Place.DESA, "Suyatno")
    assert handover.get(second).place is Place.DINAS
    for act, code in (
        (lambda: handover.hand_on([second], Place.DESA, " "), "card.no_receiver"),
        (lambda: handover.bring_back([second], " "), "card.no_reason"),
        (lambda: handover.note_attempts([second], " "), "card.no_reason"),
        (lambda: handover.note_attempts([], "rumah kosong"), "card.none_chosen"),
        (lambda: handover.write_ba([], "Suyatno", "", ""), "card.none_chosen"),
    ):
        with pytest.raises(InputError) as refused:
            act()
        assert refused.value.code == code
    handover.hand_on([second], Place.DESA, "Suyatno")
    for wrong in (Place.PERSON, Place.COURIER, Place.DINAS):  # it comes back with a reason alone
        with pytest.raises(RuleError, match=r"card\.not_from_there"):
            handover.hand_on([second], wrong, "Suyatno")
    with pytest.raises(RuleError, match=r"card\.received_before"):
        handover.note_attempts([first], "x")


def test_the_ba_lists_the_cards_with_masked_niks_and_no_category(kit: Kit, handover: HandOver) -> None:
    letter = handover.write_ba(ids(kit), "Suyatno", "Kepala Desa Jimbe", "Pemerintah Desa Jimbe")
    printed = json.dumps([letter.fields, letter.title], ensure_ascii=False).lower()
    assert [row["name"] for row in letter.fields["cards"]] == ["MISINEM", "KARTONO WIBOWO"]
    for target in TARGETS[:2]:
        assert target.biodata.nik.masked in printed
        assert target.biodata.nik.digits not in printed
    assert not [category for category in ServiceCategory if category.value in printed and category.value != "umum"]
    assert all(handover.get(card).letters == (letter.thing_id,) for card in ids(kit))


def test_the_receipt_of_a_person_is_a_letter(kit: Kit, handover: HandOver) -> None:
    card = ids(kit)[0]
    with pytest.raises(RuleError, match=r"card\.not_received"):
        handover.write_receipt(card)
    handover.receive(card, taken())
    letter = handover.write_receipt(card)
    assert (letter.fields["receiver"], letter.fields["nik"]) == ("Sutrisno", TARGETS[0].biodata.nik.masked)


def test_the_printed_papers_themselves_tell_no_nik_no_category_and_residents_that_they_are_free(
    kit: Kit, handover: HandOver
) -> None:
    handover.receive(ids(kit)[0], taken())
    papers = [handover.write_ba(ids(kit), "Suyatno", "Kepala Desa", "Desa Jimbe"), handover.write_receipt(ids(kit)[0])]
    for paper in papers:
        issued = kit.context.office.letters.issue(paper.thing_id, "7")
        with PdfDocument(kit.context.office.letters.pdf(issued.thing_id)) as pdf:
            said = "".join(page.get_textpage().get_text_range() for page in pdf).lower()
        assert "misinem" in said
        assert ("gratis" in said) is (issued.letter in FOR_RESIDENTS)
        # A NIP has eighteen digits; a digest of sixteen signs may happen to have no letter.
        plain = re.sub(r"\s", "", said)
        told = re.sub(r"[0-9a-f]{16}(?=catatan|halaman)", "", plain)
        assert not [target for target in TARGETS if target.biodata.nik.digits in plain]
        assert not re.search(r"(?<![0-9])[0-9]{16}(?![0-9])", told)
        assert not [each for each in ("lansia", "disabilitas", "odgj", "pemula") if each in said]


def test_the_ba_holds_the_end_of_the_log_as_it_is_issued(kit: Kit, handover: HandOver) -> None:
    letter = handover.write_ba(ids(kit), "Suyatno", "Kepala Desa", "Desa Jimbe")
    letters = kit.context.office.letters
    letters.edit(letter.thing_id, {"place": "Balai Desa"})
    with kit.store.read() as unit:
        head = unit.events.head()
    assert head is not None
    issued = letters.issue(letter.thing_id, "7")
    log = {"chain": head.chain, "sequence": str(head.sequence), "digest": head.digest[:16]}
    assert issued.fields["log"] == log
    assert issued.digest == digest_of_fields(issued.fields), "which stands in the QR code of its foot"


def test_steps_of_dolopo_are_over_when_the_last_card_is_there(tmp_path: Path) -> None:
    kit, records = print_shop(tmp_path)
    follow_sop(kit, "madiun_dolopo_jemput_bola")
    settle_the_rest(kit)
    kit.context.office.printing.note_printed(records[:1], "B1")
    assert steps(kit)[6] is not StepState.DONE
    kit.context.office.printing.note_printed(records[1:], "B1")
    assert steps(kit)[6] is StepState.DONE
    handover = kit.context.office.handover
    handover.hand_on(records[:1], Place.KECAMATAN, "Kasi")
    assert steps(kit)[7] is not StepState.DONE
    handover.hand_on(records[1:], Place.KECAMATAN, "Kasi")
    assert steps(kit)[7] is StepState.DONE
    handover.hand_on(records[:1], Place.DESA, "Kades")
    handover.receive(records[1], taken())
    assert steps(kit)[8] is StepState.DONE
    kit.store.close()


def test_steps_of_grobogan_from_the_print_to_the_person(tmp_path: Path) -> None:
    kit, records = print_shop(tmp_path)
    follow_sop(kit, "grobogan_jemput_bola")
    settle_the_rest(kit)
    kit.context.office.printing.note_printed(records, "B1")
    kit = sign_in(kit, tmp_path, KASI)
    letter = kit.context.office.handover.write_ba(records, "Suyatno", "Kepala Desa", "Desa Jimbe")
    assert steps(kit)[9] is not StepState.DONE
    kit.context.office.letters.issue(letter.thing_id, "12")
    assert steps(kit)[9] is StepState.DONE
    with pytest.raises(InputError, match=r"card\.no_stop"):
        kit.context.office.handover.plan_distribution("a1", [])
    with pytest.raises(InputError, match=r"card\.no_stop"):
        kit.context.office.handover.plan_distribution("a1", [Stop(date(2026, 11, 27), Place.DESA, " ", "Rina")])
    with pytest.raises(StoreError):
        kit.context.office.handover.plan_distribution("a9", [Stop(date(2026, 11, 27), Place.DESA, "Jimbe", "Rina")])
    later, first = (Stop(date(2026, 11, day), Place.DESA, f"Desa {day}", "Rina") for day in (27, 26))
    plan = kit.context.office.handover.plan_distribution("a1", [later, first])
    assert plan.stops == (first, later)
    assert kit.context.office.handover.distribution("a1") == plan
    assert steps(kit)[10] is StepState.DONE
    for record in records:
        kit.context.office.handover.receive(record, taken())
    assert steps(kit)[11] is StepState.DONE
    kit.store.close()


def test_an_official_signs_once_for_a_batch(kit: Kit, handover: HandOver) -> None:
    cards = ids(kit)
    handover.hand_on_signed(cards, Place.DESA, taken("Suyatno", relation="Kepala Desa"))
    receipts = [handover.get(card).handings[-1].receipt for card in cards]
    assert [receipt.receiver for receipt in receipts if receipt] == ["Suyatno"] * 2
    assert receipts[0] is not None
    assert receipts[0] == receipts[1]
    assert handover.mark(receipts[0]).content == PNG
    with pytest.raises(InputError, match=r"card\.no_mark"):
        handover.hand_on_signed(cards, Place.KECAMATAN, taken(mark=b""))
    with pytest.raises(RuleError, match=r"card\.not_from_there"):
        handover.hand_on_signed(cards, Place.DESA, taken())
    with pytest.raises(InputError, match=r"card\.none_chosen"):
        handover.hand_on_signed([], Place.DESA, taken())
    with kit.store.read() as unit:
        assert len(unit.attachments.of(cards[0])) == 1


def test_what_is_handed_on_was_so_now_or_before(kit: Kit, handover: HandOver) -> None:
    first, second = ids(kit)
    with pytest.raises(InputError, match=r"common\.in_future"):
        handover.hand_on([first], Place.DESA, "Suyatno", kit.clock.now() + timedelta(microseconds=1))
    handover.hand_on([first], Place.DESA, "Suyatno", kit.clock.now())
    before = kit.clock.now() - timedelta(hours=1)
    handover.hand_on([second], Place.DESA, "Suyatno", before)
    assert handover.get(second).handings[-1].at == before


def test_a_ba_is_of_one_activity_and_names_no_nik(kit: Kit, handover: HandOver) -> None:
    elsewhere = put_at_dinas(kit, 30, activity_id="a2")
    with pytest.raises(InputError, match=r"card\.several_activities"):
        handover.write_ba([*ids(kit), elsewhere], "Suyatno", "", "")
    letter = handover.write_ba(ids(kit), "Suyatno", "Kepala Desa", "Desa Jimbe", "3505 1252 0751 0003")
    assert letter.fields["second"]["nip"] == "350512••••••••03"


def test_a_ba_that_is_not_here_is_none(kit: Kit, handover: HandOver) -> None:
    assert handover.ba_of([put_at_dinas(kit, 30, letters=("not here yet",))]) is None


def test_the_ba_bears_one_picture_by_which_all_of_them_were_taken(kit: Kit, handover: HandOver) -> None:
    first, second = ids(kit)
    handover.hand_on_signed([first], Place.DESA, taken("Suyatno", mark=b"%PDF-1.7"))
    assert handover.write_ba([first], "Suyatno", "", "").fields["mark"] == ""
    handover.hand_on_signed([second], Place.KECAMATAN, taken("Suyatno"))
    assert handover.write_ba([second], "Suyatno", "", "").fields["mark"] != ""
    third = put_at_dinas(kit, 30)
    handover.hand_on_signed([third], Place.DESA, taken("Sumarno"))
    assert handover.write_ba([second, third], "Suyatno", "", "").fields["mark"] == ""


@pytest.mark.parametrize(
    ("document", "application", "asks"),
    [(Document.KK, "m1", True), (Document.KK, "", False), (Document.KTP_EL, "m1", False)],
)
def test_a_kk_that_was_applied_for_is_fetched_with_a_ktp(
    kit: Kit, handover: HandOver, document: Document, application: str, asks: bool
) -> None:
    card = put_at_dinas(kit, 30, document, application_id=application)
    if asks:
        with pytest.raises(RuleError, match=r"card\.show_ktp"):
            handover.receive(card, taken())
    assert handover.receive(card, taken(shows_ktp=asks)).receipt is not None


@pytest.mark.parametrize(
    ("told", "signed", "place", "officer"),
    [
        ({}, True, False, False),
        ({"kind": MarkKind.THUMB}, False, False, False),
        ({"giver": "Budi Kurir", "place": "Jl. Melati 4"}, True, True, True),
    ],
)
def test_the_slip_names_courier_and_door_and_bears_a_signature(
    kit: Kit, handover: HandOver, told: dict[str, object], signed: bool, place: bool, officer: bool
) -> None:
    handover.receive(ids(kit)[0], taken(**told))
    fields = handover.slip(ids(kit)[0]).fields
    assert bool(fields["mark"]) is signed
    assert (fields["place"] == "Jl. Melati 4", fields["officer"] == "Budi Kurir") == (place, officer)
    assert fields["place"]
    assert fields["officer"]


def test_what_is_with_nobody_yet_is_listed_and_the_log_says_who_took_the_list(kit: Kit, handover: HandOver) -> None:
    elsewhere, words = put_at_dinas(kit, 30, activity_id="a2"), field_catalogue("id")
    assert {each.card.thing_id for each in handover.undelivered()} == {*ids(kit), elsewhere}
    assert {each.card.thing_id for each in handover.undelivered("a1")} == set(ids(kit))
    name, content = handover.export_undelivered("a1", words)
    (sheet,) = SpreadsheetFiles().read(name, content)
    assert [row.cells[0] for row in sheet.rows[1:3]] == ["MISINEM", "KARTONO WIBOWO"]
    with kit.store.read() as unit:
        assert [event.kind for event in unit.events.of("a1")][-1] == "undelivered_exported"
    for card in ids(kit):
        handover.receive(card, taken())
    with pytest.raises(RuleError, match=r"card\.all_delivered"):
        handover.export_undelivered("a1", words)


def test_no_sop_hears_of_a_document_without_an_activity(
    kit: Kit, handover: HandOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(hand_over, "cards_moved", lambda _work, activity_id: told.append(activity_id))
    handover.hand_on([put_at_dinas(kit, 30, activity_id=""), ids(kit)[0]], Place.DESA, "Suyatno")
    assert told == ["a1"]


def test_one_chip_belongs_to_one_person(kit: Kit, handover: HandOver) -> None:
    first, second = ids(kit)
    handover.receive(first, taken(is_card_read=True, card_uid="digest"))
    with pytest.raises(RuleError, match=r"card\.received_before"):
        handover.receive(first, taken(is_card_read=True, card_uid="digest"))
    with pytest.raises(RuleError, match=r"card\.of_another"):
        handover.receive(second, taken(is_card_read=True, card_uid="digest"))
    assert handover.get(second).receipt is None
    handover.receive(second, taken(is_card_read=True, card_uid="another"))


def test_a_nik_written_as_proof_is_kept_and_printed_masked(kit: Kit, handover: HandOver) -> None:
    card = ids(kit)[0]
    handover.receive(card, taken(proof="KTP-el 3505 1252 0751 0003"))
    receipt = handover.get(card).receipt
    assert receipt is not None
    assert receipt.proof == "KTP-el 350512••••••••03"
    assert handover.slip(card).fields["proof"] == receipt.proof


def test_the_slip_for_the_door_is_blank_and_issued(kit: Kit, handover: HandOver) -> None:
    card = ids(kit)[0]
    blank = handover.slip(card)
    assert (blank.fields["receiver"], blank.fields["dated"], blank.fields["officer"]) == ("", "", "")
    assert blank.issued_at is not None


def test_the_latest_ba_of_all_of_them_is_found_unless_it_is_void(kit: Kit, handover: HandOver) -> None:
    first, second = ids(kit)
    assert handover.ba_of([first]) is None
    one = handover.write_ba([first], "Suyatno", "Kepala Desa", "Desa Jimbe")
    both = handover.write_ba([first, second], "Suyatno", "Kepala Desa", "Desa Jimbe")
    assert handover.ba_of([first]) == handover.ba_of([first, second]) == both
    kit.context.office.letters.void(both.thing_id, "salah")
    assert handover.ba_of([first, second]) is None
    assert handover.ba_of([first]) == one


def test_all_documents_the_longest_unmoved_first(kit: Kit, handover: HandOver) -> None:
    first, second = ids(kit)
    kit.clock.advance(days=1)
    handover.hand_on([first], Place.DESA, "Suyatno")
    assert [card.thing_id for card in handover.all()] == [second, first]
    assert [card.thing_id for card in handover.all("a1", "misinem")] == [first]
    assert handover.all("a2") == handover.all("a2", "misinem") == []


def test_who_is_out_with_a_courier_is_not_tried_by_the_office(kit: Kit, handover: HandOver) -> None:
    card, courier = ids(kit)[0], kit.context.office.courier
    courier.make_ready([card])
    courier.give([card], taken("Joko Kurir"))
    with pytest.raises(RuleError, match=r"card\.with_courier"):
        handover.note_attempts([card], "rumah kosong")


def test_the_log_names_nobody(kit: Kit, handover: HandOver) -> None:
    card = ids(kit)[0]
    handover.receive(card, taken())
    with kit.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(card))
        assert unit.repository(CardCase).get(card).receipt is not None
    assert "card_received" in lines
    assert not [word for word in ("Sutrisno", "MISINEM", "anak") if word in lines]


def test_the_counter_plans_no_distribution(kit: Kit, tmp_path: Path) -> None:
    other = sign_in(kit, tmp_path, LOKET)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        other.context.office.handover.plan_distribution("a1", [Stop(date(2026, 11, 26), Place.DESA, "Jimbe", "x")])
    other.store.close()


def settle_the_rest(kit: Kit) -> None:
    with kit.store.write() as unit:
        for target in TARGETS[2:]:
            unit.targets.mark(target.target_id, TargetState.CANCELLED)


def test_what_the_receiver_signed_on_the_pad_stands_on_the_ba(kit: Kit, handover: HandOver) -> None:
    cards = ids(kit)[:2]
    before = handover.write_ba(cards, "Suyatno", "Kepala Desa", "Desa Jimbe")
    assert before.fields["mark"] == ""
    (drawn, *_) = kit.context.office.letters.preview(before.thing_id)  # any picture does
    handover.hand_on_signed(cards, Place.DESA, taken("Suyatno", relation="Kepala Desa", mark=drawn))
    letter = handover.write_ba(cards, "Suyatno", "Kepala Desa", "Desa Jimbe", "19700101 199503 1 002")
    receipt = handover.get(cards[0]).handings[-1].receipt
    assert receipt is not None
    assert letter.fields["mark"] == receipt.attachment_id
    assert letter.fields["second"]["nip"] == "19700101 199503 1 002"
    issued = kit.context.office.letters.issue(letter.thing_id, "7")
    assert b"/Subtype/Image" in kit.context.office.letters.pdf(issued.thing_id)


Sent = tuple[Kit, list[str]]


@pytest.fixture
def sent(tmp_path: Path) -> Iterator[Sent]:
    kit, records = print_shop(tmp_path)
    follow_sop(kit, "grobogan_becak_pintar")
    kit.context.office.printing.note_printed(records, "B1")
    yield kit, records
    kit.store.close()


def courier(sent: Sent) -> SendByCourier:
    return sent[0].context.office.courier


def test_from_the_message_to_the_second_receipt(sent: Sent) -> None:
    kit, cards = sent
    courier(sent).make_ready(cards)
    courier(sent).note_told(cards)
    assert steps(kit)[6] is StepState.DONE
    given = courier(sent).give(cards, taken("Joko Kurir", relation="kurir"))
    assert {card.place for card in given} == {Place.COURIER}
    assert given[0].courier is not None
    assert given[0].courier.taken is not None
    with pytest.raises(RuleError, match=r"card\.with_courier"):
        kit.context.office.handover.receive(cards[0], taken())
    for card in cards:
        courier(sent).attempt(card)
        assert steps(kit)[7] is not StepState.DONE
        delivered = courier(sent).deliver(card, taken("Sutrisno", relation="cucu"))
        assert delivered.receipt is not None
        assert (delivered.place, delivered.receipt.relation) == (Place.PERSON, "cucu")
    assert steps(kit)[7] is StepState.DONE
    assert courier(sent).waiting() == []


def test_the_handover_at_the_door_has_its_place_its_courier_and_its_photo(sent: Sent) -> None:
    kit, cards = sent
    courier(sent).make_ready(cards)
    courier(sent).give(cards, taken("Joko Kurir", relation="kurir"))
    courier(sent).attempts(cards)
    jpeg = b"\xff\xd8\xff di depan pintu"
    told = taken("Sutrisno", place="Jl. Melati 4", giver="Budi Kurir", photo=jpeg)
    receipt = courier(sent).deliver(cards[0], told).receipt
    assert receipt is not None
    assert (receipt.place, receipt.giver) == ("Jl. Melati 4", "Budi Kurir")
    with kit.store.read() as unit:
        assert unit.attachments.get(receipt.photo).content == jpeg
    slip = kit.context.office.handover.slip(cards[0])
    assert (slip.fields["place"], slip.fields["officer"]) == ("Jl. Melati 4", "Budi Kurir")
    card = courier(sent).deliver(cards[1], taken("Sutrisno"))
    assert card.receipt is not None
    assert (card.receipt.place, card.receipt.giver, card.receipt.photo) == (card.village, "Joko Kurir", "")


def test_two_attempts_then_back_and_out_once_more(sent: Sent) -> None:
    _, cards = sent
    card = cards[0]
    with pytest.raises(RuleError, match=r"courier\.not_chosen"):
        courier(sent).attempt(card)
    courier(sent).make_ready([card])
    with pytest.raises(RuleError, match=r"courier\.not_now"):
        courier(sent).deliver(card, taken())
    courier(sent).give([card], taken("Joko Kurir"))
    courier(sent).attempt(card, "rumah kosong")
    courier(sent).attempt(card, "rumah kosong lagi")
    with pytest.raises(RuleError, match=r"courier\.two_attempts"):
        courier(sent).attempt(card)
    with pytest.raises(InputError, match=r"card\.no_reason"):
        courier(sent).bring_back(card, "")
    back = courier(sent).bring_back(card, "alamat tidak ketemu")
    assert back.courier is not None
    assert (back.place, back.is_returned, back.courier.state) == (Place.DINAS, True, CourierState.DIKEMBALIKAN)
    (again,) = courier(sent).make_ready([card])
    assert again.courier is not None
    assert again.courier.attempts == ()


def test_what_left_by_another_way_is_not_given_to_a_courier(sent: Sent) -> None:
    kit, cards = sent
    courier(sent).make_ready(cards)
    kit.context.office.handover.hand_on(cards[:1], Place.DESA, "Suyatno")
    with pytest.raises(RuleError, match=r"card\.not_from_there"):
        courier(sent).give(cards, taken("Joko Kurir"))
    kit.context.office.handover.receive(cards[1], taken())
    assert [card.thing_id for card in courier(sent).waiting()] == cards[:1]
    with pytest.raises(RuleError, match=r"card\.not_from_there"):
        courier(sent).make_ready(cards[:1])


def test_the_message_names_nobody(sent: Sent) -> None:
    _, cards = sent
    text = courier(sent).message(cards)
    assert "2 dokumen" in text
    assert "Gratis" in text
    assert not re.search(r"[0-9]{16}|•", text)
    for target in TARGETS:
        assert not [word for word in (target.biodata.name, target.biodata.nik.digits[:12]) if word in text]
    assert not [category for category in ServiceCategory if category.value in text.lower()]
    with pytest.raises(InputError, match=r"card\.none_chosen"):
        courier(sent).message([])


def test_a_kk_is_fetched_and_not_brought(sent: Sent) -> None:
    kit, _ = sent
    kk = put_at_dinas(kit, 30, Document.KK)
    with pytest.raises(RuleError, match=r"courier\.not_by_courier"):
        courier(sent).make_ready([kk])
    assert kk not in [card.thing_id for card in courier(sent).offered()]


def test_what_may_go_is_offered_until_somebody_has_it(sent: Sent) -> None:
    kit, cards = sent
    assert {card.thing_id for card in courier(sent).offered()} == set(cards)
    kit.context.office.handover.hand_on(cards[:1], Place.DESA, "Suyatno")
    kit.context.office.handover.receive(cards[1], taken())
    assert courier(sent).offered() == []


def test_a_document_is_on_its_way_from_the_message_to_the_door(sent: Sent) -> None:
    _, cards = sent

    def told() -> tuple[int, int]:
        return len(courier(sent).waiting()), len(courier(sent).offered())

    assert told() == (0, 2)
    courier(sent).make_ready(cards)
    with pytest.raises(RuleError, match=r"courier\.not_now"):
        courier(sent).make_ready(cards)
    assert told() == (2, 2)
    with pytest.raises(InputError, match=r"card\.none_chosen"):
        courier(sent).give([], taken("Joko Kurir"))
    courier(sent).give(cards, taken("Joko Kurir"))
    with pytest.raises(RuleError, match=r"courier\.not_now"):
        courier(sent).note_told(cards)
    assert told() == (2, 2)
    courier(sent).attempts(cards)
    assert told() == (2, 2)
    courier(sent).bring_back(cards[0], "alamat tidak ketemu")
    assert told() == (1, 2)


def test_a_courier_whose_receipt_nobody_kept_stays_unnamed(sent: Sent) -> None:
    kit, _ = sent
    run = CourierRun(CourierState.DIANTAR)
    card = put_at_dinas(kit, 30, place=Place.COURIER, courier=run)
    receipt = courier(sent).deliver(card, taken("Sutrisno")).receipt
    assert receipt is not None
    assert receipt.giver == ""


def test_several_doors_and_several_returns_are_one_act(sent: Sent) -> None:
    _, cards = sent
    courier(sent).make_ready(cards)
    courier(sent).give(cards, taken("Joko Kurir"))
    assert [card.tries for card in courier(sent).attempts(cards, "hujan")] == [1, 1]
    courier(sent).deliver(cards[0], taken())
    with pytest.raises(RuleError, match=r"courier\.not_now"):
        courier(sent).take_back(cards, "alamat tidak ketemu")
    assert [card.place for card in courier(sent).waiting()] == [Place.COURIER]
    assert courier(sent).take_back(cards[1:], "alamat tidak ketemu")[0].is_returned


def test_the_old_card_of_a_person_is_written_down_to_be_destroyed(tmp_path: Path) -> None:
    kit, (first, second) = print_shop(tmp_path)
    office = kit.context.office
    office.printing.note_printed([first, second], "B1")
    office.handover.receive(first, taken(gives_old=True))
    office.handover.receive(second, taken())
    (line,) = office.blanks.book().lines
    card = office.handover.get(first)
    assert (line.entry.act, line.entry.card_id, line.entry.why) == (BlankAct.WITHDRAWN, first, OLD_CARD)
    assert (line.entry.name, line.entry.masked_nik) == (card.name, card.masked_nik)
    assert line.is_to_destroy
    kit.store.close()


def test_a_receipt_that_is_refused_takes_no_old_card(tmp_path: Path) -> None:
    kit, (first, _) = print_shop(tmp_path)
    office = kit.context.office
    office.printing.note_printed([first], "B1")
    with pytest.raises(InputError, match=r"card\.no_mark"):
        office.handover.receive(first, taken(gives_old=True, mark=b""))
    assert office.blanks.book().lines == []
    kit.store.close()
