"""What a team asks people besides recording them: to activate their IKD, and how they judge the service."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.reports.beside import IkdOffer, IkdOutcome, IkdTarget, SurveyAnswer
from fieldkit.services.unit_of_work import UnitsOfWork

MOST_WANTED = 100_000


class AskResidents:
    """Writes down answers for the user who is signed in."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def offer(self, target_id: str) -> IkdOffer | None:
        """Return what came of asking a person, None while nobody did."""
        with self._units.read() as unit:
            return unit.repository(IkdOffer).find(target_id)

    def offered(self, target_id: str, outcome: IkdOutcome, reason: str = "") -> IkdOffer:
        """Note what came of asking a person for IKD, in place of before. Raise `InputError` without a reason for no."""
        told = " ".join(reason.split())
        if outcome is not IkdOutcome.ACTIVATED and not told:
            raise InputError("ikd.no_reason").at("reason")
        with self._units.write(Permission.VISIT) as work:
            target = work.unit.targets.get(target_id)
            because = "" if outcome is IkdOutcome.ACTIVATED else told
            offer = IkdOffer(target_id, target.activity_id, outcome, work.at, work.user.user_id, because)
            work.keep(offer, "ikd_offered", outcome=outcome.value)
            return offer

    def wanted(self, activity_id: str) -> int:
        """Return how many activations are wanted of an activity, 0 where nobody said."""
        with self._units.read() as unit:
            target = unit.repository(IkdTarget).find(activity_id)
        return target.count if target else 0

    def want(self, activity_id: str, count: int) -> IkdTarget:
        """Set how many activations are wanted of an activity. Raise `InputError("ikd.wanted")`."""
        if not 0 <= count <= MOST_WANTED:
            raise InputError("ikd.wanted", most=MOST_WANTED).at("count")
        with self._units.write(Permission.EVALUATE) as work:
            work.unit.activities.get(activity_id)
            target = IkdTarget(activity_id, activity_id, count)
            work.keep(target, "ikd_wanted", count=count)
            return target

    def answered(self, activity_id: str, scores: Sequence[int], *, is_from_paper: bool = False) -> SurveyAnswer:
        """Keep an anonymous answer of the satisfaction survey. Raise `InputError("survey.scores")`."""
        with self._units.write(Permission.REGISTER) as work:
            work.unit.activities.get(activity_id)
            on = self._units.clock.today()
            answer = SurveyAnswer(work.ids.new(), activity_id, on, tuple(scores), is_from_paper)
            answer.demand()
            work.keep(answer, "survey_answered", is_from_paper=is_from_paper)
            return answer
