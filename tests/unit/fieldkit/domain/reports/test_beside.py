from __future__ import annotations

from datetime import date

import pytest
from support.clock import NOW

from fieldkit.domain.errors import InputError
from fieldkit.domain.reports.beside import (
    ELEMENTS,
    CoverageLine,
    Element,
    IkdOffer,
    IkdOutcome,
    IkdTarget,
    SurveyAnswer,
    SurveyFigures,
    ikd_of,
    survey_of,
)


def answer(*scores: int) -> SurveyAnswer:
    return SurveyAnswer("s", "a1", date(2026, 11, 21), scores)


def test_the_index_is_the_weighted_mean_of_the_nine_elements_in_hundred() -> None:
    assert len(Element) == ELEMENTS
    assert (survey_of([answer(*[4] * 9)]).index, survey_of([answer(*[1] * 9)]).index) == (100.0, 25.0)
    both = survey_of([answer(4, 3, 3, 4, 3, 3, 4, 3, 3), answer(3, 3, 3, 4, 3, 4, 4, 2, 3)])
    assert both.means == (3.5, 3.0, 3.0, 4.0, 3.0, 3.5, 4.0, 2.5, 3.0)
    assert (both.answers, both.index, both.grade) == (2, 81.94, "B")
    assert survey_of([]) == SurveyFigures()
    assert SurveyFigures().index == 0.0


@pytest.mark.parametrize(
    ("means", "grade"), [((3.54,) * 9, "A"), ((3.1,) * 9, "B"), ((2.6,) * 9, "C"), ((2.59,) * 9, "D")]
)
def test_grades_are_those_of_the_regulation(means: tuple[float, ...], grade: str) -> None:
    assert SurveyFigures(1, means).grade == grade


@pytest.mark.parametrize("scores", [(4,) * 8, (4,) * 10, (0, *(4,) * 8), (5, *(4,) * 8), ()])
def test_every_element_has_one_of_four_scores(scores: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"survey\.scores"):
        answer(*scores).demand()
    answer(1, 4, *(2,) * 7).demand()


def test_offers_are_counted_with_their_reasons_against_what_was_wanted() -> None:
    offers = [
        IkdOffer("t1", "a1", IkdOutcome.ACTIVATED, NOW, "u1"),
        IkdOffer("t2", "a1", IkdOutcome.REFUSED, NOW, "u1", "belum mau"),
        IkdOffer("t3", "a1", IkdOutcome.NOT_POSSIBLE, NOW, "u1", "tidak punya telepon"),
    ]
    told = ikd_of(offers, [IkdTarget("a1", "a1", 20), IkdTarget("a2", "a2", 5)])
    assert (told.asked, told.wanted, told.outcomes[IkdOutcome.ACTIVATED]) == (3, 25, 1)
    assert told.reasons == {"belum mau": 1, "tidak punya telepon": 1}


def test_who_is_neither_recorded_nor_left_needs_no_visit() -> None:
    assert CoverageLine("JIMBE", 10, 4, 3).others == 3
