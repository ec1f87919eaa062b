from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.cards.card import (
    BY_COURIER,
    MOST_ATTEMPTS,
    Attempt,
    CardCase,
    CardFacts,
    ClockPause,
    CourierRun,
    CourierState,
    CourierStep,
    Distribution,
    Document,
    Handing,
    MarkKind,
    Place,
    Printed,
    Receipt,
    courier_message,
    follow,
    read_registration,
    step_after,
    ways_on,
    without_niks,
)
from fieldkit.domain.cards.printing import Pause
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.sop.profile import PauseReason

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


S = CourierState


WAYS = {
    S.TERDAFTAR: {S.DIPERIKSA},
    S.DIPERIKSA: {S.PERLU_DILENGKAPI, S.DISETUJUI},
    S.PERLU_DILENGKAPI: {S.DIPERIKSA},
    S.DISETUJUI: {S.TTE},
    S.TTE: {S.TERCETAK},
    S.TERCETAK: {S.SIAP_DIAMBIL_KURIR},
    S.SIAP_DIAMBIL_KURIR: {S.DISERAHKAN_KE_KURIR},
    S.DISERAHKAN_KE_KURIR: {S.DIANTAR, S.DIKEMBALIKAN},
    S.DIANTAR: {S.DIANTAR, S.DITERIMA, S.DIKEMBALIKAN},
    S.DIKEMBALIKAN: {S.SIAP_DIAMBIL_KURIR},
}


@pytest.mark.parametrize("state", S)
def test_each_state_leads_on_as_the_sop_says_and_no_step_is_left_out(state: CourierState) -> None:
    for to in S:
        if to in WAYS.get(state, ()):
            assert follow(state, to) is to
        else:
            with pytest.raises(RuleError, match=r"courier\.not_now"):
                follow(state, to)


def test_two_attempts_and_no_third() -> None:
    assert follow(S.DIANTAR, S.DIANTAR, MOST_ATTEMPTS - 1) is S.DIANTAR
    with pytest.raises(RuleError, match=r"courier\.two_attempts"):
        follow(S.DIANTAR, S.DIANTAR, MOST_ATTEMPTS)
    assert follow(S.DIANTAR, S.DIKEMBALIKAN, MOST_ATTEMPTS) is S.DIKEMBALIKAN


def test_what_comes_next_is_said_for_documents_that_stand_alike() -> None:
    assert step_after([None, S.DIKEMBALIKAN]) is CourierStep.READY
    assert step_after([S.SIAP_DIAMBIL_KURIR]) is CourierStep.GIVE
    assert step_after([S.DISERAHKAN_KE_KURIR, S.DIANTAR]) is None
    assert step_after([S.DIANTAR]) is CourierStep.DELIVER
    assert step_after([]) is step_after([S.DITERIMA]) is None


def test_the_message_has_counts_and_numbers_and_says_that_it_is_free() -> None:
    text = courier_message("Dinas Contoh", ["BP-0007", "BP-0009"])
    assert text.splitlines()[:3] == ["Dinas Contoh: 2 dokumen siap diambil.", "1. BP-0007", "2. BP-0009"]
    assert "Gratis" in text


def test_no_number_like_a_nik_leaves_in_a_message() -> None:
    with pytest.raises(InputError, match=r"registration\.like_a_nik"):
        courier_message("Dinas Contoh", ["BP-0007", "3505 1252 0751 0003"])


AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("activity_id", "record_id", "holds"),
    [("", "", True), ("a1", "", True), ("a2", "", False), ("a1", "r1", True), ("a1", "r2", False), ("", "r1", True)],
)
def test_a_pause_holds_for_all_for_an_activity_or_for_a_record(activity_id: str, record_id: str, holds: bool) -> None:
    pause = ClockPause(
        "p1", PauseReason.GANGGUAN_TEKNIS, AT, "Server mati", activity_id=activity_id, record_id=record_id
    )
    assert pause.holds_for("a1", "r1") is holds


def test_it_is_counted_and_found_by_its_reason() -> None:
    pause = ClockPause("p1", PauseReason.GANGGUAN_TEKNIS, AT, "Server mati")
    assert pause.pause == Pause(PauseReason.GANGGUAN_TEKNIS, AT, None, "Server mati")
    assert (pause.words, CardFacts("t1", "a1").words) == ("gangguan teknis Server mati", "")


def test_a_number_as_the_application_shows_it() -> None:
    assert read_registration("  BP-2026/11-000123 ") == "BP-2026/11-000123"
    for typed in ("REG 20261121 0001", "A" * 40):
        assert read_registration(typed) == typed


@pytest.mark.parametrize(
    "typed", ["3505125207510003", "REG-3505125207510003", "3505 1252 0751 0003", "350512.520751.0003"]
)
def test_a_nik_is_no_registration_number(typed: str) -> None:
    with pytest.raises(InputError, match=r"registration\.like_a_nik"):
        read_registration(typed)


@pytest.mark.parametrize(
    ("typed", "code"), [("  ", "empty"), ("A" * 41, "unreadable"), ("BP\x07", "unreadable"), ("BP-é", "unreadable")]
)
def test_what_nobody_can_read(typed: str, code: str) -> None:
    with pytest.raises(InputError, match=f"registration.{code}"):
        read_registration(typed)


def test_niks_are_hidden_however_they_are_grouped() -> None:
    assert without_niks("NIK 3315.0845.0790.0002, nomor BP-2026-0007") == "NIK ••••, nomor BP-2026-0007"


def test_the_id_of_a_record_is_no_nik() -> None:
    """Its groups can hold sixteen digits in a row."""
    record_id = "9ce7ca03-4765-4c88-9132-843194091388"
    assert without_niks(f"record {record_id}, NIK 3315084507900002") == f"record {record_id}, NIK ••••"
    assert without_niks(record_id.upper()) == record_id.upper()
