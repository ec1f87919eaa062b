"""Perjalanan: when the team left, arrived and came back, with whom it agreed on the place, who came along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, TargetFilter
from fieldkit.domain.planning.route import Spot
from fieldkit.domain.visits import Leg, Trip
from fieldkit.ports.surroundings import Fix
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.run_trips import TripTold
from ui.presenters.actions import Action
from ui.presenters.amounts import clock_text, moment_text
from ui.presenters.cancel import CancelFlag
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.lines import FieldShown
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Choice, Empty, Progress, Stage, Tag, Tone, ViewState
from ui.presenters.readers import moments
from ui.presenters.tasks import STORE, Tasks, device_executor
from ui.presenters.ways_out import leave, unread

LEGS = tuple(leg.value for leg in Leg)
TEXTS = ("met", "jabatan", "agreed", "companions", "escort", "note")
MODES = Choice.each(ModePerekaman, "field.mode_")
_RECEIVER = device_executor("gps")
_ESCORT, _PAGE = "escort_wanted", "page"  # of a draft, beside the names of fields


@dataclass(frozen=True, slots=True, kw_only=True)
class TripState(ViewState):
    """The times at the left, coordination and company at the right."""

    tag: Tag | None = None
    legs: tuple[FieldShown, ...] = ()
    facts: tuple[tuple[Message, Message], ...] = ()
    fields: tuple[FieldShown, ...] = ()
    wants_escort: bool = False
    mode: str = ""
    may_write: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    activity: Activity | None
    trips: tuple[Trip, ...]
    escorted: int  # doors that need an escort
    left: Left | None = None


class TripPresenter(DraftedPresenter[TripState]):
    """Enter notes the next leg with the time of now, or keeps what was typed."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        drafting = Drafting(context, tasks, DraftName("trip", {"activity_id": activity_id}))
        super().__init__(TripState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator, self._activity_id = context, tasks, navigator, activity_id
        self._found = _Found(None, (), 0)
        self._at = -1  # which of the trips is in front; as many as there are: a new one
        self._typed: dict[str, str] = {}
        self._wants_escort: bool | None = None
        self._problems: dict[str, Message] = {}
        self._cancel = CancelFlag()

    def start(self) -> None:
        """Read the trips; what was typed stays."""
        self._tasks.run(STORE, self._find, self._read, self._failed)

    refresh = start

    def type_field(self, name: str, text: str) -> None:
        """Take over what was typed."""
        self._typed[name] = text
        self._problems.pop(name, None)
        self._render()
        self._edited()

    def typed(self) -> Mapping[str, str]:
        """Return what stands on the page in front otherwise than it is kept, and which page that is."""
        if self._found.activity is None or not self._is_changed:
            return {}
        known = self._values()
        texts = {name: text for name, text in self._typed.items() if text.strip() != known[name]}
        escort = {} if self._wishes_escort == self._trip.is_escort_wanted else {_ESCORT: str(self._wishes_escort)}
        return {**texts, **escort, _PAGE: self._trip.thing_id}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the page that a draft is of, as it is kept, but for these fields."""
        trips = [trip.thing_id for trip in self._found.trips]
        if (page := fields.get(_PAGE)) is not None:
            self._at = trips.index(page) if page in trips else len(trips)
        self._forget()
        self._typed = {name: text for name, text in fields.items() if name in (*LEGS, *TEXTS)}
        if _ESCORT in fields:
            self._wants_escort = fields[_ESCORT] == str(True)
        self._render()

    def toggle_escort(self) -> None:
        """Want somebody for the safety of the team, or nobody."""
        if self._may:
            self._wants_escort = not self._wishes_escort
            self._render()
            self._edited()

    def choose_mode(self, name: str) -> None:
        """Say at once whether the team sends right after sealing or from the office."""
        activity = self._found.activity
        if self._may and activity is not None and activity.mode.value != name:
            trips, mode = self._context.office.trips, ModePerekaman(name)
            words = message(f"field.mode_about_{name}")
            set_mode = partial(trips.set_mode, activity.activity_id, mode)
            self._operate(Operation(work=set_mode, told=lambda _: words, done=lambda _: self.start()))

    def accept(self) -> None:
        """Keep what was typed, else note the next leg now."""
        leg = self._trip.next_leg
        if not self._may or self.state.stage is not Stage.CONTENT:
            return
        if self._is_changed:
            self._keep()
        elif leg is not None:
            self._keep(leg, self._context.clock.now())

    def locate(self) -> None:
        """Note the next leg with what the satellites say."""
        if not self._may or self._trip.next_leg is None:
            return
        self._cancel = CancelFlag()
        cancel = self._cancel
        self._become(replace(self.state, stage=Stage.BUSY, progress=Progress(message("field.locating"))))
        self._tasks.run(_RECEIVER, lambda: self._context.office.trips.locate(cancel), self._located, self._refused)

    def begin_new(self) -> None:
        """Take an empty page: another day, or another team."""
        if not self._no_other:
            self._turn(len(self._found.trips))

    def next_step(self) -> None:
        """Look at the trip after this one."""
        self._turn(min(self._at + 1, len(self._found.trips) - 1))

    def previous_step(self) -> None:
        """Look at the trip before this one."""
        self._turn(self._at - 1)

    def back(self) -> None:
        """Give up waiting for the satellites, or leave."""
        if self.state.stage is Stage.BUSY:
            self._cancel.cancel()
        else:
            self._navigator.back()

    @property
    def _may(self) -> bool:
        return self._context.user.may(Permission.VISIT)

    @property
    def _trip(self) -> Trip:
        trips = self._found.trips
        return trips[self._at] if 0 <= self._at < len(trips) else Trip("", self._activity_id, "")

    @property
    def _wishes_escort(self) -> bool:
        return self._trip.is_escort_wanted if self._wants_escort is None else self._wants_escort

    @property
    def _is_changed(self) -> bool:
        known = self._values()
        return (
            any(text.strip() != known[name] for name, text in self._typed.items())
            or self._wishes_escort != self._trip.is_escort_wanted
        )

    @property
    def _no_other(self) -> Message:
        if not self._may:
            return message("sasaran.not_yours")
        last = self._found.trips[-1] if self._found.trips else None
        return "" if last is not None and last.next_leg is None else message("field.trip_open")

    def _turn(self, at: int) -> None:
        if 0 <= at <= len(self._found.trips) and at != self._at:
            self._at = at
            self._forget()
            self._become(replace(self.state, restored=""))
            self._render()
            self._edited()

    def _forget(self) -> None:
        self._typed, self._problems, self._wants_escort = {}, {}, None

    def _find(self) -> _Found:
        office, wanted = self._context.office, self._activity_id
        activity = self._context.visits.list_of(TargetFilter(), wanted, 1).activity
        if activity is None:
            return _Found(None, (), 0)
        trips, escorts = office.trips.of(activity.activity_id), office.visits.escorts(activity.activity_id)
        return _Found(activity, tuple(trips), escorts, self._drafting.read() if self._at < 0 else None)

    def _read(self, found: _Found) -> None:
        self._found = found
        if found.activity is None:
            empty = Empty.of("beranda.no_activity")
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(leave(self.back))))
            return
        self._activity_id = found.activity.activity_id
        if not 0 <= self._at < len(found.trips):
            self._at = max(0, len(found.trips) - 1)
        self._render()
        if self._may:
            self._restore(found.left)

    def _values(self) -> dict[str, str]:
        """Return what the page says without what was typed since."""
        trip, met = self._trip, self._trip.coordination
        return {
            **{leg.value: self._moment_text(trip.at(leg)) for leg in Leg},
            "met": met.name if met else "",
            "jabatan": met.jabatan if met else "",
            "agreed": met.agreed if met else "",
            "companions": ", ".join(trip.companions),
            "escort": trip.escort,
            "note": trip.note,
        }

    def _moment_text(self, at: datetime | None) -> str:
        if at is None:
            return ""
        local = self._context.clock.local(at)
        return clock_text(local) if local.date() == self._day else moment_text(local)

    @property
    def _day(self) -> date:
        """The day that a clock time alone means: that of the trip, else today."""
        moments = self._trip.moments
        return self._context.clock.local(moments[0].at).date() if moments else self._context.clock.today()

    def _keep(self, leg: Leg | None = None, now: datetime | None = None, spot: Spot | None = None) -> None:
        values = {**self._values(), **self._typed}
        times = self._times()
        if self._problems:
            self._render()
            return
        if leg is not None and now is not None:
            times[leg] = now
        told = TripTold(
            times,
            met=values["met"],
            jabatan=values["jabatan"],
            agreed=values["agreed"],
            companions=tuple(values["companions"].split(",")),
            wants_escort=self._wishes_escort,
            escort=values["escort"] if self._wishes_escort else "",
            note=values["note"],
            spots={leg: spot} if leg is not None and spot is not None else {},
        )
        trips, trip_id = self._context.office.trips, self._trip.thing_id
        words = message(f"field.reached_{leg.value}") if leg else message("field.trip_kept")

        def written(_trip: object) -> None:
            self._forget()
            self.start()

        write = partial(trips.write_down, self._activity_id, told, trip_id)
        self._keep_typed(Operation(work=write, told=lambda _: words, done=written))

    def _times(self) -> dict[Leg, datetime]:
        """Read the clock times that were typed; those that cannot be read become problems."""
        times: dict[Leg, datetime] = {}
        known = self._values()
        for leg in Leg:
            text = self._typed.get(leg.value, "").strip()
            if text and text != known[leg.value]:
                try:
                    times[leg] = moments(self._context.clock, self._day)(text)
                except InputError as error:
                    self._problems[leg.value] = error.problem
        return times

    def _located(self, fix: Fix) -> None:
        leg = self._trip.next_leg
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None))
        # The satellites know the time; a kit whose clock is behind them is not led into the future.
        self._keep(leg, min(fix.at, self._context.clock.now()), Spot(fix.latitude, fix.longitude))

    def _render(self) -> None:
        trip, values = self._trip, {**self._values(), **self._typed}
        locked: Message = "" if self._may else message("sasaran.not_yours")
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=None,
                retry=None,
                progress=None,
                where=self._found.activity.place if self._found.activity else "",
                tag=self._tag(),
                legs=tuple(
                    FieldShown(
                        name, message(f"field.leg_{name}"), values[name], self._problems.get(name, ""), self._hint("at")
                    )
                    for name in LEGS
                ),
                facts=_facts(trip),
                fields=tuple(
                    FieldShown(name, message(f"field.{name}"), values[name], hint=self._hint(name)) for name in TEXTS
                ),
                wants_escort=self._wishes_escort,
                mode=self._found.activity.mode.value if self._found.activity else "",
                may_write=self._may,
                bar=self._bar(locked),
            )
        )

    def _hint(self, name: str) -> Message:
        if not self._may:
            return ""
        if name == "escort" and self._found.escorted:
            return message("field.doors_escorted", count=self._found.escorted)
        return message(f"field.{name}_hint") if name in _HINTS else ""

    def _tag(self) -> Tag | None:
        total = len(self._found.trips)
        if self._at >= total:
            return Tag(message("field.trip_new"), Tone.SOFT)
        return Tag(message("field.trip_of", no=self._at + 1, total=total), Tone.SOFT) if total > 1 else None

    def _bar(self, locked: Message) -> Bar:
        leg = self._trip.next_leg
        over: Message = locked or ("" if leg is not None else message("field.trip_over"))
        words = message(f"field.now_{leg.value}") if leg and not self._is_changed else message("field.keep")
        another = message("field.trip_another")
        return Bar(
            leave(self.back),
            (
                Command("begin_new", another, Action.NEW, Weight.PLAIN, self._no_other, self.begin_new),
                Command("locate", message("field.locate"), Action.LOCATE, refused=over, runs=self.locate),
                enter(words, self.accept, locked if self._is_changed else over),
            ),
        )

    def _refused(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None, problem=problem, retry=None))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))


def _facts(trip: Trip) -> tuple[tuple[Message, Message], ...]:
    facts: list[tuple[Message, Message]] = []
    if trip.way_minutes is not None:
        facts.append((message("field.way"), message("field.way_minutes", count=trip.way_minutes)))
    for leg in Leg:
        spot = trip.spot(leg)
        if spot is not None:
            facts.append((message(f"field.leg_{leg.value}"), str(spot)))
    return tuple(facts)


_HINTS = frozenset(("at", "jabatan", "agreed", "companions", "escort"))
