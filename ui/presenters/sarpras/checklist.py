"""The checklist with which sarpras goes out and comes back: one line at a time, by keys, each answer kept at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Permission, User
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.sarpras import CheckIn, Checklist, CheckOut, Concern, Condition, Gravity, ItemLine
from fieldkit.ports.devices import PreviewSink, Signature, SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext, Door
from ui.presenters.amounts import clock_text
from ui.presenters.devices import DeviceTrial
from ui.presenters.figures import rows_of
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Empty, Stage, Tag, Toast, Tone, ViewState, leave, unread
from ui.presenters.presenter import (
    CHOICES,
    Action,
    Command,
    Held,
    Message,
    Navigator,
    Operation,
    Weight,
    enter,
    message,
    opens,
)
from ui.presenters.readers import read_file
from ui.presenters.sarpras.messages import (
    Answer,
    ChecklistState,
    CounterShown,
    LineShown,
    attention,
    closed_toast,
    gauge_tags,
    head_tags,
    names_of,
    next_waiting,
    rows_shown,
    unsent_tag,
)
from ui.presenters.tasks import COMPUTE, Tasks
from ui.presenters.viewfinder import PadSigning, Sight, SigningState, Viewfinder

List: TypeAlias = CheckOut | CheckIn


class ChecklistPresenter(OperatingPresenter[ChecklistState]):
    """Fills the list of an activity and closes it; who may not fill it looks at it. `way` is "out" or "in"."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str, way: str) -> None:
        super().__init__(ChecklistState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator, self._activity_id, self._way = context, navigator, activity_id, way
        self._sarpras, self._lists = context.office.sarpras, context.office.sarpras.lists(way)
        self._held: List | None = None
        self._selected, self._typed, self._place = "", "", ""
        self._counting: int | None = None  # on its way to the store: the next key counts on from it
        self._ink: Signature | None = None
        self._trial = DeviceTrial(context, tasks, self._tested, self._refused)

    @property
    def is_testing(self) -> bool:
        """Return whether the self-test is under way."""
        return self._trial.is_running

    # --- coming and going

    def start(self) -> None:
        """Read the list anew: a note, a photo or the signature may have come."""
        self._tasks.write(self._load, self._failed, self._loaded)

    def stop(self) -> None:
        """Let go of the devices under test."""
        self._trial.stop()

    def _load(self) -> tuple[List, str, Signature | None]:
        held: List = self._lists.open(self._activity_id)
        izin = held.checklist.izin
        place = self._context.office.inventory.places().get(self._activity_id, "")
        return held, place, self._lists.ink(izin) if izin is not None and izin.strokes else None

    def _loaded(self, found: tuple[List, str, Signature | None]) -> None:
        held, self._place, self._ink = found
        self._kept(held)

    def _kept(self, held: List) -> None:
        before = self._held.checklist.izin if self._held is not None and self._held.thing_id == held.thing_id else None
        if before is not None and held.checklist.izin is None:
            gone = Toast(message("sarpras.izin_gone", name=before.name), Tone.CAUTION)
            self._become(replace(self.state, toast=gone))
        self._held = held
        names = names_of(held.checklist)
        if self._selected not in names:
            self._selected = names[0] if names else ""
        self._render()

    def _closed(self, held: List) -> None:
        self._become(replace(self.state, toast=closed_toast(held)))
        self._kept(held)

    # --- answering

    def select(self, name: str) -> None:
        """Stand on a row."""
        if name != self._selected:
            self._selected, self._typed, self._counting = name, "", None
            self._render()

    def number(self, number: int) -> None:
        """Take a digit of a count."""
        self._typed = (self._typed + str(number % 10))[-6:]
        self._count(int(self._typed))

    def _count_by(self, by: int) -> None:
        counted = self._counted
        if counted is not None:
            self._typed = ""
            self._count(max(0, counted + by))

    @property
    def _counted(self) -> int | None:
        """The count under the cursor, None on an item."""
        counts = self._held.checklist.counts if self._held is not None else ()
        if self._counting is not None:
            return self._counting
        return next((line.count for line in counts if line.consumable_id == self._selected), None)

    def _count(self, count: int) -> None:
        if self._counted is not None:
            consumable_id, self._counting = self._selected, count
            self._write(lambda list_id: self._lists.count(list_id, consumable_id, count))

    def _answer(self, answer: Callable[[str, str], List]) -> None:
        item_id = self._selected
        self._write(lambda list_id: answer(list_id, item_id))

    def _all_good(self) -> None:
        """Say baik, lengkap, bersih, and go on at once: the next key is for the next line."""
        assert self._held is not None
        self._answer(self._lists.all_good)
        self.select(next_waiting(self._held.checklist, self._selected))

    def _write(self, change: Callable[[str], List]) -> None:
        """Change the list while it is open. Keys may come faster than the store answers: each is kept in its turn."""
        held = self._held
        if held is not None and not held.is_closed:
            self._become(replace(self.state, problem=None))
            self._tasks.write(lambda: change(held.thing_id), self._refused, self._kept)

    def _test(self) -> None:
        """Test every device and measure the laptop; the results fill their own lines."""
        self._trial.begin()
        self._render()

    def _tested(self) -> None:
        self._write(self._lists.measure)

    # --- showing

    def _render(self) -> None:
        held = self._held
        if held is None:
            return
        checklist = held.checklist
        line = next((each for each in checklist.lines if each.item_id == self._selected), None)
        concerns = () if held.is_closed else self._lists.concerns(held)
        line_shown = self._line_shown(held, line) if line is not None else None
        said = [answer.command for answer in line_shown.answers] if line_shown else []
        if line_shown and not held.is_closed:  # all that is well at once, and on
            said.append(Command("all_good", message("act.capture"), Action.CAPTURE, runs=self._all_good))
        override, choose_kits = self._override(held, concerns), self._choose_kits(held)
        shown = replace(
            self.state,
            stage=Stage.CONTENT,
            where=self._place,
            title=message(f"sarpras.{self._way}_title", kit=", ".join(held.kit_names) or "–"),
            tags=head_tags(checklist, concerns),
            rows=rows_of(rows_shown(checklist, self._way, is_under_test=self.is_testing)),
            cursor=self._selected,
            line=line_shown,
            counter=self._counter_shown(checklist),
            gauges=gauge_tags(checklist.laptop) + self._unsent(held),
            attention=attention(concerns, self._selected, line),
            override=override,
            izin=self._izin_words(checklist),
            ink=self._ink if checklist.izin is not None else None,
            is_closed=held.is_closed,
            choose_kits=choose_kits,
            keyed=(*said, *(each for each in (choose_kits, override) if each is not None)),
            bar=Bar(leave(self.back), *self._bar(held, concerns)),
        )
        self._become(shown)

    def _line_shown(self, held: List, line: ItemLine) -> LineShown:
        lists, closed = self._lists, Problem("sarpras.list_closed") if held.is_closed else ""

        def says(name: str, words: Message, act: Action, answer: Callable[[str, str], List], is_on: bool) -> Answer:
            return Answer(Command(name, words, act, refused=closed, runs=partial(self._answer, answer)), is_on)

        def leads(name: str, words: Message, act: Action) -> Answer:
            at = {"way": self._way, "list_id": held.thing_id, "item_id": line.item_id}
            return Answer(
                Command(name, words, act, refused=closed, runs=opens(self._navigator, f"sarpras_{name}", **at))
            )

        def condition(each: Condition, act: Action) -> Answer:
            words, is_on = message(f"sarpras.condition.{each.value}"), each is line.condition
            return says(each, words, act, lambda list_id, item_id: lists.answer(list_id, item_id, each), is_on)

        answers = (
            *map(condition, Condition, CHOICES),
            says("complete", message("common.complete"), Action.COMPLETE, lists.turn_complete, bool(line.is_complete)),
            says("clean", message("sarpras.clean"), Action.CLEAN, lists.turn_clean, bool(line.is_clean)),
            leads("note", line.note or message("common.note"), Action.NOTE),
            leads("photo", message("sarpras.photos", count=len(line.photos)), Action.PHOTO),
        )
        return LineShown(line.name, answers)

    def _counter_shown(self, checklist: Checklist) -> CounterShown | None:
        line = next((each for each in checklist.counts if each.consumable_id == self._selected), None)
        if line is None:
            return None
        limit = message(f"sarpras.{self._way}_limit", most=line.most, unit=line.unit)
        fewer = Command("fewer", "−", runs=partial(self._count_by, -1))
        more = Command("more", "+", runs=partial(self._count_by, 1))
        return CounterShown(line.name, line.count, line.unit, limit, fewer, more)

    def _unsent(self, held: List) -> tuple[Tag, ...]:
        """Say how many records a laptop that comes back still holds, and how old the oldest is."""
        unsent = held.unsent if isinstance(held, CheckIn) else None
        if unsent is None or unsent.oldest_at is None:
            return ()
        return (unsent_tag(unsent.count, unsent.oldest_at, self._context.clock.now()),)

    def _override(self, held: List, concerns: Sequence[Concern]) -> Command | None:
        """Return how to go on although something blocks, with a reason; nothing passes over what stops."""
        gravest = max((concern.gravity for concern in concerns), default=Gravity.WARNS)
        if gravest is not Gravity.BLOCKS or not self._context.user.may(Permission.SKIP_STEPS):
            return None
        reason = opens(self._navigator, "sarpras_reason", way=self._way, list_id=held.thing_id)
        return Command("override", message(f"sarpras.{self._way}_anyway"), Action.LEAD, runs=reason)

    def _choose_kits(self, held: List) -> Command | None:
        if self._way != "out" or held.is_closed:
            return None
        kits = opens(self._navigator, "sarpras_kits", list_id=held.thing_id)
        return Command("kits", message("sarpras.choose_kits"), Action.KITS, Weight.PLAIN, runs=kits)

    def _izin_words(self, checklist: Checklist) -> Message:
        izin = checklist.izin
        if izin is None:
            return message("sarpras.izin_waiting")
        return message("sarpras.izin_given", name=izin.name, at=clock_text(self._context.clock.local(izin.at)))

    def _bar(self, held: List, concerns: Sequence[Concern]) -> tuple[tuple[Command, ...], Message]:
        list_id, way, papers = held.thing_id, self._way, self._sarpras.papers
        if held.is_closed:
            write = papers.write_out if way == "out" else papers.write_in
            show = Operation(
                work=lambda: write(list_id),
                done=lambda letter: self._navigator.push("letter", letter_id=letter.thing_id),
            )
            paper = Command("print_paper", message("sarpras.paper"), Action.PRINT, runs=show)
            return (paper, enter(message("common.done"), self.back)), ""
        others = "" if self._context.user.may(Permission.CHECK_SARPRAS) else message("sarpras.not_yours_hint")
        running = message("perangkat.test_under_way") if self.is_testing else ""
        against = next((each.problem for each in concerns if each.gravity > Gravity.WARNS), None)
        count = len(held.checklist.lines)
        close = Operation(
            work=lambda: self._lists.close(list_id),
            done=self._closed,
        )
        sign = opens(self._navigator, "sarpras_izin", way=way, list_id=list_id)
        commands = (
            Command("test", message("sarpras.test_all"), Action.TEST, refused=others or running, runs=self._test),
            Command("izin", message("sarpras.sign"), Action.IZIN, refused=others, runs=sign),
            enter(message(f"sarpras.{way}_close", count=count), close, others or against or ""),
        )
        return commands, message("sarpras.keys")

    def _refused(self, problem: Problem) -> None:
        self._typed, self._counting = "", None
        self._render()
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        if problem.code == "role.not_yours":
            empty = Empty.of("sarpras.not_yours")
        elif problem.code == "sarpras.not_out":
            prepare = partial(self._navigator.replace, "check_out", activity_id=self._activity_id)
            words = message("sarpras.prepare")
            empty = Empty.of("sarpras.nothing_out", Command("prepare", words, weight=Weight.PRIMARY, runs=prepare))
        else:
            self._become(unread(self.state, problem, self))
            return
        self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(leave(self.back))))


