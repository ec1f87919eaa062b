"""Who took documents, as receipts tell it; the other acts are walked in tests/e2e."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

from fieldkit.app.demo.outreach.outsiders import OutsiderAct, acts_of
from fieldkit.domain.cards.card import CardCase, CourierRun, Document, Handing, MarkKind, Place, Receipt
from fieldkit.domain.cards.courier import CourierState
from fieldkit.services.context.office import Office

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def receipt(who: str, attachment_id: str) -> Receipt:
    return Receipt(who, "", "", AT, "u1", MarkKind.SIGNATURE, attachment_id)


CARD = CardCase("c1", "a1", Document.KTP_EL, "r1", "SITI", "3505••", "JIMBE", ())


def office(*cards: CardCase) -> Office:
    nothing = SimpleNamespace(of=lambda _: ())
    aid = SimpleNamespace(overview=lambda _: SimpleNamespace(lines=()))
    handover = SimpleNamespace(all=lambda _: cards)
    return cast(Office, SimpleNamespace(requests=nothing, letters=nothing, trips=nothing, handover=handover, aid=aid))


def test_whoever_signed_for_a_document_is_told_once_with_the_signature() -> None:
    desa = Handing(Place.DESA, AT, "u1", "Carik", receipt=receipt("Carik", "s1"))
    card = replace(CARD, handings=(desa,), receipt=receipt("SITI", "s2"))
    assert acts_of(office(card, replace(card, thing_id="c2")), "a1") == [
        OutsiderAct("takes over for the desa", "Carik", "s1"),
        OutsiderAct("takes the document", "SITI", "s2"),
    ]


def test_a_courier_is_one_and_no_act_is_told_without_evidence() -> None:
    run = CourierRun(CourierState.DISERAHKAN_KE_KURIR, taken=receipt("Joko", "s3"))
    assert acts_of(office(replace(CARD, courier=run)), "a1") == [OutsiderAct("takes along as courier", "Joko", "s3")]
    assert acts_of(office(replace(CARD, receipt=receipt("SITI", ""))), "a1") == []
    assert acts_of(office(CARD), "a1") == []
