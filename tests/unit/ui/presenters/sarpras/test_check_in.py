from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from support.app_context import PENGURUS, TARGETS
from support.checklists import stocked_kit
from support.sarpras import SIGNATURE, fill, take_out
from support.tasks import SameThread, Steps

from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.sarpras.check_in import CheckInPresenter


def test_nothing_out_leads_to_the_preparation(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        presenter = CheckInPresenter(kit.context, SameThread(), steps, "a1")
        presenter.start()
        assert presenter.state.stage is Stage.EMPTY
        presenter.prepare()
        assert steps.taken == [("replace", "check_out", "a1")]


def test_unsent_records_are_said_with_the_age_of_the_oldest(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        take_out(kit)
        kit.seal(1, TARGETS[0], timedelta(days=3))
        presenter = CheckInPresenter(kit.context, SameThread(), steps, "a1")
        presenter.start()
        assert presenter.state.gauges[-1].words == message("sarpras.unsent_days", count=1, age=3)


def test_it_is_taken_back_then_shown_with_its_paper(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        take_out(kit)
        back = kit.context.office.sarpras.back
        found = fill(back, back.begin("a1"))
        back.allow(found.thing_id, PENGURUS, SIGNATURE)
        presenter = CheckInPresenter(kit.context, SameThread(), steps, "a1")
        presenter.start()
        presenter.accept()
        assert presenter.state.is_closed
        again = CheckInPresenter(kit.context, SameThread(), steps, "a1")
        again.start()
        assert again.state.is_closed
        again.print_paper()
        assert steps.taken[-1][:2] == ("push", "letter")
