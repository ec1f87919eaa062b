"""Which cards still wait; the acts themselves are walked in tests/e2e."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from support.followed import PRINTED, follow
from support.letters import KASI, office

from fieldkit.app.demo.outreach.card_acts import _waiting
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.domain.cards.card import MarkKind
from fieldkit.services.cards.take_receipts import Received


def test_a_card_waits_until_its_person_signed(tmp_path: Path) -> None:
    kit = office(tmp_path, KASI)
    follow(kit)
    clerk = cast(Clerk, SimpleNamespace(context=kit.context, activity_id="a1"))
    (card,) = kit.context.office.handover.all("a1")
    assert (card.record_id, _waiting(clerk)) == (PRINTED, 1)
    kit.context.office.handover.receive(
        card.thing_id, Received(card.name, "diri sendiri", "KTP-el", MarkKind.SCAN, b"%PDF-1.7 receipt")
    )
    assert _waiting(clerk) == 0
    kit.store.close()
