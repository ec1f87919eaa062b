from __future__ import annotations

import tomllib
from importlib.resources import files

from ui.presenters.form_places import PLACES


def test_every_problem_with_a_field_is_one_that_exists() -> None:
    known: set[str] = set()
    for room in files("assets").joinpath("i18n/id").iterdir():
        known |= tomllib.loads(room.read_text("utf-8")).keys()
    assert PLACES
    assert PLACES.keys() <= known
