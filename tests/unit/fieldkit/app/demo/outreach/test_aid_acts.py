"""The acts of outsiders are such as the office takes; the screens are walked in tests/e2e."""

from __future__ import annotations

from itertools import pairwise

from fieldkit.app.demo.outreach.aid_acts import OUTSIDERS
from fieldkit.domain.aid import OVER, WAYS, AidState


def test_the_proposals_go_a_way_that_there_is_to_its_end() -> None:
    way = [AidState.DICATAT, *OUTSIDERS]
    assert all(after in WAYS[before] for before, after in pairwise(way))
    assert way[-1] in OVER


def test_each_act_has_somebody_and_a_proof() -> None:
    assert all(texts["aid.who"] and texts["aid.paper"] for texts in OUTSIDERS.values())
