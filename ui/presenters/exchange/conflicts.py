"""Perbedaan: what was changed on two laptops that did not know of each other; Enter shows both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.services.context.desk import Desk
from fieldkit.services.exchange.settle_conflicts import Conflict, Side
from ui.presenters.acts import Act
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Weight
from ui.presenters.exchange.conflict_words import kind_words
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import phrase

COLUMNS = (
    Column(phrase("conflicts.what"), 190),
    Column(phrase("conflicts.whose")),
    Column(phrase("conflicts.one"), 270),
    Column(phrase("conflicts.other"), 270),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictsState(ViewState):
    """Everything that waits for a person."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING


class ConflictsPresenter(Presenter[ConflictsState]):
    """Lists what differs."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(ConflictsState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._conflicts: Sequence[Conflict] = ()
        self._text, self._selected = "", ""

    def start(self) -> None:
        """Read what waits."""
        self._tasks.run(STORE, self._desk.office.conflicts.all, self._loaded, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show those about somebody or something."""
        self._text = text.strip().lower()
        self._render()

    def select(self, name: str) -> None:
        """Note the row under the cursor."""
        self._selected = name

    def accept(self) -> None:
        """Show both sides of the row."""
        self.open(self._selected)

    def open(self, name: str) -> None:
        """Show both sides."""
        if name:
            kind, _, thing_id = name.partition(" ")
            self._navigator.push("conflict", kind=kind, thing_id=thing_id)

    def back(self) -> None:
        """Leave; everything stays on both sides."""
        self._navigator.back()

    def _loaded(self, found: Sequence[Conflict]) -> None:
        self._conflicts = found
        if not found:
            empty = Empty(phrase("conflicts.none"), phrase("conflicts.none_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, rows=NO_ROWS, tags=(), bar=Bar(BACK)))
            return
        self._render()

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))

    def _render(self) -> None:
        shown = [each for each in self._conflicts if self._text in f"{each.about} {each.activity}".lower()]
        if all(_name(each) != self._selected for each in shown):
            self._selected = _name(shown[0]) if shown else ""
        show = Command("accept", phrase("conflicts.show"), Act.ACCEPT, Weight.PRIMARY)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=None,
                rows=Rows(len(shown), len(self._conflicts), lambda at: self._row(shown[at])),
                tags=(Tag(phrase("conflicts.left", count=len(self._conflicts)), Tone.CAUTION),),
                nothing=Empty(phrase("conflicts.not_found", text=self._text), phrase("sasaran.not_found_hint")),
                bar=Bar(BACK, (show,), phrase("conflicts.hint")),
            )
        )

    def _row(self, conflict: Conflict) -> Row:
        one, other = conflict.sides[:2]
        what = Cell(kind_words(conflict.kind))
        detail = conflict.activity if conflict.about else ""
        about = Cell(conflict.about or conflict.activity, detail, is_strong=True)
        return Row(_name(conflict), (what, about, self._side(one), self._side(other)))

    def _side(self, side: Side) -> Cell:
        at = moment_text(self._desk.clock.local(side.at))
        return Cell(phrase("conflicts.side", kit=side.kit, name=side.by) if side.by else side.kit, at)


def _name(conflict: Conflict) -> str:
    return f"{conflict.kind} {conflict.thing_id}"
