"""What a team does besides recording on the same trip: IKD activation offered, and the satisfaction survey (SKM)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.errors import InputError

ELEMENTS = 9  # PermenPANRB 14/2017
LOWEST, HIGHEST = 1, 4
_BEST = 100
# Lower ends of the index for each grade, PermenPANRB 14/2017, table of mutu pelayanan.
_GRADES = ((88.31, "A"), (76.61, "B"), (65.0, "C"), (0.0, "D"))


class Element(StrEnum):
    """The nine elements of the satisfaction survey, in their order."""

    REQUIREMENTS = "requirements"
    PROCEDURE = "procedure"
    TIME = "time"
    COST = "cost"
    PRODUCT = "product"
    COMPETENCE = "competence"
    CONDUCT = "conduct"
    COMPLAINTS = "complaints"
    FACILITIES = "facilities"


class IkdOutcome(StrEnum):
    """What came of offering the activation of the digital identity (IKD)."""

    ACTIVATED = "activated"
    REFUSED = "refused"
    NOT_POSSIBLE = "not_possible"  # no phone, no signal, no e-mail address


@dataclass(frozen=True, slots=True)
class IkdOffer:
    """That a person was asked, and what came of it; its id is the target's, so that nobody counts twice."""

    KIND: ClassVar[str] = "ikd_offer"

    thing_id: str
    activity_id: str
    outcome: IkdOutcome
    at: datetime
    by: str  # user_id
    reason: str = ""

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""


@dataclass(frozen=True, slots=True)
class IkdTarget:
    """How many activations the dinas wants of an activity; its id is the activity's."""

    KIND: ClassVar[str] = "ikd_target"

    thing_id: str
    activity_id: str
    count: int

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """One answer, 1 to 4 for each element in its order. Nobody is in it: no person, no account, no hour."""

    KIND: ClassVar[str] = "survey_answer"

    thing_id: str
    activity_id: str
    on: date
    scores: tuple[int, ...]
    is_from_paper: bool = False

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""

    def demand(self) -> None:
        """Raise `InputError("survey.scores")` unless each element has its score."""
        if len(self.scores) != ELEMENTS or not all(LOWEST <= score <= HIGHEST for score in self.scores):
            raise InputError("survey.scores")


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """The survey of some activities: `means` per element in its order, empty without an answer."""

    answers: int = 0
    means: tuple[float, ...] = ()

    @property
    def index(self) -> float:
        """Return the satisfaction index (IKM), 25 to 100: every element weighs one ninth."""
        return round(sum(self.means) / ELEMENTS * _BEST / HIGHEST, 2)

    @property
    def grade(self) -> str:
        """Return the grade of the service, A to D."""
        return next(grade for least, grade in _GRADES if self.index >= least)


@dataclass(frozen=True, slots=True)
class IkdFigures:
    """What came of the offers, against what was wanted; 0 where nobody set a number."""

    wanted: int = 0
    outcomes: Mapping[IkdOutcome, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)  # of those who refused or could not

    @property
    def asked(self) -> int:
        """Return how many people were asked."""
        return sum(self.outcomes.values())


NO_SURVEY, NO_IKD = SurveyFigures(), IkdFigures()


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """People of a village on the lists who must have a KTP-el: 17 years or married."""

    village: str
    obliged: int
    recorded: int
    left: int  # to be visited

    @property
    def others(self) -> int:
        """Return who needs no visit any more: recorded before, moved, died, or struck off."""
        return self.obliged - self.recorded - self.left


def survey_of(answers: Sequence[SurveyAnswer]) -> SurveyFigures:
    """Return the mean of each element over answers."""
    if not answers:
        return SurveyFigures()
    means = tuple(sum(each.scores[at] for each in answers) / len(answers) for at in range(ELEMENTS))
    return SurveyFigures(len(answers), means)


def ikd_of(offers: Iterable[IkdOffer], targets: Iterable[IkdTarget]) -> IkdFigures:
    """Return what came of offers, with the numbers wanted together."""
    told = list(offers)
    return IkdFigures(
        sum(each.count for each in targets),
        Counter(each.outcome for each in told),
        Counter(each.reason for each in told if each.reason),
    )
