"""Tukar data: a file for the other laptops of the team, and theirs; who was met, and what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.exchange import Peer
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.exchange.exchange import MadeBundle, TakenOver, Team
from ui.presenters.actions import Action
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.exchange.sticks import read_bundle, write_bundle
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave

T = TypeVar("T")

COLUMNS = (
    Column(message("common.laptop"), 220),
    Column(message("exchange.read_at"), 220),
    Column(message("exchange.knows")),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the last file brought, or what was made. `code` is to be read out."""

    title: Message
    detail: Message = ""
    code: str = ""
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeState(ViewState):
    """The stick, the laptops that were met, and what came of the last file."""

    place: str = ""
    code: str = ""
    wants_code: bool = False
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    outcome: Outcome | None = None


class ExchangePresenter(OperatingPresenter[ExchangeState]):
    """Enter reads the stick, Ctrl B writes to it."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(ExchangeState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator = context, navigator
        self._team: Team | None = None
        self._text = ""

    def start(self) -> None:
        """Read who was met."""
        self._tasks.run(STORE, self._context.office.exchange.team, self._loaded, self._failed)

    def search(self, text: str) -> None:
        """Show the laptops whose name holds what was typed."""
        self._text = text.strip().lower()
        self._render()

    def type_place(self, place: str) -> None:
        """Note where the stick is; another file may want no code."""
        self._become(replace(self.state, place=place, code="", wants_code=False, problem=None))
        self._render()

    def type_code(self, code: str) -> None:
        """Note the code that was read out."""
        self._become(replace(self.state, code=code, problem=None))

    def accept(self) -> None:
        """Read the newest file of another laptop, or the one that was named."""
        place, code = self.state.place, self.state.code

        def read() -> TakenOver | None:
            exchange = self._context.office.exchange
            _, content = read_bundle(place, self._context.kit_id)
            if exchange.wants_code(content) and not code.strip():
                return None
            return exchange.take(content, code)

        self._run(message("exchange.reading"), read, self._taken)

    def make(self, for_new: bool = False) -> None:
        """Write a file for the laptops that were met, or with everything for one that was never met."""
        place = self.state.place

        def write() -> tuple[MadeBundle, str]:
            made = self._context.office.exchange.make(for_new)
            return made, write_bundle(place, made.name, made.content)

        self._run(message("exchange.making"), write, self._made)

    def _made(self, told: tuple[MadeBundle, str]) -> None:
        made, where = told
        opens = message("exchange.opens_by_itself", count=made.things, kits=", ".join(made.kits))
        detail = message("exchange.say_code", count=made.things) if made.code else opens
        self._become(replace(self.state, outcome=Outcome(message("exchange.made", where=where), detail, made.code)))
        self.start()

    def _taken(self, taken: TakenOver | None) -> None:
        if taken is None:
            self._become(replace(self.state, wants_code=True))
            return
        at = moment_text(self._context.clock.local(taken.made_at))
        counts = {"new": taken.new, "merged": taken.merged, "same": taken.same, "conflicts": taken.conflicts}
        if taken.unsigned:
            counts["unsigned"] = taken.unsigned
        numbers = tuple(
            Number(str(count), message(f"exchange.count_{name}"), _tone(name, count)) for name, count in counts.items()
        )
        title = message("exchange.taken", kit=taken.kit, name=taken.by, at=at)
        detail = message("exchange.look") if taken.conflicts else ""
        outcome = Outcome(title, detail, numbers=numbers)
        self._become(replace(self.state, code="", wants_code=False, outcome=outcome))
        self.start()

    def _run(self, words: Message, work: Callable[[], T], done: Callable[[T], None]) -> None:
        if not self._refused():
            self._become(replace(self.state, outcome=None))
            self._operate(Operation(work=work, done=done, busy=words))

    def _loaded(self, team: Team) -> None:
        self._team = team
        self._render()

    def _refused(self) -> Message:
        if not self._context.user.may(Permission.SEND):
            return message("exchange.not_yours")
        return "" if self.state.place.strip() else message("exchange.no_place")

    def _render(self) -> None:
        team = self._team
        if team is None:
            return
        shown = [peer for peer in team.peers if self._text in peer.kit.lower()]
        tags = [Tag(message("exchange.this_kit", kit=team.kit), Tone.NEUTRAL)]
        if team.made_at:
            at = moment_text(self._context.clock.local(team.made_at))
            tags.append(Tag(message("exchange.made_last", at=at), Tone.NEUTRAL))
        if team.conflicts:
            tags.append(Tag(message("exchange.conflicts_count", count=team.conflicts), Tone.CAUTION))
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                progress=None,
                rows=Rows(len(shown), len(team.peers), lambda at: self._row(shown[at])),
                tags=tuple(tags),
                nothing=Empty.of("exchange.nobody"),
                bar=self._bar(team),
            )
        )

    def _row(self, peer: Peer) -> Row:
        at = moment_text(self._context.clock.local(peer.read_at))
        return Row(peer.kit, (Cell(peer.kit, is_strong=True), Cell(at), Cell(tags=(_knows(peer),))))

    def _bar(self, team: Team) -> Bar:
        refused, differ, for_new = self._refused(), message("exchange.conflicts"), message("exchange.make_for_new")
        none: Message = "" if team.conflicts else message("exchange.no_conflicts")
        return Bar(
            leave(self.back),
            (
                opening(self._navigator, "show_conflicts", differ, Action.GROUP, none, "conflicts"),
                Command("make_for_new", for_new, Action.ISSUE, refused=refused, runs=partial(self.make, for_new=True)),
                Command("make", message("exchange.make"), Action.NEW, refused=refused, runs=self.make),
                enter(message("common.read_the_file"), self.accept, refused),
            ),
        )


def _knows(peer: Peer) -> Tag:
    if not peer.knows.revision:
        return Tag(message("exchange.knows_nothing"), Tone.CAUTION)
    return Tag(message("exchange.knows_some"), Tone.GOOD)


def _tone(name: str, count: int) -> Tone:
    return Tone.CAUTION if count and name in ("conflicts", "unsigned") else Tone.NEUTRAL
