from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.plans import ADMIN, KABID, KASI

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import User
from fieldkit.domain.planning.schedule import THE_DURATIONS, USUAL


def test_the_usual_minutes_hold_until_somebody_sets_others(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KASI)
    durations = kit.context.office.durations
    assert durations.read() == USUAL
    durations.edit(replace(USUAL, coordination=45))
    assert durations.read().coordination == 45
    with kit.store.read() as unit:
        assert [event.kind for event in unit.events.of(THE_DURATIONS)] == ["efforts_set"]
    with pytest.raises(InputError, match=r"efforts\.range"):
        durations.edit(replace(USUAL, coordination=-1))
    assert durations.read().coordination == 45
    kit.store.close()


@pytest.mark.parametrize(("user", "may"), [(KASI, True), (KABID, True), (ADMIN, False), (PETUGAS, False)])
def test_only_planners_set_them(tmp_path: Path, user: User, may: bool) -> None:
    kit = Kit(tmp_path, user)
    if may:
        kit.context.office.durations.edit(USUAL)
    else:
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            kit.context.office.durations.edit(USUAL)
    kit.store.close()
