"""When a record counts as decided; the acts themselves are walked in tests/e2e."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from support.followed import PRINTED, follow
from support.letters import KASI, office

from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.field_acts import OUTSIDERS, _is_decided, _waiting
from fieldkit.domain.aid import OVER, WAYS, AidState
from fieldkit.domain.cards.card import MarkKind
from fieldkit.domain.delivery import QueueEntry
from fieldkit.services.cards.hand_over import Received


@pytest.mark.parametrize(
    ("code", "is_decided"),
    [(None, False), ("RECEIVED_AT_CENTRAL", False), ("PRINT_READY_RECORD", True), ("DUPLICATE_RECORD", True)],
)
def test_only_what_the_data_center_decided_is_decided(code: str | None, is_decided: bool) -> None:
    entry = SimpleNamespace(central=None if code is None else SimpleNamespace(code=code))
    assert _is_decided(cast(QueueEntry, entry)) is is_decided


def test_the_proposals_go_a_way_that_there_is_to_its_end() -> None:
    way = [AidState.DICATAT, *OUTSIDERS]
    assert all(after in WAYS[before] for before, after in pairwise(way))
    assert way[-1] in OVER


def test_each_act_has_somebody_and_a_proof() -> None:
    assert all(texts["aid.who"] and texts["aid.paper"] for texts in OUTSIDERS.values())


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
