"""Sarpras: items, consumables, kits, and what is out; each list searchable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sarpras.checklist import CheckOut
from fieldkit.domain.sarpras.inventory import Consumable, SarprasItem, SarprasKit
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows, rows_of
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Choice, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.sarpras.words import condition_tag, kind_words, serial_words
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase


class Shelf(StrEnum):
    """The lists of the inventory."""

    ITEMS = "items"
    CONSUMABLES = "consumables"
    KITS = "kits"
    OUT = "out"


COLUMNS: dict[Shelf, tuple[Column, ...]] = {
    Shelf.ITEMS: (
        Column(phrase("sarpras.item")),
        Column(phrase("sarpras.field.kind"), 220),
        Column(phrase("sarpras.field.inventory_number"), 200),
        Column(phrase("sarpras.condition"), 170),
        Column(phrase("sarpras.where"), 260),
    ),
    Shelf.CONSUMABLES: (
        Column(phrase("sarpras.consumable")),
        Column(phrase("sarpras.stock"), 220),
        Column(phrase("sarpras.field.minimum"), 220),
        Column(phrase("sarpras.state"), 260),
    ),
    Shelf.KITS: (Column("Kit"), Column(phrase("sarpras.item"), 260), Column(phrase("sarpras.consumable"), 260)),
    Shelf.OUT: (
        Column("Kit"),
        Column(phrase("sarpras.where")),
        Column(phrase("sarpras.since"), 220),
        Column(phrase("sarpras.item"), 140),
    ),
}
_FORMS = {Shelf.ITEMS: "sarpras_item", Shelf.CONSUMABLES: "sarpras_consumable", Shelf.KITS: "sarpras_kit"}
Found = Sequence[SarprasItem] | Sequence[Consumable] | Sequence[SarprasKit] | Sequence[CheckOut]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryState(ViewState):
    """One of the four lists."""

    shelf: Shelf = Shelf.ITEMS
    shelves: tuple[Choice, ...] = tuple(Choice(shelf.value, phrase(f"sarpras.shelf.{shelf.value}")) for shelf in Shelf)
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING


class InventoryPresenter(Presenter[InventoryState]):
    """Shows the inventory; who keeps it also changes it."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(InventoryState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._inventory = desk.office.inventory
        self._may_keep = desk.user.may(Permission.KEEP_INVENTORY)
        self._text, self._selected = "", ""
        self._found: dict[str, object] = {}

    def start(self) -> None:
        """Read the list anew."""
        self.search(self._text)

    refresh = start

    def search(self, text: str) -> None:
        """Show what matches what was typed so far."""
        self._text = text
        shelf = self.state.shelf
        self._tasks.run(STORE, lambda: self._read(shelf, text), lambda rows: self._present(shelf, rows), self._failed)

    def choose_shelf(self, name: str) -> None:
        """Show another of the four lists."""
        self._selected = ""
        self._become(replace(self.state, shelf=Shelf(name)))
        self.search(self._text)

    def next_shelf(self) -> None:
        """Show the next list."""
        self._walk(1)

    def previous_shelf(self) -> None:
        """Show the list before."""
        self._walk(-1)

    def _walk(self, by: int) -> None:
        shelves = tuple(Shelf)
        self.choose_shelf(shelves[(shelves.index(self.state.shelf) + by) % len(shelves)].value)

    def select(self, name: str) -> None:
        """Stand on a row."""
        self._selected = name
        self._become(replace(self.state, bar=self._bar()))

    def accept(self) -> None:
        """Open the row under the cursor to change it, or the list of what is out."""
        if self.state.shelf is Shelf.OUT:
            out = self._found.get(self._selected)
            if isinstance(out, CheckOut):
                self._navigator.push("check_in", activity_id=out.activity_id)
        elif self._selected and self._may_keep:
            self._navigator.push(_FORMS[self.state.shelf], thing_id=self._selected)

    def add(self) -> None:
        """Open an empty form."""
        if self._may_keep and self.state.shelf in _FORMS:
            self._navigator.push(_FORMS[self.state.shelf], thing_id="")

    def history(self) -> None:
        """Show what happened to the item under the cursor."""
        if self._item() is not None:
            self._navigator.push("item_history", item_id=self._selected)

    def repair(self) -> None:
        """Note that the item under the cursor works again."""
        item = self._item()
        if item is not None and self._may_keep and not item.condition.may_go:
            self._navigator.push("sarpras_repair", item_id=self._selected)

    def photo(self) -> None:
        """Take the photo by which the item is recognised."""
        if self._item() is not None and self._may_keep:
            self._navigator.push("sarpras_photo", way="item", list_id="", item_id=self._selected)

    def usual(self) -> None:
        """Begin with the consumables that the SOPs name."""
        self._tasks.run(STORE, self._inventory.begin_with_usual, lambda _: self.start(), self._refused)

    def back(self) -> None:
        """Go back."""
        self._navigator.back()

    def _item(self) -> SarprasItem | None:
        item = self._found.get(self._selected)
        return item if isinstance(item, SarprasItem) else None

    def _read(self, shelf: Shelf, text: str) -> tuple[Found, dict[str, str]]:
        """Return what matches, and where each item that is out went."""
        places = self._inventory.places()
        if shelf is Shelf.CONSUMABLES:
            return self._inventory.consumables(text), {}
        if shelf is Shelf.KITS:
            return self._inventory.kits(text), {}
        out = self._inventory.out()
        if shelf is Shelf.OUT:
            return self._inventory.out(text), places
        away = {line.item_id: places.get(each.activity_id, "") for each in out for line in each.checklist.lines}
        return self._inventory.items(text), away

    def _present(self, shelf: Shelf, read: tuple[Found, dict[str, str]]) -> None:
        if shelf is not self.state.shelf:
            return
        found, places = read
        self._found = {each.thing_id: each for each in found}
        if self._selected not in self._found:
            self._selected = next(iter(self._found), "")
        rows = tuple(self._row(each, places) for each in found)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                rows=rows_of(rows),
                tags=_tags(found),
                nothing=self._nothing(shelf),
                problem=None,
                bar=self._bar(),
            )
        )

    def _row(self, each: object, places: dict[str, str]) -> Row:
        if isinstance(each, SarprasItem):
            return _item_row(each, places)
        if isinstance(each, Consumable):
            return _consumable_row(each)
        if isinstance(each, SarprasKit):
            return _kit_row(each)
        assert isinstance(each, CheckOut)
        since = moment_text(self._desk.clock.local(each.out_at)) if each.out_at is not None else ""
        cells = (
            Cell(", ".join(each.kit_names), is_strong=True),
            Cell(places.get(each.activity_id, "")),
            Cell(since),
            Cell(str(len(each.checklist.lines))),
        )
        return Row(each.thing_id, cells)

    def _nothing(self, shelf: Shelf) -> Empty:
        if self._text:
            return Empty(phrase("sarpras.not_found", text=self._text), phrase("sarpras.not_found_hint"))
        empty = Empty(phrase(f"sarpras.none.{shelf.value}"), phrase(f"sarpras.none_hint.{shelf.value}"))
        if shelf is Shelf.CONSUMABLES and self._may_keep:
            return replace(empty, action=Command("usual", phrase("sarpras.usual"), weight=Weight.PRIMARY))
        return empty

    def _bar(self) -> Bar:
        shelf, item = self.state.shelf, self._item()
        none: Words = "" if self._selected else phrase("sarpras.choose_first")
        if shelf is Shelf.OUT:
            come = Command("accept", phrase("sarpras.bring_back"), Act.ACCEPT, Weight.PRIMARY, none)
            return Bar(BACK, (come,))
        keeper: Words = "" if self._may_keep else phrase("sarpras.only_keeper")
        change = Command("accept", phrase("sarpras.change"), Act.ACCEPT, Weight.PRIMARY, keeper or none)
        add = Command("add", phrase("sarpras.add"), Act.ADD, refused=keeper)
        if shelf is not Shelf.ITEMS:
            return Bar(BACK, (add, change))
        whole: Words = phrase("sarpras.nothing_to_repair") if item is not None and item.condition.may_go else ""
        history = Command("history", phrase("sarpras.history"), Act.HISTORY, refused=none)
        photo = Command("photo", phrase("sarpras.photo"), Act.PHOTO, refused=keeper or none)
        repair = Command("repair", phrase("sarpras.repaired"), Act.REPAIR, refused=keeper or none or whole)
        return Bar(BACK, (add, history, photo, repair, change))

    def _refused(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _tags(found: Found) -> tuple[Tag, ...]:
    broken = sum(isinstance(each, SarprasItem) and not each.condition.may_go for each in found)
    low = sum(isinstance(each, Consumable) and each.is_low for each in found)
    if broken:
        return (Tag(phrase("sarpras.broken_count", count=broken), Tone.BAD),)
    return (Tag(phrase("sarpras.low_count", count=low), Tone.CAUTION),) if low else ()


def _item_row(item: SarprasItem, away: dict[str, str]) -> Row:
    place = away.get(item.thing_id)
    where = Cell(tags=(Tag(phrase("sarpras.away", place=place), Tone.SOFT),)) if place else Cell(phrase("sarpras.here"))
    detail = serial_words(item.kind, item.serial) or item.spares
    return Row(
        item.thing_id,
        (
            Cell(item.name, detail, is_strong=True),
            Cell(kind_words(item.kind), phrase("sarpras.critical") if item.is_critical else ""),
            Cell(item.inventory_number or "–"),
            Cell(tags=(condition_tag(item.condition),)),
            where,
        ),
    )


def _consumable_row(each: Consumable) -> Row:
    tag = Tag(phrase("sarpras.low"), Tone.CAUTION) if each.is_low else Tag(phrase("sarpras.enough"), Tone.GOOD)
    amounts = tuple(Cell(phrase("sarpras.counted", count=n, unit=each.unit)) for n in (each.stock, each.minimum))
    return Row(each.thing_id, (Cell(each.name, is_strong=True), *amounts, Cell(tags=(tag,))))


def _kit_row(kit: SarprasKit) -> Row:
    counts = (len(kit.items), len(kit.portions))
    return Row(
        kit.thing_id,
        (Cell(kit.name, is_strong=True), *(Cell(phrase("sarpras.kinds", count=count)) for count in counts)),
    )
