from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.app_context import Kit
from support.applied import RECEIPT
from support.counter_office import page_photo

from fieldkit.domain.cards.card import CardCase, CourierRun, Document, MarkKind, Place, Printed
from fieldkit.domain.cards.courier import CourierState
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.services.recording.check_card import CardSeen
from ui.presenters.cards.handover_fields import door_photo, propose, received
from ui.presenters.form import FormField, texts_of

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def typed(fields: Sequence[FormField], name: str, text: str) -> tuple[FormField, ...]:
    return tuple(replace(field, text=text) if field.name == name else field for field in fields)


def card(place: Place, document: Document = Document.KTP_EL, application_id: str = "") -> CardCase:
    return CardCase(
        "c1", "a1", document, "R1", "WARSITO", "350512••••••••01", "Jimbe", (Printed(AT, "u1", "B1"),), place,
        application_id=application_id,
    )  # fmt: skip


def test_only_one_way_is_not_asked_for() -> None:
    assert [field.name for field in propose([card(Place.COURIER)], Place.PERSON, None)] == [
        "receiver",
        "relation",
        "proof",
        "giver",
        "door",
        "photo",
        "old_card",
    ]
    assert [field.name for field in propose([card(Place.DINAS)], Place.PERSON, None)][-2:] == ["proof", "old_card"]
    assert propose([card(Place.DINAS)], Place.DESA, None)[-1].name == "proof"
    assert propose([card(Place.DINAS)], Place.COURIER, None)[1].text == "kurir"


BA = Letter("l1", "a1", LetterKind.BA_SERAH_TERIMA, "BA", "K07-1", {}, "u1", AT, number="470/9")
NAMED = {"second": {"name": "Suyatno", "jabatan": "Kepala Desa"}}


@pytest.mark.parametrize(
    ("to", "ba", "told"),
    [
        (Place.PERSON, None, ("WARSITO", "diri sendiri", "")),
        (Place.PERSON, replace(BA, fields=NAMED), ("WARSITO", "diri sendiri", "")),
        (Place.DESA, None, ("", "", "")),
        (Place.DESA, replace(BA, fields=NAMED), ("Suyatno", "Kepala Desa", "470/9")),
        (Place.KECAMATAN, replace(BA, number=""), ("", "", "K07-1")),
        (Place.COURIER, None, ("", "kurir", "")),
        (Place.COURIER, replace(BA, fields=NAMED), ("Suyatno", "Kepala Desa", "470/9")),
    ],
)
def test_the_owner_or_the_second_party_is_proposed(to: Place, ba: Letter | None, told: tuple[str, str, str]) -> None:
    texts = texts_of(propose([card(Place.DINAS)], to, ba))
    assert (texts["receiver"], texts["relation"], texts["proof"]) == told


def test_the_ways_on_are_offered_where_there_are_several() -> None:
    def ways(*cards: CardCase, to: Place) -> list[str]:
        fields = propose(cards, to, None)
        return [choice.name for field in fields if field.name == "to" for choice in field.choices]

    assert ways(card(Place.DINAS), to=Place.DESA) == ["kecamatan", "desa", "person"]
    assert ways(card(Place.DINAS), to=Place.COURIER) == []
    assert ways(card(Place.COURIER), to=Place.PERSON) == []
    labels = {to: propose([card(Place.DINAS)], to, None)[-1].label for to in (Place.DESA, Place.KECAMATAN)}
    assert set(map(str, labels.values())) == {str(propose([card(Place.DESA)], Place.DESA, None)[-1].label)}


@pytest.mark.parametrize(
    ("run", "giver"),
    [
        (None, ""),
        (CourierRun(CourierState.DIANTAR), ""),
        (CourierRun(CourierState.DIANTAR, taken=replace(RECEIPT, receiver="Joko")), "Joko"),
    ],
)
def test_at_the_door_who_took_it_along_is_proposed(run: CourierRun | None, giver: str) -> None:
    fields = propose([replace(card(Place.COURIER), courier=run)], Place.PERSON, None)
    texts = texts_of(fields)
    assert (texts["giver"], texts["door"]) == (giver, "Jimbe")
    taken = received(typed(fields, "door", "Jl. Melati 4"), MarkKind.THUMB, b"jpeg", None)
    assert (taken.giver, taken.place) == (giver, "Jl. Melati 4")


def test_only_a_photo_that_is_named_is_read(idle: Kit, tmp_path: Path) -> None:
    (tmp_path / "pintu.jpg").write_bytes(page_photo())
    fields = propose([card(Place.COURIER)], Place.PERSON, None)
    assert door_photo(idle.context, fields) == door_photo(idle.context, typed(fields, "photo", " ")) == b""
    assert door_photo(idle.context, typed(fields, "photo", str(tmp_path / "pintu.jpg"))).startswith(b"\xff\xd8")


def test_a_kk_of_the_counter_asks_for_a_ktp_el() -> None:
    kk = card(Place.DINAS, Document.KK, "m1")
    assert propose([kk], Place.PERSON, None)[-1].name == "shows_ktp"
    assert propose([kk], Place.DESA, None)[-1].name == "proof"
    assert propose([card(Place.DINAS, Document.KK)], Place.PERSON, None)[-1].name == "proof"
    shown = typed(propose([kk], Place.PERSON, None), "shows_ktp", "yes")
    assert received(shown, MarkKind.THUMB, b"jpeg", None).shows_ktp


def test_what_was_filled_in_is_what_is_received() -> None:
    fields = typed(propose([card(Place.DINAS)], Place.PERSON, None), "proof", "KK")
    taken = received(fields, MarkKind.THUMB, b"jpeg", CardSeen(True, "abc"))
    assert (taken.receiver, taken.proof, taken.kind, taken.mark) == ("WARSITO", "KK", MarkKind.THUMB, b"jpeg")
    assert (taken.is_card_read, taken.card_uid, taken.shows_ktp) == (True, "abc", False)
    bare = received(fields, MarkKind.THUMB, b"jpeg", None)
    assert (bare.is_card_read, bare.card_uid, bare.place, bare.giver) == (False, "", "", "")
    assert not taken.gives_old
    assert received(typed(fields, "old_card", "yes"), MarkKind.THUMB, b"jpeg", None).gives_old
