from __future__ import annotations

from dataclasses import replace

from fieldkit.domain.errors import Problem
from ui.presenters.messages import message
from ui.presenters.parts import Bar, Stage, Toast
from ui.presenters.recording.card_check import CardCheckState
from ui.presenters.ways_out import AGAIN, BACK, unread


def test_a_screen_that_could_not_be_read_keeps_what_it_has_and_offers_two_ways() -> None:
    before = CardCheckState(stage=Stage.LOADING, where="Jimbe", title="SITI", toast=Toast(message("act.back")))
    after = unread(before, Problem("store.damaged"))
    assert (after.stage, after.problem, after.retry, after.bar) == (
        Stage.ERROR,
        Problem("store.damaged"),
        AGAIN,
        Bar(BACK),
    )
    assert replace(after, stage=before.stage, problem=None, retry=None, bar=before.bar) == before
    assert after.title == "SITI"
