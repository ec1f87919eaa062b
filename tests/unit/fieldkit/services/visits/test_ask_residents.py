from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS, TARGETS, Kit
from support.plans import ADMIN, KASI

from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.reports import IkdOutcome, Period, Span, SurveyAnswer
from fieldkit.services.visits.run_visits import MOST_WANTED


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, PETUGAS) as kit:
        kit.plan(*TARGETS)
        yield kit


def test_a_person_is_asked_once_and_the_last_answer_counts(kit: Kit) -> None:
    asking = kit.context.office.asking
    assert asking.offer("t1") is None
    with pytest.raises(InputError, match=r"ikd\.no_reason"):
        asking.offered("t1", IkdOutcome.REFUSED, "  ")
    asking.offered("t1", IkdOutcome.REFUSED, "belum  mau")
    offer = asking.offer("t1")
    assert offer is not None
    assert (offer.outcome, offer.reason) == (IkdOutcome.REFUSED, "belum mau")
    assert asking.offered("t1", IkdOutcome.ACTIVATED, "kini mau").reason == ""
    with pytest.raises(StoreError):
        asking.offered("stranger", IkdOutcome.ACTIVATED)


def test_the_number_wanted_is_set_by_those_who_evaluate(kit: Kit) -> None:
    office = kit.context_of(KASI).office
    assert office.asking.wanted("a1") == 0
    office.asking.want("a1", 25)
    assert kit.context.office.asking.wanted("a1") == 25
    for just in (0, MOST_WANTED):
        assert office.asking.want("a1", just).count == office.asking.wanted("a1") == just
    for wrong in (-1, MOST_WANTED + 1):
        with pytest.raises(InputError, match=r"ikd\.wanted"):
            office.asking.want("a1", wrong)
    with pytest.raises(StoreError):
        office.asking.want("stranger", 1)
    with pytest.raises(RuleError):
        kit.context_of(ADMIN).office.asking.want("a1", 1)


def test_an_answer_of_the_survey_is_nobodys(kit: Kit) -> None:
    made = kit.context.office.asking.answered("a1", [4, 3, 4, 4, 3, 4, 4, 3, 3], is_from_paper=True)
    with kit.store.read() as unit:
        (kept,) = unit.repository(SurveyAnswer).of("a1")
        log = "".join(event.line() for event in unit.events.of(made.thing_id))
    assert kept == made
    assert not set(SurveyAnswer.__slots__) & {"by", "at", "target_id"}
    assert "t1" not in log
    with pytest.raises(StoreError):
        kit.context.office.asking.answered("stranger", [4] * 9)
    with pytest.raises(InputError, match=r"survey\.scores"):
        kit.context.office.asking.answered("a1", [4] * 8)
    with pytest.raises(RuleError):
        kit.context_of(PENGURUS).office.asking.answered("a1", [4] * 9)


def test_the_report_counts_them_for_its_activity(kit: Kit) -> None:
    asking = kit.context.office.asking
    asking.offered("t1", IkdOutcome.ACTIVATED)
    asking.offered("t2", IkdOutcome.REFUSED, "belum mau")
    kit.context_of(KASI).office.asking.want("a1", 5)
    asking.answered("a1", [3] * 9)
    report = kit.context_of(KASI).office.reports.read(Period(Span.ACTIVITY, kit.clock.today(), "a1"))
    assert (report.ikd.asked, report.ikd.wanted) == (2, 5)
    assert (report.survey.answers, report.survey.index) == (1, 75.0)
    assert sum(line.obliged for line in report.coverage) > 0
    assert [line.recorded for line in report.coverage] == [0] * len(report.coverage)