# The permission of the pengurus barang: who it is, the passphrase, the signature on the pad.


class IzinPresenter(PadSigning):
    """The pengurus barang confirms with the own passphrase while the team stays signed in, then signs."""

    def __init__(
        self,
        context: AppContext,
        door: Door,
        tasks: Tasks,
        navigator: Navigator,
        list_of: tuple[str, str],
        ink: StrokeSink,
        screen: SignaturePad | None = None,
    ) -> None:
        state = SigningState(title=message("sarpras.izin"), hint=message("sarpras.izin_who"), asks_passphrase=True)
        super().__init__(context, tasks, navigator, ink, screen, state, message("sarpras.izin_accept"))
        self._door = door
        self._way, self._list_id = list_of
        self._keeper: User | None = None

    def start(self) -> None:
        """Ask who stands here; whoever is signed in as pengurus barang need not say it again."""
        if self._keeper is not None:
            self._await_signature()
            return
        if self._context.user.may(Permission.ALLOW_SARPRAS):
            self._known(self._context.user)
            return
        keepers = tuple(p for p in self._door.sign().people if p.may(Permission.ALLOW_SARPRAS))
        people = tuple(Choice(person.user_id, person.name) for person in keepers)
        refused: Message = "" if people else message("sarpras.no_keeper")
        accept = enter(message("common.to_sign"), Held(self.accept), refused)
        chosen = people[0].name if people else ""
        hint = message("sarpras.izin_who") if people else message("sarpras.no_keeper")
        self._become(replace(self.state, people=people, chosen=chosen, hint=hint, bar=Bar(leave(self.back), (accept,))))

    def accept(self, passphrase: str) -> None:
        """Take the passphrase, or the signature that was drawn."""
        if self._keeper is not None:
            self._keep()
        elif user_id := self.state.chosen:
            self._operate(Operation(work=lambda: self._door.verify_passphrase(user_id, passphrase), done=self._known))

    def _known(self, keeper: User) -> None:
        self._keeper = keeper
        self._take(keeper.name)

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        if self._keeper is None:  # the passphrase was wrong
            state = replace(self.state, problem=None, wrong=problem, clear_serial=self.state.clear_serial + 1)
            self._become(state)

    def _keep_sample(self, sample: Sample) -> object:
        assert self._keeper is not None
        return self._context.office.sarpras.lists(self._way).allow(self._list_id, self._keeper, sample)


