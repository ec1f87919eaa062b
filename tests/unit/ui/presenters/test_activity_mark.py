from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import TODAY, Kit

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from ui.presenters.activity_mark import HUES, hue_of, letters_of, under_work
from ui.presenters.presenter import message


@pytest.mark.parametrize(
    ("place", "letters"),
    [
        *(("Desa Pasiraman", "PS"), ("Desa Jimbe", "JM"), ("Kelurahan Pandan", "PN"), ("Sumber Agung", "SA")),
        *(("Ia", "IA"), ("O", "O"), ("", "–"), ("kec. Kademangan", "KD")),
    ],
)
def test_a_village_is_known_by_two_letters(place: str, letters: str) -> None:
    assert letters_of(place) == letters


def test_an_activity_has_its_colour_for_good_and_all_are_used() -> None:
    assert hue_of("a1") == hue_of("a1")
    assert {hue_of(f"a{number}") for number in range(60)} == set(range(HUES))


def test_the_bar_names_the_activity_its_day_and_the_step_it_is_at(tmp_path: Path) -> None:
    profile = own_profiles()[0]
    with Kit(tmp_path) as kit:
        kit.plan()
        add_activity(kit, "Desa Jimbe", profile, TODAY + timedelta(days=2), done=3)
        line = kit.context.office.activities.one("Desa Jimbe")
        shown = under_work(line, TODAY)
        assert (shown.letters, shown.name) == ("JM", line.activity.name)
        told = shown.detail
        assert told.key == "strip.step"
        assert (told.params["no"], told.params["total"]) == (4, len(profile.steps))
        plain = under_work(kit.context.office.activities.one("a1"), TODAY)
        assert "·" not in plain.detail or plain.name != "Desa Jimbe"
        assert message("strip.step").key not in str(plain.detail)
