from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import TARGETS, Kit
from support.cards_sent import follow_sop, print_shop, steps, taken
from support.handed import put_at_dinas

from fieldkit.domain.cards.card import CourierRun, Document, Place
from fieldkit.domain.cards.courier import CourierState
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.sop.run import StepState
from fieldkit.services.cards.send_by_courier import SendByCourier

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
