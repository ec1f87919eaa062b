from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files

import pytest

from fieldkit.domain.recording.biodata import Citizenship
from fieldkit.domain.recording.portrait import HINTS, LOOK, Background, PortraitCheck, background_for, checked


@pytest.mark.parametrize(
    ("born", "citizenship", "background"),
    [
        (date(1961, 5, 1), Citizenship.WNI, Background.RED),
        (date(2010, 5, 1), Citizenship.WNI, Background.BLUE),
        (date(2010, 5, 1), Citizenship.WNA, Background.ORANGE),
    ],
)
def test_background_follows_birth_year_and_citizenship(
    born: date, citizenship: Citizenship, background: Background
) -> None:
    assert background_for(born, citizenship) is background


def test_no_hint_means_all_checks_passed() -> None:
    assert set(checked(()).values()) == {True}


def test_what_follows_a_missing_face_was_not_measured() -> None:
    assert checked(["face.no_face"]) == {c: False if c is PortraitCheck.ONE_FACE else None for c in PortraitCheck}
    lines = checked(["face.no_eyes"])
    assert lines[PortraitCheck.ONE_FACE] is True
    assert lines[PortraitCheck.EYES] is False
    assert lines[PortraitCheck.SHARPNESS] is None


def test_what_nobody_could_judge_is_neither_good_nor_bad() -> None:
    lines = checked(["face.look.level", "face.blurred"])
    assert (lines[PortraitCheck.LEVEL], lines[PortraitCheck.SHARPNESS]) == (None, False)
    assert lines[PortraitCheck.FACING] is True


def test_each_hint_fails_its_own_check_only() -> None:
    assert [c for c, ok in checked(["face.tilted", "face.blurred"]).items() if ok is False] == [
        PortraitCheck.UPRIGHT,
        PortraitCheck.SHARPNESS,
    ]


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_check_and_hint_has_its_words(language: str) -> None:
    words = tomllib.loads(files("assets").joinpath(f"i18n/{language}/quality.toml").read_text(encoding="utf-8"))
    wanted = {f"face.check.{check}" for check in PortraitCheck} | {hint for ways in HINTS.values() for hint in ways}
    assert wanted | set(LOOK.values()) <= words.keys()
    assert max(len(words[hint]) for ways in HINTS.values() for hint in ways) <= 40
