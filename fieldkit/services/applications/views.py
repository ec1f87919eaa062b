"""An application as screens show it: its way through the SOP, whose turn it is, minutes against the standard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fieldkit.domain.applications import FACTS, Application, ApplicationState, Service
from fieldkit.domain.cards.card import CardCase, Handing, Place, Receipt
from fieldkit.domain.cards.sla import ClockState
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.ports.store import Unit
from fieldkit.services.applications.event_handlers import doers, step_of


@dataclass(frozen=True, slots=True)
class Leg:
    """A step of an application's way. `minutes` is what the office took, without the time at the applicant's."""

    fact: Fulfilment
    who: str  # the column of the SOP, else the account's noun
    roles: tuple[Role, ...]  # accounts that do it, or write down an outsider's act
    standard_minutes: int | None
    ended_at: datetime | None = None
    by: str = ""  # name
    minutes: int | None = None

    @property
    def is_slow(self) -> bool:
        """Return whether it took longer than its standard."""
        return self.minutes is not None and self.standard_minutes is not None and self.minutes > self.standard_minutes


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application with its document."""

    application: Application
    card: CardCase | None
    legs: tuple[Leg, ...]
    names: Mapping[str, str]  # user_id → name
    away: timedelta  # with the applicant

    @property
    def is_over(self) -> bool:
        """Return whether nobody waits for it any more."""
        return not self.application.counts or _arrived(self.application, self.card) is not None

    @property
    def next(self) -> Leg | None:
        """Return the step that waits, None when all is over."""
        return None if self.is_over else next((leg for leg in self.legs if leg.ended_at is None), None)

    @property
    def is_with_applicant(self) -> bool:
        """Return whether the applicant has to complete it."""
        return self.application.state is ApplicationState.PERLU_DILENGKAPI

    def waits_for(self, role: Role) -> bool:
        """Return whether the next step is that of a role, and not the applicant's."""
        return self.next is not None and not self.is_with_applicant and role in self.next.roles

    @property
    def who(self) -> str:
        """Return whose the next step is, "" when all is over."""
        return self.next.who if self.next else ""

    def takes_papers_of(self, role: Role) -> bool:
        """Return whether a role may still bring papers: until they were checked, and while the applicant completes."""
        is_open = self.application.counts and not self.application.has_reached(ApplicationState.DIPERIKSA)
        return is_open and role in (*self.legs[0].roles, *(self.next.roles if self.next else ()))

    @property
    def minutes(self) -> int:
        """Return what the office took so far."""
        return sum(leg.minutes or 0 for leg in self.legs)

    @property
    def standard_minutes(self) -> int | None:
        """Return the standard of all steps, None without an SOP."""
        known = [leg.standard_minutes for leg in self.legs if leg.standard_minutes is not None]
        return sum(known) if known else None

    @property
    def is_slow(self) -> bool:
        """Return whether the office took longer than the standard of the whole way."""
        return self.standard_minutes is not None and self.minutes > self.standard_minutes

    @property
    def standing(self) -> ClockState:
        """Return how the time of the whole way stands against its standard."""
        if self.standard_minutes is None:
            return ClockState.NOT_STARTED
        if self.is_slow:
            return ClockState.MISSED
        return ClockState.KEPT if self.is_over else ClockState.RUNNING

    @property
    def due_at(self) -> datetime | None:
        """Return when the standard of the whole way is used up; the time at the applicant's does not count."""
        standard = self.standard_minutes
        if standard is None:
            return None
        return self.application.history[0].at + timedelta(minutes=standard) + self.away


def views_of(unit: Unit, applications: Iterable[Application]) -> list[ApplicationView]:
    """Return what screens show of applications, in their order."""
    names = {user.user_id: user.name for user in unit.users()}
    ways: dict[tuple[str, Service], tuple[Leg, ...]] = {}
    views = []
    for application in applications:
        key = (application.activity_id, application.service)
        if key not in ways:
            ways[key] = _way(unit, application)
        card = unit.repository(CardCase).find(application.document_id) if application.document_id else None
        views.append(_view(application, card, ways[key], names))
    return views


def _way(unit: Unit, application: Application) -> tuple[Leg, ...]:
    """Return the steps that an application of its activity and service comes by, before anybody did anything."""
    run = unit.repository(SopRun).find(application.activity_id)
    legs = []
    for fact in application.legs:
        step, roles = step_of(run, fact), doers(unit, run, application, fact)
        usual = next((role.value.replace("_", " ") for role in roles), "")  # the end of an SOP may name nobody
        who = step.doer.column if step and step.doer else usual
        legs.append(Leg(fact, who, roles, step.standard.minutes if step and step.standard else None))
    return tuple(legs)


def _view(
    application: Application, card: CardCase | None, way: Iterable[Leg], names: Mapping[str, str]
) -> ApplicationView:
    ends, spent, away = _measured(application, card)
    legs = []
    for leg in way:
        at, by = ends.get(leg.fact, (None, ""))
        minutes = round(spent[leg.fact].total_seconds() / 60) if leg.fact in spent else None
        legs.append(replace(leg, ended_at=at, by=names.get(by, ""), minutes=minutes))
    return ApplicationView(application, card, tuple(legs), names, away)


_Ends = dict[Fulfilment, tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class _Moment:
    """Something happened; `fact` is what it brought about, if anything."""

    fact: Fulfilment | None
    at: datetime
    by: str = ""
    is_again: bool = False  # the applicant handed it in once more


def _measured(application: Application, card: CardCase | None) -> tuple[_Ends, dict[Fulfilment, timedelta], timedelta]:
    """Return when each step ended and by whom, what each took over all its rounds, and the time at the applicant's."""
    first, facts = application.history[0], application.legs
    received: _Ends = {Fulfilment.APPLICATION_RECEIVED: (first.at, first.by)}
    ends, spent, away, begun = dict(received), dict[Fulfilment, timedelta](), timedelta(), first.at
    for moment in (*_of_office(application), *_of_card(application, card)):
        waiting = next((fact for fact in facts if fact not in ends), None)
        if moment.is_again:
            away += moment.at - begun
            ends = dict(received)
        elif waiting is not None:
            spent[waiting] = spent.get(waiting, timedelta()) + (moment.at - begun)
        if moment.fact is not None:
            ends[moment.fact] = (moment.at, moment.by)
        begun = moment.at
    return ends, spent, away


def _of_office(application: Application) -> Iterator[_Moment]:
    for done in application.history[1:]:
        is_again = done.state is ApplicationState.TERDAFTAR
        yield _Moment(None if is_again else FACTS.get(done.state), done.at, done.by, is_again)


def _of_card(application: Application, card: CardCase | None) -> Iterator[_Moment]:
    told_at = card.courier.told_at if card and card.courier else None
    if told_at is not None:
        yield _Moment(Fulfilment.COURIER_TOLD, told_at)
    end = _arrived(application, card)
    if end is not None:
        yield _Moment(application.legs[-1], end.at, end.by)


def _arrived(application: Application, card: CardCase | None) -> Receipt | Handing | None:
    """Return how a document came where the way of its application ends, None while it is under way."""
    if card is None or card.receipt is not None or application.legs[-1] is not Fulfilment.CARDS_TO_DESA:
        return card.receipt if card is not None else None
    return next((each for each in reversed(card.handings) if each.to is card.place is Place.DESA), None)
