"""Tukar data: a file for the other laptops of the team, and theirs; who was met, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from fieldkit.domain.people import Permission
from fieldkit.domain.visits import Outcome
from fieldkit.ports.exchange import Peer
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.exchange.exchange import MadeBundle, TakenOver, Team
from fieldkit.services.exchange.settle_conflicts import Conflict, Side
from ui.presenters.amounts import moment_text
from ui.presenters.exchange.sticks import read_bundle, write_bundle
from ui.presenters.figures import NO_ROWS, Column, FigureCell, Number, Row, Rows
from ui.presenters.lists import Head, Listed, ListScreen, OfficeList
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, enter, message, opening
from ui.presenters.tasks import STORE, Tasks

# Perbedaan: what was changed on two laptops that did not know of each other, and both sides of one difference.
#
# Everything stays on both sides until somebody chooses: a side holds as a whole, or field by field.

_SIDES = (Action.CHOICE_1, Action.CHOICE_2, Action.CHOICE_3)
_TAKEN = Tag(message("conflicts.chosen"), Tone.GOOD)
_KINDS = frozenset(
    {
        *("activity", "target", "target_notes", "target_list", "visit", "trip", "card", "distribution", "application"),
        *("plan", "sop_run", "letter", "signing_trail", "surat_permohonan", "disposisi", "staff", "sarpras_item"),
        *("sarpras_consumable", "sarpras_kit", "sarpras_out", "sarpras_in", "perekaman", "official_recording"),
    }
)
_FIELDS = frozenset(
    {
        *("outcome", "started_at", "ended_at", "note", "safety", "companion", "wants_revisit", "revisit_note", "by"),
        *("name", "state", "reason", "verdict", "category", "house", "place", "handings", "attempts", "receipt"),
        *("letters", "lines", "counts", "condition", "stock", "minimum", "steps", "facts", "izin", "kits"),
        *("kit_names", "out_at", "in_at", "moments", "stops", "digits", "route", "access", "contact"),
    }
)
_OUTCOMES = frozenset(Outcome)
_MOST = 60  # characters of one cell


class Conflicts(OfficeList):
    """Lists what differs; Enter shows both sides."""

    def screen(self) -> ListScreen[Conflict]:
        """Return the list."""
        return ListScreen(
            title=message("conflicts.title"),
            heads=(
                Head(message("conflicts.what"), lambda c: FigureCell(kind_words(c.kind)), 190, lambda c: c.kind),
                Head(message("conflicts.whose"), _about, 0, lambda c: c.about or c.activity),
                Head(message("conflicts.one"), lambda c: self._side(c.sides[0]), 270, lambda c: c.sides[0].at),
                Head(message("conflicts.other"), lambda c: self._side(c.sides[1]), 270, lambda c: c.sides[1].at),
            ),
            load=self._context.office.conflicts.all,
            name=lambda conflict: f"{conflict.kind} {conflict.thing_id}",
            text=lambda conflict: f"{conflict.about} {conflict.activity}",
            empty=lambda _listed: Empty.of("conflicts.none"),
            commands=self._commands,
            hint=message("conflicts.search"),
        )

    def _commands(self, listed: Listed[Conflict]) -> tuple[Command, ...]:
        conflict = listed.current
        if conflict is None:
            return ()
        of = {"kind": conflict.kind, "thing_id": conflict.thing_id}
        return (self._opens("accept", message("conflicts.show"), Action.ACCEPT, "", "conflict", **of),)

    def _side(self, side: Side) -> FigureCell:
        return FigureCell(side_words(side), self._moment_text(side.at))


def _about(conflict: Conflict) -> FigureCell:
    return FigureCell(conflict.about or conflict.activity, conflict.activity if conflict.about else "", is_strong=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictState(ViewState):
    """The fields that differ, a column for each side."""

    title: Message = ""
    columns: tuple[Column, ...] = (Column(message("conflicts.field")),)
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING


class ConflictPresenter(OperatingPresenter[ConflictState]):
    """1 and 2 take a side, Ctrl O takes the other one's word for a field, Enter keeps what is marked."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, kind: str, thing_id: str) -> None:
        super().__init__(ConflictState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator = context, navigator
        self._key = kind, thing_id
        self._conflict: Conflict | None = None
        self._chosen = 0
        self._picks: dict[str, int] = {}
        self._text, self._selected = "", ""

    def start(self) -> None:
        """Read both sides."""
        self._tasks.run(STORE, self._context.office.conflicts.all, self._loaded, self._failed)

    def search(self, text: str) -> None:
        """Show the fields that hold what was typed."""
        self._text = text.strip().lower()
        self._render()

    def select(self, path: str) -> None:
        """Note the field under the cursor."""
        self._selected = path

    def take(self, side: int) -> None:
        """Take a side, counted from 0."""
        if self._conflict is not None and side < len(self._conflict.sides):
            self._chosen, self._picks = side, {}
            self._render()

    def swap(self) -> None:
        """Take the other side's word for the field under the cursor."""
        conflict = self._conflict
        if conflict is None or self._selected not in conflict.differing or self._cannot_mix(conflict):
            return
        now = self._picks.get(self._selected, self._chosen)
        self._picks[self._selected] = (now + 1) % len(conflict.sides)
        self._render()

    def _loaded(self, found: Sequence[Conflict]) -> None:
        self._conflict = next((each for each in found if (each.kind, each.thing_id) == self._key), None)
        if self._conflict is None:
            empty = Empty.of("conflicts.none")
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(leave(self.back))))
            return
        self._render()

    def _cannot_mix(self, conflict: Conflict) -> bool:
        return any(side.is_removal for side in conflict.sides)

    def _render(self) -> None:
        conflict = self._conflict
        if conflict is None:
            return
        shown = [path for path in conflict.differing if self._text in path.lower()]
        columns = tuple(Column(side_words(side)) for side in conflict.sides)
        about = conflict.about or conflict.activity
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                title=message("conflicts.about", what=about) if about else kind_words(conflict.kind),
                tags=(Tag(kind_words(conflict.kind), Tone.SOFT),),
                columns=(Column(message("conflicts.field"), 220), *columns),
                rows=Rows(len(shown) + 1, len(conflict.differing) + 1, lambda at: self._row(conflict, shown, at)),
                nothing=Empty(message("common.not_found", text=self._text), message("sasaran.not_found_hint")),
                bar=self._bar(conflict),
            )
        )

    def _row(self, conflict: Conflict, shown: Sequence[str], at: int) -> Row:
        if at == 0:
            return Row("", (FigureCell(message("conflicts.when")), *(self._when(side) for side in conflict.sides)))
        path = shown[at - 1]
        taken = self._picks.get(path, self._chosen)
        cells = (self._cell(side, path, is_taken=number == taken) for number, side in enumerate(conflict.sides))
        return Row(path, (FigureCell(field_words(path)), *cells))

    def _when(self, side: Side) -> FigureCell:
        at = moment_text(self._context.clock.local(side.at))
        return FigureCell(message("conflicts.removed") if side.is_removal else at, at if side.is_removal else "")

    def _cell(self, side: Side, path: str, is_taken: bool) -> FigureCell:
        local, value = self._context.clock.local, side.values.get(path)
        words, detail = value_words(value, local), detail_words(value, local)
        return FigureCell(words, detail, (_TAKEN,) if is_taken else (), is_strong=is_taken, is_muted=not is_taken)

    def _bar(self, conflict: Conflict) -> Bar:
        takes = (
            Command(f"take_{at}", message("conflicts.take", kit=side.kit), act, runs=partial(self.take, at))
            for at, (act, side) in enumerate(zip(_SIDES, conflict.sides, strict=False))
        )
        chosen, picks = self._chosen, dict(self._picks)
        keep = Operation(
            work=lambda: self._context.office.conflicts.keep(conflict, chosen, picks),
            done=lambda _kept: self._navigator.back(),
            busy=message("conflicts.settling"),
        )
        refused = "" if self._context.user.may(Permission.SEND) else message("exchange.not_yours")
        mix: Message = message("conflicts.cannot_mix") if self._cannot_mix(conflict) else ""
        return Bar(
            leave(self.back),
            (
                *takes,
                Command("swap", message("conflicts.swap"), Action.GROUP, refused=mix, runs=self.swap),
                enter(message("conflicts.keep"), keep, refused),
            ),
        )


