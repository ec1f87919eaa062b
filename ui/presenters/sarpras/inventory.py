"""Sarpras: items, consumables, kits, and what is out, in one list with a chip for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sarpras.checklist import CheckIn, CheckOut
from fieldkit.domain.sarpras.inventory import Consumable, SarprasItem, SarprasKit
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.sarpras.messages import condition_tag, serial_words


class Part(StrEnum):
    """The parts of the inventory."""

    ITEMS = "items"
    CONSUMABLES = "consumables"
    KITS = "kits"
    OUT = "out"


_HEADS = {
    "sarpras.item": 0,
    "sarpras.field.kind": 240,
    "sarpras.amount": 230,
    "sarpras.condition": 190,
    "sarpras.where": 260,
}
_FORMS = {Part.ITEMS: "sarpras_item", Part.CONSUMABLES: "sarpras_consumable", Part.KITS: "sarpras_kit"}


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """Something of one part and its cells; `needs` says that somebody must repair it, look for it or order it."""

    part: Part
    thing: SarprasItem | Consumable | SarprasKit | CheckOut
    cells: tuple[Cell, ...]
    needs: bool = False


class Inventory(OfficeList):
    """Shows the inventory; who keeps it also changes it."""

    _needs = (Permission.KEEP_INVENTORY, "sarpras.only_keeper")

    def __init__(self, context: AppContext, navigator: Navigator) -> None:
        super().__init__(context, navigator)
        self._inventory = context.office.inventory

    def screen(self) -> ListScreen[InventoryEntry]:
        """Return the list."""
        parts: tuple[Filter[InventoryEntry], ...] = Filter.each(Part, "sarpras.part.", lambda e: e.part)
        needs: Filter[InventoryEntry] = Filter("needs", message("sarpras.needs"), lambda e: e.needs, Tone.CAUTION)
        return ListScreen(
            title=message("common.sarpras"),
            heads=tuple(_head(at, key, width) for at, (key, width) in enumerate(_HEADS.items())),
            load=self._load,
            name=lambda e: e.thing.thing_id,
            text=lambda e: f"{e.thing.words} {e.cells[0].words}",
            reads=frozenset({each.KIND for each in (SarprasItem, Consumable, SarprasKit, CheckOut, CheckIn)}),
            filters=(parts, (ALL, needs)),
            empty=self._nothing,
            commands=self._commands,
            hint=message("sarpras.search"),
        )

    def _load(self) -> Sequence[InventoryEntry]:
        found, places, out = self._inventory, self._inventory.places(), self._inventory.out()
        away = {line.item_id: places.get(each.activity_id, "") for each in out for line in each.checklist.lines}
        return [
            *(_item(item, away.get(item.thing_id, "")) for item in found.items()),
            *map(_consumable, found.consumables()),
            *map(_kit, found.kits()),
            *(self._out(each, places.get(each.activity_id, "")) for each in out),
        ]

    def _out(self, each: CheckOut, place: str) -> InventoryEntry:
        assert each.out_at is not None
        name = Cell(", ".join(each.kit_names), is_strong=True)
        count = Cell(message("sarpras.kinds", count=len(each.checklist.lines)))
        return InventoryEntry(
            Part.OUT, each, (name, Cell(), count, Cell(), Cell(place, self._moment_text(each.out_at)))
        )

    def _nothing(self, listed: Listed[InventoryEntry]) -> Empty:
        part = Part(listed.filters[0])
        if any(entry.part is part for entry in listed.everything):
            return Empty.of("ui.list.none")
        usual = Operation(work=self._inventory.begin_with_usual)
        action = Command("usual", message("sarpras.usual"), weight=Weight.PRIMARY, runs=usual)
        may_begin = part is Part.CONSUMABLES and not self._not_yours
        hint = message(f"sarpras.none_hint.{part}")
        return Empty(message(f"sarpras.none.{part}"), hint, action if may_begin else None)

    def _commands(self, listed: Listed[InventoryEntry]) -> tuple[Command, ...]:
        thing, part = listed.current.thing if listed.current else None, Part(listed.filters[0])
        at, opens, keeper = thing.thing_id if thing else "", self._opens, self._not_yours
        none: Message = "" if thing else message("sarpras.choose_first")
        if part is Part.OUT:
            of = thing.activity_id if thing else ""
            return (opens("accept", message("sarpras.bring_back"), Action.ACCEPT, none, "check_in", activity_id=of),)
        refused = keeper or none
        add = opens("add", message("common.add"), Action.ADD, keeper, _FORMS[part], thing_id="")
        change = opens("accept", message("common.change"), Action.ACCEPT, refused, _FORMS[part], thing_id=at)
        if part is not Part.ITEMS:
            return (add, change)
        is_whole = isinstance(thing, SarprasItem) and thing.condition.may_go
        whole = refused or (message("sarpras.nothing_to_repair") if is_whole else "")
        photo = {"way": "item", "list_id": "", "item_id": at}
        return (
            add,
            opens("history", message("common.history"), Action.HISTORY, none, "item_history", item_id=at),
            opens("photo", message("common.photo"), Action.PHOTO, refused, "sarpras_photo", **photo),
            opens("repair", message("sarpras.repaired"), Action.REPAIR, whole, "sarpras_repair", item_id=at),
            change,
        )


def _head(at: int, key: str, width: int) -> Head[InventoryEntry]:
    return Head(message(key), lambda e: e.cells[at], width, lambda e: repr(e.cells[at].words or e.cells[at].tags))


def _item(item: SarprasItem, place: str) -> InventoryEntry:
    name = Cell(item.name, serial_words(item.kind, item.serial) or item.spares, is_strong=True)
    kind = Cell(message(f"sarpras.kind.{item.kind.value}"), message("sarpras.critical") if item.is_critical else "")
    where = Cell(tags=(Tag(message("sarpras.away", place=place)),)) if place else Cell(message("sarpras.here"))
    cells = (name, kind, Cell(item.inventory_number or "–"), Cell(tags=(condition_tag(item.condition),)), where)
    return InventoryEntry(Part.ITEMS, item, cells, not item.condition.may_go)


def _consumable(each: Consumable) -> InventoryEntry:
    tag = Tag(message("sarpras.low"), Tone.CAUTION) if each.is_low else Tag(message("sarpras.enough"), Tone.GOOD)
    least = message("sarpras.least", count=each.minimum, unit=each.unit)
    amount = Cell(message("sarpras.counted", count=each.stock, unit=each.unit), least)
    cells = (Cell(each.name, is_strong=True), Cell(message("sarpras.consumable")), amount, Cell(tags=(tag,)), Cell())
    return InventoryEntry(Part.CONSUMABLES, each, cells, each.is_low)


def _kit(kit: SarprasKit) -> InventoryEntry:
    more = message("sarpras.kit_portions", count=len(kit.portions))
    amount = Cell(message("sarpras.kinds", count=len(kit.items)), more)
    return InventoryEntry(Part.KITS, kit, (Cell(kit.name, is_strong=True), Cell("Kit"), amount, Cell(), Cell()))
