"""Perjalanan: when the team left, arrived and came back, with whom it agreed on the place, who came along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from fieldkit.domain.drafts import DraftName
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
from ui.presenters.form import FormField, Labels, texts_of
from ui.presenters.lists import Facts
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Choice, Empty, Tag
from ui.presenters.readers import answer, moments
from ui.presenters.tasks import device_executor
from ui.presenters.work_form import ABOUT, Around, Filled, WorkForm

_WIDE = {"met": 2, "jabatan": 2, "agreed": 4, "companions": 4, "escort_wanted": 2, "escort": 2, "note": 4}
LEGS = tuple(leg.value for leg in Leg)
_RECEIVER = device_executor("gps")
_ESCORTED, _YES = "escort_wanted", "yes"
_field = Labels("field.")


class TripOfTeam(OfficeList):
    """Enter notes the next leg with the time of now, or keeps what was typed. PgUp and PgDn turn to other trips."""

    _needs = (Permission.VISIT, "sasaran.not_yours")

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str) -> None:
        super().__init__(context, navigator, activity_id)
        self._activity: Activity | None = None
        self._trips: Sequence[Trip] = ()
        self._escorted = 0  # doors that need an escort
        self._page: str | None = None  # which of the trips is in front, "" a new one; None: not read yet
        self._there: tuple[datetime, Spot] | None = None  # what the satellites said
        self._cancel = CancelFlag()

    def form(self) -> WorkForm:
        """Return the form of the trip in front."""
        return WorkForm(
            "",
            self._load,
            self._keep,
            go_on=lambda _navigator, _leg: None,
            adapt=_adapted,
            around=self._around,
            about=lambda: self._trip.thing_id,
            reads=frozenset({Trip.KIND, "activity"}),
            told=lambda leg: message(f"field.reached_{leg}" if leg else "field.trip_kept"),
            give_up=lambda: self._cancel.cancel(),
            wide=_WIDE,
        )

    def _load(self) -> tuple[FormField, ...]:
        office, of = self._context.office, self._of
        self._activity = self._context.visits.list_of(TargetFilter(), of, 1).activity
        if self._activity is None:
            return ()
        activity_id = self._activity.activity_id
        self._trips, self._escorted = office.trips.of(activity_id), office.visits.escorts(activity_id)
        if self._page is None:
            left = self._context.drafts.find(DraftName("trip", {"activity_id": of}))
            self._page = left.fields.get(ABOUT, "") if left else self._pages[-1] if self._pages else ""
        hints = {"escort": message("field.doors_escorted", count=self._escorted)} if self._escorted else {}
        wishes = (Choice(_YES, message("act.escort")),)
        kept = self._kept()
        fields = (
            *(replace(_field(f"leg_{leg}", kept[leg], "field.at_hint"), name=leg) for leg in LEGS),
            _field("met", kept["met"]),
            *(_field(name, kept[name], f"field.{name}_hint") for name in ("jabatan", "agreed", "companions")),
            FormField(_ESCORTED, "", kept[_ESCORTED], choices=wishes, is_many=True),
            replace(_field("escort", kept["escort"]), hint=hints.get("escort", message("field.escort_hint"))),
            _field("note", kept["note"]),
        )
        return _adapted(fields)

    @property
    def _pages(self) -> list[str]:
        return [trip.thing_id for trip in self._trips]

    @property
    def _trip(self) -> Trip:
        return next((trip for trip in self._trips if trip.thing_id == self._page), Trip("", self._of, ""))

    def _kept(self) -> dict[str, str]:
        trip, met = self._trip, self._trip.coordination
        return {
            **{leg.value: self._time_text(trip.at(leg)) for leg in Leg},
            "met": met.name if met else "",
            "jabatan": met.jabatan if met else "",
            "agreed": met.agreed if met else "",
            "companions": ", ".join(trip.companions),
            _ESCORTED: _YES if trip.is_escort_wanted else "",
            "escort": trip.escort,
            "note": trip.note,
        }

    def _time_text(self, at: datetime | None) -> str:
        if at is None:
            return ""
        local = self._context.clock.local(at)
        return clock_text(local) if local.date() == self._day else moment_text(local)

    @property
    def _day(self) -> date:
        """The day that a clock time alone means: that of the trip, else today."""
        moments = self._trip.moments
        return self._context.clock.local(moments[0].at).date() if moments else self._context.clock.today()

    def _keep(self, values: Mapping[str, str]) -> Leg | None:
        """Keep what was typed, and the next leg with what the satellites said, or with now where nothing was typed."""
        trip, kept, now = self._trip, self._kept(), self._context.clock.now()
        assert self._activity is not None
        read = moments(self._context.clock, self._day)
        typed = [leg for leg in Leg if values[leg].strip() not in ("", kept[leg])]
        times = {leg: answer(values, leg, read) for leg in typed}
        found, self._there = self._there, None
        is_typed = any(text.strip() != kept[name] for name, text in values.items())
        leg = trip.next_leg if found or not is_typed else None
        if leg is not None:
            times[leg] = found[0] if found else now
        wants = bool(values[_ESCORTED])
        told = TripTold(
            times,
            met=values["met"],
            jabatan=values["jabatan"],
            agreed=values["agreed"],
            companions=tuple(values["companions"].split(",")),
            wants_escort=wants,
            escort=values["escort"] if wants else "",
            note=values["note"],
            spots={leg: found[1]} if leg and found else {},
        )
        trips = self._context.office.trips
        self._page = trips.write_down(self._activity.activity_id, told, trip.thing_id).thing_id
        return leg

    def _around(self, filled: Filled) -> Around:
        activity, total = self._activity, len(self._trips)
        if activity is None:
            return Around(empty=Empty.of("beranda.no_activity"))
        at = self._pages.index(self._trip.thing_id) if self._trip.thing_id else total
        which = message("field.trip_of", no=at + 1, total=total) if at < total else message("field.trip_new")
        mode = activity.mode.value
        facts = (*_facts(self._trip), (message("rencana.mode"), message(f"field.mode_{mode}")))
        about = message(f"field.mode_about_{mode}")
        tags = () if at < total == 1 else (Tag(which),)
        side = (Facts(message("field.trip_title"), facts, about, tags),)
        return Around(self._commands(activity, filled, at), side, (), activity.place, is_open=not self._not_yours)

    def _commands(self, activity: Activity, filled: Filled, at: int) -> tuple[Command, ...]:
        trips, leg, locked = self._context.office.trips, self._trip.next_leg, self._not_yours
        over: Message = locked or ("" if leg is not None else message("field.trip_over"))
        words = message(f"field.now_{leg.value}") if leg and not filled.is_changed else message("common.save")
        is_over = bool(self._trips) and self._trips[-1].next_leg is None
        other = ModePerekaman.LURING if activity.mode is ModePerekaman.DARING else ModePerekaman.DARING
        turned = message(f"field.mode_about_{other.value}")
        turn = Operation(
            work=partial(trips.set_mode, activity.activity_id, other),
            told=lambda _activity: turned,
            done=lambda _activity: filled.reload(),
        )

        def look(page: str) -> None:
            self._page = page
            filled.reload()

        def located(fix: Fix) -> None:
            # The satellites know the time; a kit whose clock is behind them is not led into the future.
            self._there = min(fix.at, self._context.clock.now()), Spot(fix.latitude, fix.longitude)
            filled.keep()

        def locate() -> Fix:
            self._cancel = CancelFlag()
            return trips.locate(self._cancel)

        beside = ((Action.PREVIOUS_STEP, "field.trip_before", at - 1), (Action.NEXT_STEP, "field.trip_after", at + 1))
        pages = [(act, key, self._pages[to]) for act, key, to in beside if 0 <= to < len(self._trips)]
        no_other = locked or ("" if is_over else message("field.trip_open"))
        find = Operation(work=locate, done=located, executor=_RECEIVER, busy=message("field.locating"))
        escort = partial(filled.choose, _ESCORTED, _YES)
        return (
            *(
                Command(act.value, message(key), act, Weight.PLAIN, runs=partial(look, page))
                for act, key, page in pages
            ),
            Command("begin_new", message("field.trip_new"), Action.NEW, Weight.PLAIN, no_other, partial(look, "")),
            Command("mode", message(f"field.to_{other.value}"), None, Weight.PLAIN, locked, turn),
            Command("toggle_escort", message("act.escort"), Action.ESCORT, Weight.PLAIN, locked, escort),
            Command("locate", message("field.locate"), Action.LOCATE, refused=over, runs=find),
            enter(words, filled.keep, locked if filled.is_changed else over),
        )


def _adapted(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
    """Ask who comes along where somebody should."""
    wants = bool(texts_of(fields).get(_ESCORTED))
    return tuple(replace(each, is_asked=wants) if each.name == "escort" else each for each in fields)


def _facts(trip: Trip) -> tuple[tuple[Message, Message], ...]:
    spots = {leg: spot for leg in Leg if (spot := trip.spot(leg)) is not None}
    way = trip.way_minutes
    taken = ((message("field.way"), message("common.minutes", count=way)),) if way is not None else ()
    return *taken, *((message(f"field.leg_{leg.value}"), str(spot)) for leg, spot in spots.items())
