"""Kunjungan: from house to house, what happened at each door, whom to visit again, who came by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, TargetFilter
from fieldkit.domain.visits import Doors
from fieldkit.services.context.desk import Desk
from fieldkit.services.visits.run_visits import NO_DOORS, DoorCall, DoorList
from ui.presenters.acts import Act
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.visits.words import OPEN, door_tags, last_words, outcome_tag, remarks_of, state_tag
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("field.place_in_order"), 84),
    Column(phrase("sasaran.person")),
    Column(phrase("sasaran.address")),
    Column(phrase("field.outcome"), 236),
    Column(phrase("sasaran.warnings"), 330),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsState(ViewState):
    """The list as filtered and searched, and what is to know about the row under the cursor."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    cursor: int = 0  # the next door
    jumps: int = 0  # counts up when the cursor should go there
    about: Words = ""
    last: tuple[Words, ...] = ()
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    activity: Activity | None
    doors: DoorList = NO_DOORS


class VisitsPresenter(Presenter[VisitsState]):
    """Finds a door and opens its card. Without an activity it shows that of the day."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(VisitsState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._activity_id, self._text, self._show_only = activity_id, "", Doors.ALL
        self._found = _Found(None)
        self._shown: dict[str, DoorCall] = {}
        self._selected, self._next = "", ""

    def start(self) -> None:
        """Read the list anew."""
        asked = (self._text, self._show_only)
        self._tasks.run(STORE, lambda: self._find(*asked), lambda found: self._read(asked, found), self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show those whose name, NIK or address begins with what was typed."""
        self._text = text
        self.start()

    def next_show(self) -> None:
        """Show everybody, then who is open, to visit again, came by themselves, is recorded."""
        every = tuple(Doors)
        self._show_only = every[(every.index(self._show_only) + 1) % len(every)]
        self.start()

    def select(self, target_id: str) -> None:
        """Tell what happened at a door the last time."""
        self._selected = target_id
        call = self._shown.get(target_id)
        visit = call.visit if call else None
        self._become(
            replace(
                self.state,
                about=call.target.biodata.name if call and visit else "",
                last=last_words(visit, self._desk.clock.local) if visit else (),
                remarks=remarks_of(visit) if visit else "",
            )
        )

    def accept(self) -> None:
        """Open the card of the row under the cursor."""
        if self._selected in self._shown:
            self.open(self._selected)

    def open(self, target_id: str) -> None:
        """Open the card of a door."""
        self._selected = target_id
        self._navigator.push("visit", activity_id=self._activity_id, target_id=target_id)

    def add_walk_in(self) -> None:
        """Go where somebody is added who came without being on the list."""
        if self._activity_id and not self._not_yours:
            self._navigator.push("walk_in", activity_id=self._activity_id)

    def show_trip(self) -> None:
        """Go to the way of the team."""
        if self._activity_id:
            self._navigator.push("trip", activity_id=self._activity_id)

    def show_recap(self) -> None:
        """Go to the numbers of the day."""
        if self._activity_id:
            self._navigator.push("recap", activity_id=self._activity_id)

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    def _find(self, text: str, wanted: Doors) -> _Found:
        found = self._desk.visits.list_of(TargetFilter(), self._activity_id, 1)
        if found.activity is None:
            return _Found(None)
        return _Found(found.activity, self._desk.office.visits.calls(found.activity.activity_id, text, wanted))

    def _read(self, asked: tuple[str, Doors], found: _Found) -> None:
        if asked != (self._text, self._show_only):
            return  # something else was asked for meanwhile
        self._found = found
        if found.activity is None:
            empty = Empty(phrase("beranda.no_activity"), phrase("beranda.no_activity_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(BACK)))
            return
        self._activity_id = found.activity.activity_id
        self._render()

    def _render(self) -> None:
        found, doors = self._found, self._found.doors
        calls, total = doors.calls, doors.counts.get(Doors.ALL, 0)
        self._shown = {call.target.target_id: call for call in calls}
        following = doors.following
        at = next((at for at, call in enumerate(calls) if call.target.target_id == following), 0)
        # A door was closed since: the cursor goes on to the next one instead of staying behind.
        has_moved = bool(self._next) and self._next != following
        self._next = following
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=None,
                retry=None,
                where=phrase("beranda.where", place=found.activity.place, targets=total)
                if found.activity and not self._text
                else self.state.where,
                rows=Rows(len(calls), total, lambda at: self._row(calls[at])),
                tags=self._tags(),
                nothing=self._nothing(),
                cursor=at,
                jumps=self.state.jumps + has_moved,
                bar=self._bar(),
            )
        )
        self.select(following if has_moved or self._selected not in self._shown else self._selected)

    def _row(self, call: DoorCall) -> Row:
        who, address = call.target.biodata, call.target.biodata.address
        is_told = call.visit is not None and (call.visit.is_open or call.target.state not in OPEN)
        return Row(
            call.target.target_id,
            (
                Cell(str(call.place)),
                Cell(who.name, who.nik.masked, is_strong=True),
                Cell(address.street, phrase("sasaran.place", rt=address.rt, rw=address.rw, village=address.village)),
                Cell(tags=(outcome_tag(call.visit) if call.visit and is_told else state_tag(call.target),)),
                Cell(tags=door_tags(call, self._desk.clock.now())),
            ),
        )

    def _tags(self) -> tuple[Tag, ...]:
        counts = self._found.doors.counts
        if self._show_only is not Doors.ALL:
            words = phrase(f"field.show_{self._show_only.value}", count=counts.get(self._show_only, 0))
            return (Tag(words, Tone.SOFT),)
        tones = {Doors.OPEN: Tone.SOFT, Doors.AGAIN: Tone.CAUTION}
        return tuple(
            Tag(phrase(f"field.show_{show.value}", count=counts[show]), tone)
            for show, tone in tones.items()
            if counts.get(show)
        )

    def _nothing(self) -> Empty:
        if self._text:
            return Empty(phrase("sasaran.not_found", text=self._text), phrase("sasaran.not_found_hint"))
        if self._found.doors.counts:
            return Empty(phrase(f"field.none_{self._show_only.value}"), phrase("field.none_hint"))
        return Empty(phrase("sasaran.empty"), phrase("field.empty_hint"))

    @property
    def _not_yours(self) -> Words:
        return "" if self._desk.user.may(Permission.VISIT) else phrase("sasaran.not_yours")

    def _bar(self) -> Bar:
        nobody: Words = "" if self._shown else phrase("sasaran.choose_first")
        return Bar(
            BACK,
            (
                Command("next_show", phrase("field.filter"), Act.FILTER, Weight.PLAIN),
                Command("show_trip", phrase("act.trip"), Act.TRIP, Weight.PLAIN),
                Command("show_recap", phrase("field.recap_title"), Act.RECAP, Weight.PLAIN),
                Command("add_walk_in", phrase("field.walk_in"), Act.NEW, refused=self._not_yours),
                Command("accept", phrase("field.open"), Act.ACCEPT, Weight.PRIMARY, nobody),
            ),
        )

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))
