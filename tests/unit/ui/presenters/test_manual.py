from __future__ import annotations

import re
from unittest.mock import Mock

import pytest

from ui.presenters.manual import CONTENTS, PASSAGES, Passage, passage_of
from ui.presenters.settings.settings import SECTIONS
from ui.views.window.pages import screen_factories
from ui.widgets.letter_pages import chapter_text

BEFORE = {"sign_in", "ways_back", "start"}  # nobody is signed in there


def test_every_screen_has_its_place_in_the_manual_and_no_other_has() -> None:
    behind = screen_factories(Mock(), Mock(), Mock(), Mock(), Mock(), Mock())
    assert {screen.partition(".")[0] for screen in PASSAGES} == {name.partition(".")[0] for name in behind} | BEFORE
    parts = {screen for screen in PASSAGES if "." in screen}
    assert parts <= {f"settings.{section.name}" for section in SECTIONS} | {"home.office", "home.admin"}


@pytest.mark.parametrize(
    "passage", sorted(set(PASSAGES.values()), key=str), ids=lambda at: f"{at.chapter}-{at.heading}"
)
def test_the_heading_of_a_passage_stands_in_its_chapter(passage: Passage) -> None:
    assert re.search(f"^#+ {re.escape(passage.heading)}$", chapter_text(passage.chapter), re.M)


def test_a_part_of_a_screen_may_have_a_place_of_its_own() -> None:
    assert passage_of("settings", "periksa") == Passage("admin", "Bila ada yang rusak")
    assert passage_of("settings", "waktu") == passage_of("settings") == Passage("admin", "Pengaturan")


def test_the_form_of_an_act_has_the_place_of_the_screen_that_opens_it() -> None:
    assert passage_of("blanks.receive") == passage_of("blanks") == Passage("kantor", "Cetak dan blangko")


def test_a_screen_that_nobody_placed_leads_to_the_contents() -> None:
    assert passage_of("nowhere") == Passage(CONTENTS)
