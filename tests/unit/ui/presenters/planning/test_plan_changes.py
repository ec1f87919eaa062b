from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import KASI, furnish, plan

from fieldkit.domain.planning.outreach import Rhythm, Terrain
from fieldkit.services.planning import PlanBasis
from ui.presenters.planning.plan import PlanForm, changes_of, with_changes


@pytest.fixture
def basis(tmp_path: Path) -> Iterator[PlanBasis]:
    kit = Kit(tmp_path, KASI)
    furnish(kit, plan("a1", date(2026, 12, 3)))
    yield kit.context.office.planning.basis("a1")
    kit.store.close()


def test_no_change_is_no_draft(basis: PlanBasis) -> None:
    begun = basis.refreshed(basis.draft())
    assert changes_of(begun, PlanForm.of(begun), begun) == {}
    assert with_changes(begun, {}, basis) == (begun, PlanForm.of(begun))


def test_changes_come_back_as_they_were(basis: PlanBasis) -> None:
    begun = basis.refreshed(basis.draft())
    changes = {"note": "Bawa genset", "starts": "pagi", "team": "s2", "route": " ".join(reversed(begun.route))}
    draft, form = with_changes(begun, changes, basis)
    assert (draft.note, draft.team, draft.starts) == ("Bawa genset", ("s2",), begun.starts)
    assert "starts" in form.problems
    assert changes_of(draft, form, begun) == changes


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({"team": "nobody s2"}, {"team": ("s2",)}),
        ({"kits": "k2 gone"}, {"kits": ("k2",)}),
        ({"kits": ""}, {"kits": ()}),
        ({"terrain": "remote"}, {"terrain": Terrain.REMOTE}),
        ({"terrain": "bulan"}, {}),
        ({"rhythm": "daily"}, {"rhythm": Rhythm.DAILY}),
        ({"rhythm": "x"}, {}),
        ({"route": "t2 t1 t3 t4 t5 t6 t7"}, {"route": ("t2", "t1", "t3", "t4", "t5", "t6", "t7")}),
        ({"route": "t1 t99"}, {}),
        ({"other": "x"}, {}),
    ],
)
def test_what_does_not_fit_any_more_is_passed_over(
    basis: PlanBasis, changes: dict[str, str], there: dict[str, object]
) -> None:
    begun = basis.refreshed(basis.draft())
    draft, form = with_changes(begun, changes, basis)
    assert (draft, form) == (replace(begun, **there), PlanForm.of(begun))  # type: ignore[arg-type]
