from __future__ import annotations

from pathlib import Path

from support.app_context import KETUA
from support.checklists import check_out, stocked_kit
from support.letters import KASI
from support.sarpras import take_out
from support.tasks import Steps

from ui.presenters.messages import message
from ui.presenters.parts import Stage


def test_what_is_out_already_is_shown_and_not_begun_again(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        left = take_out(kit)
        presenter = check_out(kit, steps)
        assert presenter.state.is_closed
        assert presenter.state.title == message("sarpras.out_title", kit="Kit 07")
        presenter.kits()
        assert steps.taken == []
        assert kit.context.office.sarpras.out.current("a1") == left


def test_other_kits_are_a_form_away(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        presenter = check_out(kit, steps)
        presenter.kits()
        assert steps.taken == [("push", "sarpras_kits", kit.context.office.sarpras.out.current("a1").thing_id)]


def test_who_may_not_fill_the_list_looks_at_it(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        kit.context = kit.context_of(KASI)
        assert check_out(kit, steps).state.stage is Stage.EMPTY
        kit.context_of(KETUA).office.sarpras.out.begin("a1")
        seen = check_out(kit, steps).state
        assert seen.stage is Stage.CONTENT
        assert [action.refused for action in seen.bar.actions] == [message("sarpras.not_yours_hint")] * 3