def kind_words(kind: str) -> Message:
    """Return what an entry is."""
    return message(f"conflicts.kind_{kind if kind in _KINDS else 'other'}")


def side_words(side: Side) -> Message:
    """Return on which laptop a side was written, and by whom."""
    return message("conflicts.side", kit=side.kit, name=side.by) if side.by else side.kit


def field_words(path: str) -> Message:
    """Return what a field is called; one without a name of its own is shown as it is kept."""
    last = path.rsplit(".", 1)[-1]
    return message(f"conflicts.field_{last}") if last in _FIELDS else last.replace("_", " ")


def value_words(value: Any, local: Callable[[datetime], datetime]) -> Message:
    """Return what stands in a field."""
    match value:
        case _ if value is None or value in ("", [], {}):
            return message("conflicts.nothing")
        case bool():
            return message("common.yes" if value else "conflicts.no")
        case str() if value in _OUTCOMES:
            return message(f"end_reason.{value}")
        case str():
            return _text(value, local)
        case list():
            return message("conflicts.entries", count=len(value))
        case Mapping():
            told = [_text(each, local) for each in value.values() if isinstance(each, str) and each]
            return " · ".join(told)[:_MOST]
        case _:
            return str(value)


def detail_words(value: Any, local: Callable[[datetime], datetime]) -> Message:
    """Return the newest of several entries."""
    if isinstance(value, list) and value:
        last = value[-1]
        return value_words(last, local) if isinstance(last, str | Mapping) else ""
    return ""


def _text(value: str, local: Callable[[datetime], datetime]) -> str:
    with suppress(ValueError):  # no moment
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return moment_text(local(at))
    return value.replace("_", " ") if value.islower() else value


T = TypeVar("T")

COLUMNS = (
    Column(message("common.laptop"), 220),
    Column(message("exchange.read_at"), 220),
    Column(message("exchange.knows")),
)


@dataclass(frozen=True, slots=True)
class Exchanged:
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
    outcome: Exchanged | None = None


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
        self._become(replace(self.state, outcome=Exchanged(message("exchange.made", where=where), detail, made.code)))
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
        outcome = Exchanged(title, detail, numbers=numbers)
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
        return Row(peer.kit, (FigureCell(peer.kit, is_strong=True), FigureCell(at), FigureCell(tags=(_knows(peer),))))

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
