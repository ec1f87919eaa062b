from __future__ import annotations

import tomllib
from pathlib import Path

from support.desk import Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.drafts import DraftName
from ui.presenters.home.left_open import _FORMS, LeftOpenPresenter
from ui.presenters.parts import Stage

ID = Path(__file__).parents[5] / "assets/i18n/id/isian.toml"


def begun(kit: Kit, target_id: str) -> str:
    session = kit.desk.recording.open(target_id)
    kit.clock.advance(minutes=1)
    return kit.desk.recording.give_notice(session.session_id, "id").session_id


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> LeftOpenPresenter:
    presenter = LeftOpenPresenter(kit.desk, tasks, steps)
    presenter.start()
    return presenter


def names(presenter: LeftOpenPresenter) -> list[object]:
    rows = presenter.state.rows
    return [rows.row(at).cells[0].words for at in range(rows.count)]


def test_who_is_chosen_stays_chosen_whatever_moves(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    session = begun(kit, "t1")
    begun(kit, "t2")
    presenter = opened(kit, tasks, steps)
    assert names(presenter) == ["KAR•••", "MIS•••"]
    presenter.select(f"recording?session_id={session}")
    presenter.search("kar")
    assert names(presenter) == ["KAR•••"]
    presenter.search("")
    begun(kit, "t4")
    presenter.start()
    assert names(presenter)[0] == "NAD•••"
    presenter.accept()
    assert steps.taken == [("push", "recording", session)]


def test_a_typed_form_opens_as_it_was_opened(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.desk.drafts.keep(DraftName("walk_in", {"activity_id": "a1"}), {"name": "siti"})
    opened(kit, tasks, steps).accept()
    assert steps.taken == [("push", "walk_in", "a1")]


def test_nothing_left_says_so(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    assert presenter.state.stage is Stage.EMPTY
    presenter.accept()
    presenter.back()
    assert steps.taken == [("back",)]


def test_every_kind_of_form_has_its_words() -> None:
    told = {key.removeprefix("isian.form.") for key in tomllib.loads(ID.read_text()) if key.startswith("isian.form.")}
    assert told == {*_FORMS, "other"}
