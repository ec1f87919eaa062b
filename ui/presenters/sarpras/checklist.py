"""The checklist with which sarpras goes out and comes back: one line at a time, by keys, each answer kept at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sarpras.checklist import CheckIn, Checklist, CheckOut, ItemLine
from fieldkit.domain.sarpras.inventory import Condition
from fieldkit.domain.sarpras.rules import Concern, Gravity
from fieldkit.ports.devices import Signature
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sarpras.lists import SarprasLists
from ui.presenters.actions import CHOICES, Action
from ui.presenters.amounts import clock_text
from ui.presenters.commands import Command, Weight, enter
from ui.presenters.devices.trial import DeviceTrial
from ui.presenters.figures import rows_of
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Empty, Stage, Tag, Toast
from ui.presenters.presenter import Presenter
from ui.presenters.sarpras.checklist_state import (
    Answer,
    ChecklistState,
    CounterShown,
    LineShown,
    attention,
    head_tags,
    names_of,
    next_waiting,
    rows_shown,
)
from ui.presenters.sarpras.messages import condition_words, gauge_tags
from ui.presenters.tasks import Tasks
from ui.presenters.ways_out import leave

L = TypeVar("L", CheckOut, CheckIn)


@dataclass(frozen=True, slots=True)
class _Found(Generic[L]):
    held: L
    place: str
    ink: Signature | None


class ChecklistPresenter(Presenter[ChecklistState], Generic[L]):
    """What both directions do alike. `way` is "out" or "in"."""

    way = ""

    def __init__(
        self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str, lists: SarprasLists[L]
    ) -> None:
        super().__init__(ChecklistState(stage=Stage.LOADING, bar=Bar(leave(self.back))))
        self._context, self._tasks, self._navigator, self._activity_id = context, tasks, navigator, activity_id
        self._lists: SarprasLists[L] = lists
        self._held: L | None = None
        self._selected, self._typed, self._place = "", "", ""
        self._counting: int | None = None  # on its way to the store: the next key counts on from it
        self._ink: Signature | None = None
        self._trial = DeviceTrial(context, tasks, self._tested, self._refused)

    @property
    def is_testing(self) -> bool:
        """Return whether the self-test is under way."""
        return self._trial.is_running

    @property
    def may_fill(self) -> bool:
        """Return whether this account fills lists; others look at what was filled."""
        return self._context.user.may(Permission.CHECK_SARPRAS)

    # --- for each direction

    @abstractmethod
    def load(self) -> L:
        """Return the list: the open one, a new one, or the closed one to look at."""

    @abstractmethod
    def concerns(self, held: L) -> Sequence[Concern]:
        """Return what stands against closing it, the gravest first."""

    @abstractmethod
    def close(self, list_id: str, reason: str) -> L:
        """Close the list."""

    @abstractmethod
    def paper(self, list_id: str) -> str:
        """File the berita acara; return the letter's id."""

    def empty(self, problem: Problem) -> Empty | None:
        """Return what to show when there is nothing to check, None when that is an error."""
        if problem.code != "role.not_yours":
            return None
        return Empty.of("sarpras.not_yours")

    def about(self, _held: L) -> tuple[Tag, ...]:
        """Return what one direction says of the laptop besides."""
        return ()

    # --- coming and going

    def start(self) -> None:
        """Read the list anew: a note, a photo or the signature may have come."""
        self._tasks.write(self._load, self._failed, self._loaded)

    def stop(self) -> None:
        """Let go of the devices under test."""
        self._trial.stop()

    def back(self) -> None:
        """Go back; everything is kept."""
        self._navigator.back()

    def _load(self) -> _Found[L]:
        held: L = self.load()
        izin = held.checklist.izin
        place = self._context.office.inventory.places().get(self._activity_id, "")
        return _Found(held, place, self._lists.ink(izin) if izin is not None and izin.strokes else None)

    def _loaded(self, found: _Found[L]) -> None:
        self._place, self._ink = found.place, found.ink
        self._kept(found.held)

    def _kept(self, held: L) -> None:
        self._held = held
        if self._selected not in self._names():
            self._selected = next(iter(self._names()), "")
        self._render()

    def _names(self) -> list[str]:
        return [] if self._held is None else names_of(self._held.checklist)

    # --- answering

    def select(self, name: str) -> None:
        """Stand on a row."""
        if name != self._selected:
            self._selected, self._typed, self._counting = name, "", None
            self._render()

    def number(self, number: int) -> None:
        """Take a digit of a count."""
        if self._line() is None:
            self._typed = (self._typed + str(number % 10))[-6:]
            self._count(int(self._typed))

    def condition(self, condition: Condition) -> None:
        """Say in which condition the item is."""
        self._answer(lambda list_id, item: self._lists.answer(list_id, item, condition))

    def all_good(self) -> None:
        """Say baik, lengkap, bersih, and go on at once: the next key is for the next line."""
        self._answer(self._lists.all_good)
        self._go_on()

    def complete(self) -> None:
        """Turn "lengkap"."""
        self._answer(self._lists.turn_complete)

    def clean(self) -> None:
        """Turn "bersih"."""
        self._answer(self._lists.turn_clean)

    def count_by(self, by: int) -> None:
        """Count one more or one less."""
        counted = self._counted()
        if counted is not None:
            self._typed = ""
            self._count(max(0, counted + by))

    def _counted(self) -> int | None:
        counts = self._held.checklist.counts if self._held is not None else ()
        if self._counting is not None:
            return self._counting
        return next((line.count for line in counts if line.consumable_id == self._selected), None)

    def _count(self, count: int) -> None:
        if self._held is not None and not self._held.is_closed and self._counted() is not None:
            list_id, consumable_id, self._counting = self._held.thing_id, self._selected, count
            self._do(lambda: self._lists.count(list_id, consumable_id, count), self._kept)

    def _line(self) -> ItemLine | None:
        lines = self._held.checklist.lines if self._held is not None else ()
        return next((line for line in lines if line.item_id == self._selected), None)

    def _answer(self, act: Callable[[str, str], L]) -> None:
        held, line = self._held, self._line()
        if held is not None and line is not None and not held.is_closed:
            self._do(lambda: act(held.thing_id, line.item_id), self._kept)

    def _do(self, func: Callable[[], L], done: Callable[[L], None]) -> None:
        if self.state.problem is not None:
            self._become(replace(self.state, problem=None))
        self._tasks.write(func, self._refused, done)

    def _go_on(self) -> None:
        if self._held is not None and self._selected:
            self.select(next_waiting(self._held.checklist, self._selected))

    # --- the other screens

    def _open(self, screen: str) -> None:
        if self._held is not None and self._line() is not None and not self._held.is_closed:
            self._navigator.push(screen, way=self.way, list_id=self._held.thing_id, item_id=self._selected)

    def izin(self) -> None:
        """Let the pengurus barang sign."""
        if self._held is not None and not self._held.is_closed:
            self._navigator.push("sarpras_izin", way=self.way, list_id=self._held.thing_id)

    def override(self) -> None:
        """Go on although something blocks, with a reason."""
        if self._held is not None and self.state.override is not None:
            self._navigator.push("sarpras_reason", way=self.way, list_id=self._held.thing_id)

    def kits(self) -> None:
        """Choose other kits, where that is possible."""

    def print_paper(self) -> None:
        """File the berita acara and show it."""
        held = self._held
        if held is not None and held.is_closed:
            self._tasks.write(
                lambda: self.paper(held.thing_id),
                self._refused,
                lambda letter_id: self._navigator.push("letter", letter_id=letter_id),
            )

    def test(self) -> None:
        """Test every device and measure the laptop; the results fill their own lines."""
        if self._held is not None and not self._held.is_closed and not self._trial.is_running:
            self._trial.begin()
            self._render()

    def _tested(self) -> None:
        held = self._held
        if held is not None and not held.is_closed:
            self._do(lambda: self._lists.measure(held.thing_id), lambda _: self.start())

    def accept(self) -> None:
        """Close the list."""
        held = self._held
        if held is None:
            return
        if held.is_closed:
            self._navigator.back()
        elif not self._blocking(held):
            self._do(lambda: self.close(held.thing_id, ""), self._closed)

    def _closed(self, held: L) -> None:
        self._kept(held)
        toast = Toast(message(f"sarpras.{self.way}_done", count=len(held.checklist.lines)))
        self._become(replace(self.state, toast=toast))

    # --- showing

    def _render(self) -> None:
        held = self._held
        if held is None:
            return
        checklist = held.checklist
        concerns = self._open_concerns(held)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=self._place,
                title=message(f"sarpras.{self.way}_title", kit=", ".join(held.kit_names) or "–"),
                tags=head_tags(checklist, concerns),
                rows=rows_of(rows_shown(checklist, self.way, is_under_test=self._trial.is_running)),
                cursor=self._selected,
                line=self._line_shown(),
                counter=self._counter_shown(checklist),
                gauges=gauge_tags(checklist.laptop) + self.about(held),
                attention=attention(concerns, self._selected, self._line()),
                override=self._override_action(concerns),
                izin=self._izin_words(held),
                ink=self._ink_on(checklist),
                is_closed=held.is_closed,
                choose_kits=Command("kits", message("sarpras.choose_kits"), Action.KITS, Weight.PLAIN, runs=self.kits)
                if self.way == "out"
                else None,
                bar=self._bar(held, concerns),
            )
        )

    def _line_shown(self) -> LineShown | None:
        line = self._line()
        if line is None:
            return None

        def answer(name: str, words: Message, act: Action, runs: Callable[[], None], is_on: bool | None) -> Answer:
            return Answer(Command(name, words, act, runs=runs), bool(is_on))

        note, photos = line.note or message("sarpras.no_note"), message("sarpras.photos", count=len(line.photos))
        answers = self._conditions(line)
        answers += (
            answer("complete", message("sarpras.complete"), Action.COMPLETE, self.complete, line.is_complete),
            answer("clean", message("sarpras.clean"), Action.CLEAN, self.clean, line.is_clean),
            answer("note", note, Action.NOTE, partial(self._open, "sarpras_note"), None),
            answer("photo", photos, Action.PHOTO, partial(self._open, "sarpras_photo"), None),
        )
        return LineShown(line.name, tuple(answers), Command("all_good", "", Action.CAPTURE, runs=self.all_good))

    def _conditions(self, line: ItemLine) -> list[Answer]:
        keys = zip(Condition, CHOICES, strict=False)
        commands = [Command(each, condition_words(each), act, runs=partial(self.condition, each)) for each, act in keys]
        return [Answer(command, command.name == line.condition) for command in commands]

    def _counter_shown(self, checklist: Checklist) -> CounterShown | None:
        line = next((each for each in checklist.counts if each.consumable_id == self._selected), None)
        if line is None:
            return None
        limit = message(f"sarpras.{self.way}_limit", most=line.most, unit=line.unit)
        fewer = Command("fewer", "−", runs=partial(self.count_by, -1))
        more = Command("more", "+", runs=partial(self.count_by, 1))
        return CounterShown(line.name, line.count, line.unit, limit, fewer, more)

    def _open_concerns(self, held: L) -> Sequence[Concern]:
        return () if held.is_closed else self.concerns(held)

    def _ink_on(self, checklist: Checklist) -> Signature | None:
        return self._ink if checklist.izin is not None else None

    def _override_action(self, concerns: Sequence[Concern]) -> Command | None:
        grave = [concern.gravity for concern in concerns if concern.gravity > Gravity.WARNS]
        if not grave or max(grave) is not Gravity.BLOCKS or not self._context.user.may(Permission.SKIP_STEPS):
            return None
        return Command("override", message(f"sarpras.{self.way}_anyway"), Action.LEAD, runs=self.override)

    def _izin_words(self, held: L) -> Message:
        izin = held.checklist.izin
        if izin is None:
            return message("sarpras.izin_waiting")
        at = clock_text(self._context.clock.local(izin.at))
        return message("sarpras.izin_given", name=izin.name, at=at)

    def _blocking(self, held: L) -> Problem | None:
        return next((c.problem for c in self.concerns(held) if c.gravity > Gravity.WARNS), None)

    def _bar(self, held: L, concerns: Sequence[Concern]) -> Bar:
        if held.is_closed:
            paper = Command("print_paper", message("sarpras.paper"), Action.PRINT, runs=self.print_paper)
            return Bar(leave(self.back), (paper, enter(message("sarpras.finished"), self.accept)))
        others: Message = "" if self.may_fill else message("sarpras.not_yours_hint")
        running = message("perangkat.test_under_way") if self._trial.is_running else ""
        against = next((c.problem for c in concerns if c.gravity > Gravity.WARNS), None)
        count = len(held.checklist.lines)
        return Bar(
            leave(self.back),
            (
                Command("test", message("sarpras.test_all"), Action.TEST, refused=others or running, runs=self.test),
                Command("izin", message("sarpras.sign"), Action.IZIN, refused=others, runs=self.izin),
                enter(message(f"sarpras.{self.way}_close", count=count), self.accept, others or against or ""),
            ),
            message("sarpras.keys"),
        )

    def _refused(self, problem: Problem) -> None:
        self._typed, self._counting = "", None
        self._render()
        self._become(replace(self.state, problem=problem, retry=None))

    def _failed(self, problem: Problem) -> None:
        empty = self.empty(problem)
        if empty is not None:
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(leave(self.back))))
            return
        again = Command("retry", message("act.refresh"), Action.REFRESH, Weight.PRIMARY, runs=self.retry)
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem, retry=again, bar=Bar(leave(self.back))))

    def retry(self) -> None:
        """Try again to read the list."""
        self.start()
