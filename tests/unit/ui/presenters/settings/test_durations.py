from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import KASI, furnish
from support.settings import field, opened, wrong

from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.planning.schedule import Estimate


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    yield kit
    kit.store.close()


def proposed(kit: Kit) -> Estimate:
    basis = kit.context.office.planning.basis("a1")
    return basis.estimate(basis.draft())


def test_the_minutes_of_the_office_reach_its_proposals(kit: Kit) -> None:
    before = proposed(kit)
    presenter = opened(kit, "waktu")
    assert field(presenter, "person_lansia").text == "60"
    presenter.type_field("person_lansia", "120")
    presenter.type_field("day_ends", "15:30")
    presenter.accept()
    after = proposed(kit)
    assert after.recording == before.recording + 60
    assert kit.context.office.planning.basis("a1").durations.day_ends == time(15, 30)
    assert field(presenter, "day_ends").text == "15.30"
    assert kit.context.office.durations.read().per_person[ServiceCategory.LANSIA] == 120


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("person_umum", "lima", "typed.whole"),
        ("person_umum", "-5", "typed.range"),
        ("person_umum", "²", "typed.whole"),
        ("person_umum", "0", "efforts.range"),
        ("rest", "9999", "efforts.range"),
        ("day_ends", "25.00", "typed.clock_time"),
        ("day_ends", "", "typed.empty"),
        ("day_ends", "6", "efforts.day_ends"),
    ],
)
def test_minutes_that_cannot_be_are_refused(kit: Kit, name: str, text: str, code: str) -> None:
    before = kit.context.office.durations.read()
    presenter = opened(kit, "waktu")
    presenter.type_field(name, text)
    presenter.accept()
    assert wrong(presenter) == code
    assert field(presenter, name).text == text
    assert kit.context.office.durations.read() == before
