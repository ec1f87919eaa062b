from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from support.app_context import Kit

from fieldkit.domain.errors import Problem
from ui.presenters.settings.section import Section


class Nothing(Section):
    name = "nothing"
    places: ClassVar[dict[str, str]] = {"x.wrong": "x"}


def test_a_section_knows_where_its_problems_stand_and_lets_lists_mean_nothing(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    section = Nothing(kit.context)
    assert section.place_of(Problem("x.wrong")) == "x"
    assert section.place_of(Problem("y.wrong")) == ""
    section.point("list", "line")
    section.type("x", "text")
    section.tick("x", "line")
    before = section.typed
    section.type("y", "more")
    assert (section.typed, before) == ({"x": "text", "y": "more"}, {"x": "text"})  # what is being kept stays
    assert section.cursors == {"list": "line"}
    kit.store.close()
