from __future__ import annotations

import re

import pytest

from ui.runtime.stylesheet import stylesheet
from ui.runtime.theme import ThemeName, load_tokens


@pytest.mark.parametrize("name", ThemeName)
def test_only_colours_of_the_tokens_stand_in_it(name: ThemeName) -> None:
    tokens = load_tokens(name)
    sheet = stylesheet(tokens)
    assert "$" not in sheet
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", sheet)) <= set(tokens.colours().values())
    assert tokens.focus in sheet
