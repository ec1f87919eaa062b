"""What happened to an item: out, back, damaged, repaired; the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras.inventory import SarprasItem
from fieldkit.services.context.desk import Desk
from fieldkit.services.sarpras.history import Past, PastKind
from ui.presenters.amounts import moment_text
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows, rows_of
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.sarpras.words import condition_tag, test_tag
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("sarpras.when"), 190),
    Column(phrase("sarpras.what"), 210),
    Column(phrase("sarpras.condition"), 170),
    Column(phrase("sarpras.test"), 150),
    Column(phrase("sarpras.field.note")),
)
_TONES = {PastKind.DAMAGED: Tone.BAD, PastKind.REPAIRED: Tone.GOOD, PastKind.RETIRED: Tone.CAUTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryState(ViewState):
    """The lines, and the photo of the one under the cursor, else of the item."""

    title: Words = ""
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    photo: bytes | None = None
    about: Words = ""


@dataclass(frozen=True, slots=True)
class _Found:
    item: SarprasItem
    past: Sequence[Past]
    names: Mapping[str, str]


class HistoryPresenter(Presenter[HistoryState]):
    """Reads the history of one item."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, item_id: str) -> None:
        super().__init__(HistoryState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._item_id = desk, tasks, navigator, item_id
        self._found: _Found | None = None
        self._text, self._selected = "", ""

    def start(self) -> None:
        """Read the history anew."""
        self._tasks.run(STORE, self._read, self._present, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show the lines whose place, note or person contains what was typed."""
        self._text = text
        if self._found is not None:
            self._present(self._found)

    def select(self, name: str) -> None:
        """Show the photo that belongs to a line."""
        if name == self._selected or self._found is None:
            return
        self._selected = name
        past = self._found.past[int(name)]
        wanted = past.photos[0] if past.photos else self._found.item.photo
        if wanted:
            photo = self._desk.office.inventory.photo
            self._tasks.run(STORE, lambda: photo(wanted), lambda jpeg: self._picture(name, jpeg), self._failed)
        else:
            self._become(replace(self.state, photo=None))

    def accept(self) -> None:
        """Enter goes back: there is nothing to change here."""
        self._navigator.back()

    def back(self) -> None:
        """Go back."""
        self._navigator.back()

    def _read(self) -> _Found:
        office = self._desk.office
        with office.acts.read() as unit:
            names = {user.user_id: user.name for user in unit.users()}
        return _Found(office.inventory.item(self._item_id), office.inventory.history(self._item_id), names)

    def _picture(self, name: str, jpeg: bytes) -> None:
        if name == self._selected:
            self._become(replace(self.state, photo=jpeg))

    def _present(self, found: _Found) -> None:
        self._found = found
        wanted = self._text.casefold()
        rows = tuple(
            self._row(at, past, found.names)
            for at, past in enumerate(found.past)
            if wanted in f"{past.place} {past.note} {found.names.get(past.by, '')}".casefold()
        )
        item = found.item
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=item.name,
                title=phrase("sarpras.history_of", item=item.name),
                rows=rows_of(rows, len(found.past)),
                tags=(condition_tag(item.condition),),
                nothing=Empty(phrase("sarpras.no_history"), phrase("sarpras.no_history_hint")),
                about=" · ".join(filter(None, (item.serial, item.inventory_number, item.spares))),
            )
        )

    def _row(self, at: int, past: Past, names: Mapping[str, str]) -> Row:
        test = test_tag(past.line) if past.line is not None else None
        return Row(
            str(at),
            (
                Cell(moment_text(self._desk.clock.local(past.at))),
                Cell(tags=(Tag(phrase(f"sarpras.past.{past.what.value}"), _TONES.get(past.what, Tone.SOFT)),)),
                Cell(tags=(condition_tag(past.condition),)) if past.condition is not None else Cell("–", is_muted=True),
                Cell(tags=(test,)) if test is not None else Cell("–", is_muted=True),
                Cell(
                    past.note or past.place or "–",
                    " · ".join(filter(None, (names.get(past.by, ""), past.place if past.note else ""))),
                ),
            ),
        )

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))
