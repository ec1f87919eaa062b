from __future__ import annotations

import tomllib
from pathlib import Path

from ui.presenters.home.left_open import _FORMS

ID = Path(__file__).parents[5] / "assets/i18n/id/isian.toml"


def test_every_kind_of_form_has_its_words() -> None:
    told = {key.removeprefix("isian.form.") for key in tomllib.loads(ID.read_text()) if key.startswith("isian.form.")}
    assert told == {*_FORMS, "other"}
