from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.cards.card import (
    BY_COURIER,
    Attempt,
    CardCase,
    CourierRun,
    Distribution,
    Document,
    Handing,
    MarkKind,
    Place,
    Printed,
    Receipt,
    ways_on,
)
from fieldkit.domain.cards.courier import CourierState
from fieldkit.domain.errors import RuleError

CARD = CardCase("r1", "a1", Document.KTP_EL, "K-1", "MISINEM", "350512••••••••03", "JIMBE", (Printed(NOW, "u1", "B1"),))
RECEIPT = Receipt("Sutrisno", "anak", "KTP-el", NOW, "u1", MarkKind.THUMB, "f1")


def to(place: Place, reason: str = "") -> Handing:
    return Handing(place, NOW, "u1", "Suyatno", reason)


def test_from_the_dinas_to_the_person() -> None:
    card = CARD.handed(to(Place.KECAMATAN)).handed(to(Place.DESA)).received(RECEIPT)
    assert card.place is Place.PERSON
    assert card.was_at == {Place.DINAS, Place.KECAMATAN, Place.DESA, Place.PERSON}
    with pytest.raises(RuleError, match=r"card\.received_before"):
        card.received(RECEIPT)
    with pytest.raises(RuleError, match=r"card\.not_from_there"):
        card.handed(to(Place.DESA))


@pytest.mark.parametrize(
    ("handings", "is_returned"),
    [
        ((), False),
        ((to(Place.DESA), to(Place.DINAS, "pindah")), True),
        ((to(Place.DESA), to(Place.DINAS)), False),
        ((to(Place.DESA), to(Place.KECAMATAN, "pindah")), False),
        ((to(Place.DESA), to(Place.DINAS, "pindah"), to(Place.DESA)), False),
    ],
)
def test_what_came_back_to_the_dinas_says_so_until_it_leaves_again(
    handings: tuple[Handing, ...], is_returned: bool
) -> None:
    card = CARD
    for handing in handings:
        card = card.handed(handing)
    assert card.is_returned is is_returned


def test_it_came_where_it_is_with_its_last_handing_or_print() -> None:
    again = replace(CARD, prints=(*CARD.prints, Printed(NOW + timedelta(1), "u1", "B2")))
    assert [card.moved_at - NOW for card in (CARD, again)] == [timedelta(0), timedelta(1)]
    assert again.handed(Handing(Place.DESA, NOW + timedelta(2), "u1", "")).moved_at == NOW + timedelta(2)


def test_tries_are_those_of_the_office_and_of_its_courier() -> None:
    courier = CourierRun(CourierState.DIANTAR, attempts=(Attempt(NOW, "rumah kosong"),))
    tried = replace(CARD, attempts=(Attempt(NOW, "pagi"), Attempt(NOW, "sore")))
    cards = (CARD, tried, replace(tried, courier=courier))
    assert [(card.tries, card.courier_state) for card in cards] == [(0, None), (2, None), (3, CourierState.DIANTAR)]


def test_what_a_courier_has_is_received_from_the_courier_alone() -> None:
    with pytest.raises(RuleError, match=r"card\.with_courier"):
        replace(CARD, place=Place.COURIER).received(RECEIPT)
    assert {Document.KTP_EL, Document.KIA} == BY_COURIER


def test_it_is_found_by_name_registration_village_and_the_numbers_of_its_blanks() -> None:
    numbered = replace(CARD, prints=(Printed(NOW, "u1", "B1", number="BL-1"), *CARD.prints))
    assert (CARD.words, numbered.words) == ("MISINEM K-1 JIMBE", "MISINEM K-1 JIMBE BL-1")


def test_a_card_knows_no_category_and_no_whole_nik() -> None:
    assert not {field.name for field in fields(CARD)} & {"category", "nik", "biodata", "reason"}
    assert "••••" in CARD.masked_nik
    assert "3505" not in CARD.words
    assert Distribution("a1", "a1", (), "u1", NOW).words == ""


@pytest.mark.parametrize(
    ("here", "may_go"),
    [
        ([Place.DINAS], (Place.KECAMATAN, Place.DESA, Place.PERSON)),
        ([Place.DINAS, Place.DINAS], (Place.KECAMATAN, Place.DESA)),
        ([Place.KECAMATAN], (Place.DESA, Place.PERSON)),
        ([Place.DESA, Place.DESA], (Place.KECAMATAN,)),
        ([Place.COURIER], (Place.PERSON,)),
        ([Place.COURIER, Place.COURIER], ()),
        ([Place.COURIER, Place.DINAS], ()),
        ([Place.PERSON], ()),
        ([Place.PERSON, Place.DINAS], ()),
    ],
)
def test_documents_go_on_from_where_they_are(here: list[Place], may_go: tuple[Place, ...]) -> None:
    assert ways_on([replace(CARD, place=place) for place in here]) == may_go


def test_a_ktp_el_is_shown_for_a_kk_of_the_counter() -> None:
    family = replace(CARD, document=Document.KK, application_id="m1")
    cards = (family, replace(family, application_id=""), replace(family, document=Document.KIA))
    assert [card.asks_for_ktp for card in cards] == [True, False, False]
