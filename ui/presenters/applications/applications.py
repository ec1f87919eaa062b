"""Permohonan: what people applied for at the counter or by Becak Pintar, how far each is and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.letters.terbilang import MONTHS
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.applications.views import ApplicationView
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.applications.words import (
    act_words,
    actor_words,
    document_words,
    minutes_words,
    standard_words,
    state_tag,
)
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows, rows_of
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("counter.who")),
    Column(phrase("counter.document"), 230),
    Column(phrase("counter.state"), 220),
    Column(phrase("counter.next_actor"), 250),
    Column(phrase("counter.time"), 150),
)


class Shown(StrEnum):
    """Which applications the list shows."""

    OPEN = "open"
    MINE = "mine"  # whose next step is the user's
    BACK = "back"  # with the applicant
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationsState(ViewState):
    """The list as filtered and searched."""

    title: Words = ""
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING


@dataclass(frozen=True, slots=True)
class _Found:
    views: Sequence[ApplicationView]
    place: str


class ApplicationsPresenter(Presenter[ApplicationsState]):
    """Finds an application, or begins one; without an activity those of all are shown."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(ApplicationsState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._activity_id = desk, tasks, navigator, activity_id
        self._text = self._selected = ""
        self._shown = Shown.OPEN
        self._views: Sequence[ApplicationView] = ()
        self._is_drafting = False

    def start(self) -> None:
        """Read the list anew."""
        self._is_drafting = False
        self.search(self._text)

    refresh = start

    def search(self, text: str) -> None:
        """Show the applications that match what was typed so far."""
        self._text = text
        self._tasks.run(STORE, lambda: self._find(text), self._found, self._failed)

    def next_filter(self) -> None:
        """Show the applications in the next way."""
        ways = tuple(Shown)
        self._shown = ways[(ways.index(self._shown) + 1) % len(ways)]
        self._render()

    def select(self, application_id: str) -> None:
        """Remember the row under the cursor."""
        self._selected = application_id
        self._become(replace(self.state, bar=self._bar()))

    def accept(self) -> None:
        """Open the row under the cursor."""
        if self._selected:
            self.open(self._selected)

    def open(self, application_id: str) -> None:
        """Open an application."""
        self._navigator.push("application", application_id=application_id)

    def begin_new(self) -> None:
        """Take in an application."""
        if not self._refused_new():
            self._navigator.push("application", application_id="", activity_id=self._activity_id)

    def write_recap(self) -> None:
        """Draft the rekapitulasi of what was printed, and show it."""
        if self._is_drafting or self._refused_recap():
            return
        self._is_drafting = True
        today, activity_id = self._desk.clock.today(), self._activity_id
        period = f"{MONTHS[today.month - 1]} {today.year}"
        write = self._desk.office.applications.write_recap
        self._tasks.run(STORE, lambda: write(activity_id, period), self._drafted, self._refused)

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    def _find(self, text: str) -> _Found:
        office = self._desk.office
        place = office.letters.place_of(self._activity_id) if self._activity_id else ""
        return _Found(office.applications.board(self._activity_id, text), place)

    def _found(self, found: _Found) -> None:
        self._views = found.views
        where = found.place or self.state.where
        if not found.views and not self._text:
            action = None if self._refused_new() else _NEW
            empty = Empty(phrase("counter.empty"), phrase("counter.empty_hint"), action)
            state = replace(self.state, stage=Stage.EMPTY, where=where, empty=empty, problem=None, retry=None)
            self._become(replace(state, bar=Bar(BACK, (replace(_NEW, refused=self._refused_new()),))))
            return
        self._become(replace(self.state, where=where))
        self._render()

    def _render(self) -> None:
        shown = [view for view in self._views if self._is_shown(view)]
        if self._selected not in {view.application.thing_id for view in shown}:
            self._selected = shown[0].application.thing_id if shown else ""
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                title=phrase(f"counter.show_{self._shown}"),
                rows=rows_of(tuple(map(_row, shown)), len(self._views)),
                tags=self._tags(),
                nothing=self._nothing(),
                problem=None,
                retry=None,
                bar=self._bar(),
            )
        )

    def _is_shown(self, view: ApplicationView) -> bool:
        match self._shown:
            case Shown.OPEN:
                return not view.is_over
            case Shown.MINE:
                return self._is_mine(view)
            case Shown.BACK:
                return view.is_with_applicant
        return True

    def _is_mine(self, view: ApplicationView) -> bool:
        leg = view.next
        return leg is not None and not view.is_with_applicant and self._desk.user.role in leg.roles

    def _tags(self) -> tuple[Tag, ...]:
        mine = sum(map(self._is_mine, self._views))
        back = sum(view.is_with_applicant for view in self._views)
        slow = sum(view.is_slow for view in self._views)
        told = (
            (mine, "counter.mine_count", Tone.SOFT),
            (back, "counter.back_count", Tone.CAUTION),
            (slow, "counter.slow_count", Tone.BAD),
        )
        return tuple(Tag(phrase(key, count=count), tone) for count, key, tone in told if count)

    def _nothing(self) -> Empty:
        if self._text:
            return Empty(phrase("counter.not_found", text=self._text), phrase("counter.not_found_hint"))
        return Empty(phrase("counter.none_shown"), phrase("counter.none_shown_hint"))

    def _bar(self) -> Bar:
        refused: Words = "" if self._selected else phrase("counter.choose_first")
        return Bar(
            BACK,
            (
                Command("write_recap", phrase("counter.recap"), Act.ISSUE, Weight.SECOND, self._refused_recap()),
                replace(_NEW, refused=self._refused_new()),
                Command("accept", phrase("counter.open"), Act.ACCEPT, Weight.PRIMARY, refused),
            ),
            phrase("counter.keys"),
        )

    def _refused_new(self) -> Words:
        return "" if self._desk.user.may(Permission.SERVE_KK) else phrase("counter.not_serving")

    def _refused_recap(self) -> Words:
        if not self._activity_id:
            return phrase("counter.no_activity")
        if not self._desk.office.letters.may_write(LetterKind.REKAPITULASI):
            return phrase("counter.not_recap")
        printed = any(view.card is not None for view in self._views)
        return "" if printed else phrase("counter.nothing_printed")

    def _drafted(self, letter: Letter) -> None:
        self._navigator.push("letter", letter_id=letter.thing_id)

    def _refused(self, problem: Problem) -> None:
        self._is_drafting = False
        self._become(replace(self.state, problem=problem, retry=None))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _row(view: ApplicationView) -> Row:
    application = view.application
    who = application.applicant
    slow = (Tag(minutes_words(view), Tone.BAD),) if view.is_slow else ()
    return Row(
        application.thing_id,
        (
            Cell(who.name, f"{who.nik.masked} · {who.village}" if who.village else who.nik.masked, is_strong=True),
            Cell(document_words(application), application.registration),
            Cell(tags=(state_tag(view),)),
            Cell(actor_words(view), act_words(view.next) if view.next and not view.is_with_applicant else ""),
            Cell(tags=slow) if slow else Cell(minutes_words(view), standard_words(view)),
        ),
    )


_NEW = Command("begin_new", phrase("counter.new"), Act.NEW)
