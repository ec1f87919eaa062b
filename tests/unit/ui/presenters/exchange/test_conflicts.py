from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.apart import brought_together
from support.app_context import KETUA, TARGETS, Kit
from support.listing import Listing
from support.tasks import SameThread, Steps

from ui.presenters.exchange.conflicts import ConflictPresenter, Conflicts, kind_words
from ui.presenters.messages import message
from ui.presenters.parts import Stage


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def test_what_differs_is_listed_with_both_sides_and_opens(kit: Kit, tmp_path: Path) -> None:
    brought_together(kit, tmp_path, "t1", "a1")
    steps = Steps()
    listing = Listing(Conflicts(kit.context, steps).screen(), SameThread(), steps)
    what, about, one, other = listing.rows[0].cells
    assert (what.words, about.words) == (kind_words("visit"), TARGETS[0].biodata.name)
    assert {one.detail, other.detail} == {"21-11-2026 09.14", "21-11-2026 09.21"}
    listing.press("accept")
    assert steps.taken[-1][:3] == ("push", "conflict", "visit")
    listing.presenter.search("zzz")
    assert listing.presenter.state.bar.actions == ()


def test_nothing_that_differs_is_said(kit: Kit, steps: Steps) -> None:
    listing = Listing(Conflicts(kit.context, steps).screen(), SameThread(), steps)
    assert listing.presenter.state.nothing.title == message("conflicts.none")


def test_a_conflict_that_is_not_read_yet_shows_nothing(idle: Kit) -> None:
    assert ConflictPresenter(idle.context, SameThread(), Steps(), "visit", "v1").state.stage is Stage.LOADING