# A photo of an item: the camera of the kit shows it live, or a file is named.

_UNREADABLE = "sarpras.photo_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoState(ViewState):
    """The path as typed, and whether the camera shows something."""

    path: str = ""
    is_live: bool = False
    away: Message = ""  # why the camera shows nothing


class PhotoPresenter(OperatingPresenter[PhotoState]):
    """Enter takes what the camera shows, or the file when a path was typed."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        frames: PreviewSink,
        way: str,
        list_id: str,
        item_id: str,
    ) -> None:
        take = Command("take", message("act.capture"), Action.CAPTURE, runs=self.accept)  # Space, as while recording
        super().__init__(PhotoState(bar=self._bar("", is_live=False), keyed=(take,)), tasks)
        self._context, self._navigator = context, navigator
        self._way, self._list_id, self._item_id = way, list_id, item_id
        self._camera = Viewfinder(context, tasks, lambda: frames, self._seen)

    def start(self) -> None:
        """Show what the camera sees."""
        self._camera.look()

    def stop(self) -> None:
        """Let go of the camera."""
        self._camera.release()

    def type(self, path: str) -> None:
        """Take a keystroke of the path."""
        self._become(replace(self.state, path=path, problem=None, bar=self._bar(path, is_live=self.state.is_live)))

    def accept(self) -> None:
        """Take the photo."""
        path = self.state.path.strip()
        if path:
            clean = self._context.office.sarpras.photos.clean
            self._tasks.run(COMPUTE, lambda: clean(*read_file(path, _UNREADABLE)), self._keep, self._stopped)
        elif self.state.is_live:
            self._camera.take()

    def _seen(self, sight: Sight) -> None:
        bar = self._bar(self.state.path, is_live=sight.is_live)
        self._become(replace(self.state, is_live=sight.is_live, away=sight.away, bar=bar))
        if sight.jpeg:
            self._keep(sight.jpeg)

    def _keep(self, jpeg: bytes) -> None:
        self._operate(Operation(work=lambda: self._kept(jpeg), done=lambda _: self._navigator.back()))

    def _kept(self, jpeg: bytes) -> object:
        office = self._context.office
        if self._way == "item":
            return office.inventory.photograph(self._item_id, jpeg)
        return office.sarpras.lists(self._way).add_photo(self._list_id, self._item_id, jpeg)

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        if not self.state.is_live:  # the camera was let go for this photo
            self.start()

    def _bar(self, path: str, *, is_live: bool) -> Bar:
        words = message("sarpras.take_file") if path.strip() else message("sarpras.take_photo")
        refused: Message = "" if is_live or path.strip() else message("sarpras.no_picture")
        return Bar(leave(self.back), (enter(words, self.accept, refused),))
