from __future__ import annotations

from dataclasses import replace

import pytest
from support.kept import NOW
from support.room import LEAD, PETUGAS, STORES

from fieldkit.domain.recording.positions import FINGERS
from fieldkit.services.recording.find_again import OperatorsFinger, RecordedBefore
from ui.presenters.messages import message
from ui.presenters.parts import Tag, Tone
from ui.presenters.recording.found_again import found_problem, found_row, others_who_may_allow
from ui.presenters.wording import position_words

BEFORE = RecordedBefore("r-1", "MI***", "3505************", NOW, False, 6, 18.2)
OPERATORS = OperatorsFinger("rina", "Rina Wulandari", FINGERS[1], 9.0)


def test_the_second_person_is_not_the_one_who_records() -> None:
    assert others_who_may_allow([LEAD], PETUGAS) == (LEAD,)
    assert others_who_may_allow([LEAD, STORES], LEAD) == (STORES,)


@pytest.mark.parametrize(
    ("is_same", "has_second", "code"),
    [
        (False, True, "recording.found_again_other_nik"),
        (True, True, "recording.found_again_same_nik"),
        (True, False, "recording.found_again_alone"),
    ],
)
def test_the_banner_names_day_record_and_whose_nik(is_same: bool, has_second: bool, code: str) -> None:
    problem = found_problem(replace(BEFORE, is_same_nik=is_same), lambda at: at, has_second)
    assert problem.code == code
    assert problem.params == {
        "day": "21-11-2026",
        "record": "r-1",
        "name": "MI***",
        "nik": "3505************",
        "fingers": 6,
    }


def test_the_row_says_how_far_it_is() -> None:
    said = [found_row(*each)[1] for each in ((None, False), ((), True), ((BEFORE,), False), ((BEFORE,), True))]
    assert [tag.tone for tag in said] == [Tone.NEUTRAL, Tone.GOOD, Tone.BAD, Tone.CAUTION]
    assert said[0].words == message("tinjau.comparing")


@pytest.mark.parametrize(("has_second", "suffix"), [(True, ""), (False, "_alone")])
def test_of_an_operators_finger_whose_and_which_is_told(has_second: bool, suffix: str) -> None:
    problem = found_problem(OPERATORS, lambda at: at, has_second)
    assert (problem.code, problem.params) == (f"recording.operators_finger{suffix}", {"name": "Rina Wulandari"})
    assert found_row((OPERATORS, BEFORE), False)[1] == Tag(position_words(FINGERS[1]), Tone.BAD)
