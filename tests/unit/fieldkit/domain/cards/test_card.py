from __future__ import annotations

from dataclasses import fields, replace

import pytest
from support.clock import NOW

from fieldkit.domain.cards.card import (
    CardCase,
    Distribution,
    Document,
    Handing,
    MarkKind,
    Place,
    Printed,
    Receipt,
    ways_on,
)
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


def test_what_came_back_says_so_until_it_leaves_again() -> None:
    card = CARD.handed(to(Place.DESA)).handed(to(Place.DINAS, "pindah"))
    assert (card.place, card.is_returned) == (Place.DINAS, True)
    assert not card.handed(to(Place.DESA)).is_returned
    assert not CARD.is_returned


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
    asked = [card.asks_for_ktp for card in (family, replace(family, application_id=""), CARD)]
    assert asked == [True, False, False]
