from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from fieldkit.domain.cards.card import CardCase, Document, MarkKind, Place, Printed
from fieldkit.services.recording.check_card import CardSeen
from ui.presenters.cards.handover_fields import propose, received
from ui.presenters.form import FormField

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


def test_a_kk_of_the_counter_asks_for_a_ktp_el() -> None:
    kk = card(Place.DINAS, Document.KK, "m1")
    assert propose([kk], Place.PERSON, None)[-1].name == "shows_ktp"
    assert propose([kk], Place.DESA, None)[-1].name == "proof"


def test_what_was_filled_in_is_what_is_received() -> None:
    fields = typed(propose([card(Place.DINAS)], Place.PERSON, None), "proof", "KK")
    taken = received(fields, MarkKind.THUMB, b"jpeg", CardSeen(True, "abc"))
    assert (taken.receiver, taken.proof, taken.kind, taken.mark) == ("WARSITO", "KK", MarkKind.THUMB, b"jpeg")
    assert (taken.is_card_read, taken.card_uid, taken.shows_ktp) == (True, "abc", False)
    assert not received(fields, MarkKind.THUMB, b"jpeg", None).is_card_read
    assert not taken.gives_old
    assert received(typed(fields, "old_card", "yes"), MarkKind.THUMB, b"jpeg", None).gives_old
