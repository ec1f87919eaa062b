from __future__ import annotations

from support.tasks import Steps

from ui.presenters.actions import Action
from ui.presenters.commands import Weight
from ui.presenters.navigator import opening


def test_a_command_opens_a_screen_and_that_of_enter_is_primary() -> None:
    steps = Steps()
    enter = opening(steps, "accept", "Ubah", Action.ACCEPT, "", "sarpras_item", thing_id="i1")
    other = opening(steps, "add", "Tambah", Action.ADD, "Bukan Anda", "sarpras_item", thing_id="")
    assert (enter.weight, other.weight, other.refused) == (Weight.PRIMARY, Weight.SECOND, "Bukan Anda")
    assert callable(enter.runs)
    enter.runs()
    assert steps.taken == [("push", "sarpras_item", "i1")]
