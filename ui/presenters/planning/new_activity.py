"""Kegiatan baru: an outreach that the dinas schedules by itself, without a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.typed import read_day
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.lines import FieldShown, Line
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Stage, ViewState
from ui.presenters.planning.plan_form import days_text
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave, unread

NO_SOP = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActivityState(ViewState):
    """The form; one SOP and one mode are ticked."""

    fields: tuple[FieldShown, ...] = ()
    sops: tuple[Line, ...] = ()
    modes: tuple[Line, ...] = ()
    may_plan: bool = False


class NewActivityPresenter(DraftedPresenter[NewActivityState]):
    """Begins an activity with its SOP and goes on to its plan."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        drafting = Drafting(context, tasks, DraftName("plan", {"activity_id": ""}))
        super().__init__(NewActivityState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator = context, tasks, navigator
        self._profiles: tuple[SopProfile, ...] = ()
        self._values = {"name": "", "place": "", "on": ""}
        self._sop, self._mode = NO_SOP, ModePerekaman.LURING
        self._begun_with: Mapping[str, str] = {}

    def start(self) -> None:
        """Read the SOPs and the next working day."""
        self._tasks.run(STORE, lambda: (*self._read_choices(), self._drafting.read()), self._read, self._failed)

    refresh = start

    @property
    def _fields(self) -> Mapping[str, str]:
        return {**self._values, "sop": self._sop, "mode": self._mode.value}

    def typed(self) -> Mapping[str, str]:
        """Return what was typed and chosen."""
        return {name: text for name, text in self._fields.items() if text != self._begun_with.get(name, "")}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the form as it began, but for these fields."""
        told = {**self._begun_with, **fields}
        self._values = {name: told.get(name, "") for name in self._values}
        known = {NO_SOP, *(profile.sop_id for profile in self._profiles)}
        self._sop = told["sop"] if told.get("sop") in known else self._begun_with["sop"]
        self._mode = ModePerekaman(told["mode"])
        self._render()

    def type_field(self, name: str, text: str) -> None:
        """Take over what was typed."""
        self._values[name] = text
        self._render()
        self._edited()

    def choose_sop(self, name: str) -> None:
        """Let the activity follow an SOP."""
        self._sop = name
        self._render()
        self._edited()

    def choose_mode(self, name: str) -> None:
        """Record online or offline."""
        self._mode = ModePerekaman(name)
        self._render()
        self._edited()

    def accept(self) -> None:
        """Begin the activity and open its plan."""
        on = self._day()
        if on is not None and not self._refused_because():
            self._become(replace(self.state, stage=Stage.BUSY))
            self._accept_typed(lambda: self._make(on), self._begun, self._refuse)

    def back(self) -> None:
        """Leave; nothing was made, and what was typed waits."""
        self._navigator.back()

    def _read_choices(self) -> tuple[tuple[SopProfile, ...], date]:
        office = self._context.office
        return office.sop.profiles(), office.calendar.calendar().next_workday(self._context.clock.today())

    def _read(self, choices: tuple[tuple[SopProfile, ...], date, Left | None]) -> None:
        is_first = not self._begun_with
        self._profiles, day, left = choices
        self._values["on"] = self._values["on"] or days_text((day,))
        if self._sop == NO_SOP and self._profiles:
            self._sop = self._profiles[0].sop_id
        self._render()
        if is_first:
            self._begun_with = dict(self._fields)
            self._restore(left)

    def _make(self, on: date) -> Activity:
        sop = "" if self._sop == NO_SOP else self._sop
        name, place = self._values["name"], self._values["place"]
        begun = self._context.office.planning.begin_activity(name, place, sop, self._mode, on)
        if sop:
            self._context.office.sop.begin(begun.activity_id, sop)
        return begun

    def _begun(self, activity: Activity) -> None:
        self._navigator.replace("plan", activity_id=activity.activity_id)

    def _day(self) -> date | None:
        return None if self._bad_day() else read_day(self._values["on"])

    def _bad_day(self) -> Message:
        try:
            read_day(self._values["on"])
        except InputError as error:
            return error.problem
        return ""

    def _refused_because(self) -> Message:
        if not self._context.user.may(Permission.PLAN):
            return message("rencana.not_planner")
        if not (self._values["name"].strip() and self._values["place"].strip()):
            return message("rencana.new_unnamed")
        return self._bad_day()

    def _render(self) -> None:
        labels = {name: message(f"rencana.new_{name}") for name in self._values}
        bad_day = self._bad_day()
        accept = Command(
            "accept", message("rencana.begin"), Action.ACCEPT, Weight.PRIMARY, self._refused_because(), runs=self.accept
        )
        sops = [Line(p.sop_id, p.name, p.office, p.sop_id == self._sop) for p in self._profiles]
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                fields=tuple(
                    FieldShown(name, labels[name], text, bad_day if name == "on" else "")
                    for name, text in self._values.items()
                ),
                sops=(*sops, Line(NO_SOP, message("rencana.no_sop"), "", self._sop == NO_SOP)),
                modes=tuple(
                    Line(mode.value, message(f"rencana.mode_{mode.value}"), "", mode is self._mode)
                    for mode in ModePerekaman
                ),
                may_plan=self._context.user.may(Permission.PLAN),
                problem=None,
                bar=Bar(leave(self.back), (accept,), message("rencana.keys")),
            )
        )

    def _refuse(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.CONTENT, problem=problem, retry=None))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))
