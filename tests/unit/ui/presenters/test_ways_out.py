from __future__ import annotations

from dataclasses import replace

from fieldkit.domain.errors import Problem
from ui.presenters.messages import message
from ui.presenters.parts import Bar, Stage, Toast
from ui.presenters.recording.card_check import CardCheckState
from ui.presenters.ways_out import leave, unread


class Card:
    def __init__(self) -> None:
        self.done: list[str] = []

    def refresh(self) -> None:
        self.done.append("refresh")

    def back(self) -> None:
        self.done.append("back")


def test_a_screen_that_could_not_be_read_keeps_what_it_has_and_offers_two_ways() -> None:
    before = CardCheckState(stage=Stage.LOADING, where="Jimbe", title="SITI", toast=Toast(message("act.back")))
    card = Card()
    after = unread(before, Problem("store.damaged"), card)
    assert (after.stage, after.problem, after.bar) == (Stage.ERROR, Problem("store.damaged"), Bar(leave(card.back)))
    for command in (after.retry, after.bar.back):
        command.runs()
    assert card.done == ["refresh", "back"]
    assert replace(after, stage=before.stage, problem=None, retry=None, bar=before.bar) == before
    assert after.title == "SITI"
