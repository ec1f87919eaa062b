from __future__ import annotations

from datetime import date, time

import pytest
from support.plans import plan

from ui.presenters.planning.plan_form import PlanForm

THURSDAY = date(2026, 12, 3)


def test_a_keystroke_changes_the_plan_or_marks_the_field() -> None:
    kept = plan("a1", THURSDAY)
    form, changed = PlanForm.of(kept).typed(kept, "starts", "9.15")
    assert (changed.starts, form.problems) == (time(9, 15), {})
    form, _ = form.typed(changed, "way", "jauh")
    form, same = form.typed(changed, "starts", "9.1x")
    assert same == changed
    assert {name: problem.code for name, problem in form.problems.items()} == {
        "way": "typed.whole",
        "starts": "typed.clock_time",
    }
    assert form.values["starts"] == "9.1x"
    form = form.shows(changed, "starts")
    assert (form.values["starts"], form.values["way"], list(form.problems)) == ("09.15", "jauh", ["way"])
    form, _ = form.typed(changed, "way", "30")
    assert form.problems == {}


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("days", "10-12-2026", "days", (date(2026, 12, 10),)),
        ("way", "75", "way_minutes", 75),
        ("vehicle", " AG 1 ", "vehicle", "AG 1"),
        ("companions", "Kader", "companions", "Kader"),
        ("note", "Genset", "note", "Genset"),
        ("direction", "Lansia dulu", "direction", "Lansia dulu"),
    ],
)
def test_each_field_has_its_place(name: str, text: str, field: str, value: object) -> None:
    kept = plan("a1", THURSDAY)
    assert getattr(PlanForm.of(kept).typed(kept, name, text)[1], field) == value
