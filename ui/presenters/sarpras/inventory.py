"""Sarpras: items, consumables, kits, and what is out, in one list with a chip for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Permission
from fieldkit.domain.sarpras import (
    BLANKS,
    BLANKS_NAME,
    BLANKS_UNIT,
    CRITICAL,
    FUELLED,
    CheckIn,
    CheckOut,
    Condition,
    Consumable,
    DamageReport,
    Portion,
    RepairNote,
    SarprasItem,
    SarprasKind,
    SarprasKit,
)
from fieldkit.domain.typed import optional, read_whole
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sarpras.keep_inventory import KeepInventory, Past, PastKind
from ui.presenters.amounts import clock_text, day_text
from ui.presenters.figures import FigureCell
from ui.presenters.form import Form, FormField, Labels
from ui.presenters.lists import ALL, Facts, Filter, Head, Listed, ListScreen, OfficeList, Panel, Photo, nothing_yet
from ui.presenters.parts import Choice, Empty, Tag, Tone
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, message
from ui.presenters.readers import answer
from ui.presenters.sarpras.messages import condition_tag, serial_words, test_tag

# The forms around sarpras: what they ask and what becomes of it.

YES, NO = "yes", "no"
_MOST_COUNTED = 999_999_999
Values = Mapping[str, str]
_label = Labels("sarpras.field.", "sarpras.hint.")


def _read_year(text: str) -> int:
    return read_whole(text, 1900, 2199)


def _yes_no(name: str, *, is_yes: bool) -> FormField:
    return _label(name, YES if is_yes else NO, choices=Choice.each((YES, NO), "sarpras."))


def item_form(context: AppContext, item_id: str) -> Form:
    """An item, new with `item_id` ""."""
    inventory = context.office.inventory

    def load() -> tuple[FormField, ...]:
        item = inventory.item(item_id) if item_id else SarprasItem("", SarprasKind.OTHER, "")
        fields = (
            _label("name", item.name, "item_name"),
            _label("model", item.model, "model"),
            _label("kind", item.kind.value, choices=Choice.each(SarprasKind, "sarpras.kind.")),
            _label("serial", item.serial, "serial"),
            _label("goods_code", item.goods_code, "goods_code"),
            _label("inventory_number", item.inventory_number, "inventory_number"),
            _label("acquired", str(item.acquired or ""), "acquired"),
            _label("spares", item.spares, "spares"),
        )
        if not item_id:  # what is critical follows from the kind until somebody says otherwise
            return fields
        return (*fields, _yes_no("is_critical", is_yes=item.is_critical), _yes_no("is_used", is_yes=True))

    def keep(values: Values) -> object:
        kind = SarprasKind(values["kind"])
        item = inventory.item(item_id) if item_id else SarprasItem(inventory.new_id(), kind, "")
        kept = inventory.keep_item(
            replace(
                item,
                kind=kind,
                is_critical=values["is_critical"] == YES if item_id else kind in CRITICAL,
                name=values["name"],
                serial=values["serial"],
                model=values["model"],
                goods_code=values["goods_code"],
                inventory_number=values["inventory_number"],
                acquired=answer(values, "acquired", optional(_read_year)),
                spares=values["spares"],
            )
        )
        return inventory.retire(item_id) if values.get("is_used") == NO else kept

    wide = {
        "kind": 4,
        **dict.fromkeys(("name", "model", "serial", "goods_code", "spares", "is_critical", "is_used"), 2),
    }
    return Form(message("sarpras.item"), load, keep, wide=wide)


def consumable_form(context: AppContext, consumable_id: str) -> Form:
    """A consumable, new with `consumable_id` "". The stock is counted by what is added or taken away."""
    inventory = context.office.inventory

    def found() -> Consumable:
        known = (each for each in inventory.consumables() if each.thing_id == consumable_id)
        return next(known, Consumable(inventory.new_id(), "", ""))

    def load() -> tuple[FormField, ...]:
        have = found()
        return (
            _label("added", "", "added"),
            _label("name", have.name, "consumable_name"),
            _label("unit", have.unit, "unit"),
            _label("minimum", str(have.minimum)),
        )

    def keep(values: Values) -> object:
        have = found()
        changed = replace(
            have,
            name=values["name"],
            unit=values["unit"],
            minimum=answer(values, "minimum", read_whole),
            stock=have.stock + (answer(values, "added", optional(_counted)) or 0),
        )
        return inventory.keep_consumable(changed)

    return Form(message("sarpras.consumable_form"), load, keep)


def kit_form(context: AppContext, kit_id: str) -> Form:
    """A kit, new with `kit_id` "": which items, how many of each consumable."""
    inventory = context.office.inventory

    def found() -> SarprasKit:
        known = (each for each in inventory.kits() if each.thing_id == kit_id)
        return next(known, SarprasKit(inventory.new_id(), ""))

    def load() -> tuple[FormField, ...]:
        kit = found()
        own_first = sorted(inventory.items(), key=lambda item: item.thing_id not in kit.items)
        items = tuple(Choice(item.thing_id, f"{item.name} {item.serial}".strip()) for item in own_first)
        portions = tuple(
            FormField(name, message("sarpras.field.portion", name=words, unit=unit), str(kit.quantity_of(name)))
            for name, words, unit in _taken_along(inventory)
        )
        name = _label("name", kit.name, "kit_name")
        if not items:
            return (name, *portions)
        chosen = " ".join(kit.items)
        return (name, _label("items", chosen, choices=items, is_many=True), *portions)

    def keep(values: Values) -> object:
        portions = tuple(
            Portion(name, answer(values, name, optional(read_whole)) or 0)
            for name, _, _ in _taken_along(inventory)
            if name in values
        )
        items = tuple(values.get("items", "").split())
        return inventory.keep_kit(replace(found(), name=values["name"], items=items, portions=portions))

    return Form(message("sarpras.kit_form"), load, keep)


def _taken_along(inventory: KeepInventory) -> list[tuple[str, str, str]]:
    """Return id, name and unit of what a kit may take along: the blanks, which their ledger counts, and consumables."""
    stock = ((each.thing_id, each.name, each.unit) for each in inventory.consumables())
    return [(BLANKS, BLANKS_NAME, BLANKS_UNIT), *stock]


def repair_form(context: AppContext, item_id: str) -> Form:
    """What was repaired, or where a lost item was found."""
    inventory = context.office.inventory
    return Form(
        message("sarpras.repaired"),
        lambda: (_label("repair", "", "repair"),),
        lambda values: inventory.repair(item_id, values["repair"]),
        message("sarpras.repair_about"),
    )


def note_form(context: AppContext, way: str, list_id: str, item_id: str) -> Form:
    """What is damaged or lacks; of what drives or burns also odometer and fuel."""
    lists = context.office.sarpras.lists(way)

    def load() -> tuple[FormField, ...]:
        line = lists.get(list_id).checklist.line(item_id)
        note = _label("note", line.note, "note")
        if line.kind not in FUELLED:
            return (note,)
        fuel = _label("fuel", line.fuel, "fuel")
        if line.kind is not SarprasKind.VEHICLE:
            return (note, fuel)
        return (_label("km", "" if line.km is None else str(line.km), "km"), fuel, note)

    def keep(values: Values) -> object:
        km = answer(values, "km", optional(read_whole)) if "km" in values else None
        if "fuel" in values:
            lists.travel(list_id, item_id, km, values["fuel"])
        return lists.note(list_id, item_id, values["note"])

    return Form(message("sarpras.note_form"), load, keep)


def reason_form(context: AppContext, way: str, list_id: str) -> Form:
    """Why a list is closed although something stands against it; the log keeps that it was."""
    lists = context.office.sarpras.lists(way)

    def keep(values: Values) -> object:
        if not values["reason"].strip():
            raise InputError("sarpras.no_reason")
        return lists.close(list_id, values["reason"])

    return Form(
        message(f"sarpras.{way}_anyway"),
        lambda: (_label("reason", "", "reason"),),
        keep,
        message("sarpras.reason_about"),
        message(f"sarpras.{way}_anyway"),
    )


def kits_form(context: AppContext, list_id: str) -> Form:
    """Which kits go along."""
    out = context.office.sarpras.out

    def load() -> tuple[FormField, ...]:
        choices = tuple(Choice(kit.thing_id, kit.name) for kit in out.kits())
        chosen = " ".join(out.get(list_id).kits)
        hint = "" if choices else message("sarpras.no_kits")
        return (FormField("kits", message("common.kits"), chosen, hint, choices, is_many=True),)

    def keep(values: Values) -> object:
        return out.choose_kits(list_id, tuple(values["kits"].split()))

    return Form(message("sarpras.kits_form"), load, keep)


def _counted(text: str) -> int:
    """Read what was added to the stock, or with a minus what was counted less."""
    return read_whole(text, least=-_MOST_COUNTED, most=_MOST_COUNTED)


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
    cells: tuple[FigureCell, ...]
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
        name = FigureCell(", ".join(each.kit_names), is_strong=True)
        count = FigureCell(message("sarpras.kinds", count=len(each.checklist.lines)))
        return InventoryEntry(
            Part.OUT, each, (name, FigureCell(), count, FigureCell(), FigureCell(place, self._moment_text(each.out_at)))
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
        add = opens("add", message("common.add"), Action.NEW, keeper, _FORMS[part], thing_id="")
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
    name = FigureCell(item.name, serial_words(item.kind, item.serial) or item.spares, is_strong=True)
    kind = FigureCell(
        message(f"sarpras.kind.{item.kind.value}"), message("sarpras.critical") if item.is_critical else ""
    )
    here = "–" if item.condition is Condition.HILANG else message("sarpras.here")
    where = FigureCell(tags=(Tag(message("sarpras.away", place=place)),)) if place else FigureCell(here)
    cells = (
        name,
        kind,
        FigureCell(item.inventory_number or "–", item.goods_code),
        FigureCell(tags=(condition_tag(item.condition),)),
        where,
    )
    return InventoryEntry(Part.ITEMS, item, cells, not item.condition.may_go)


def _consumable(each: Consumable) -> InventoryEntry:
    tag = Tag(message("sarpras.low"), Tone.CAUTION) if each.is_low else Tag(message("sarpras.enough"), Tone.GOOD)
    least = message("sarpras.least", count=each.minimum, unit=each.unit)
    amount = FigureCell(message("sarpras.counted", count=each.stock, unit=each.unit), least)
    cells = (
        FigureCell(each.name, is_strong=True),
        FigureCell(message("sarpras.consumable")),
        amount,
        FigureCell(tags=(tag,)),
        FigureCell(),
    )
    return InventoryEntry(Part.CONSUMABLES, each, cells, each.is_low)


def _kit(kit: SarprasKit) -> InventoryEntry:
    more = message("sarpras.kit_portions", count=len(kit.portions))
    amount = FigureCell(message("sarpras.kinds", count=len(kit.items)), more)
    return InventoryEntry(
        Part.KITS, kit, (FigureCell(kit.name, is_strong=True), FigureCell("Kit"), amount, FigureCell(), FigureCell())
    )


# What happened to an item: out, back, damaged, repaired; the newest first, its photo beside it.

_TONES = {PastKind.DAMAGED: Tone.BAD, PastKind.REPAIRED: Tone.GOOD, PastKind.RETIRED: Tone.CAUTION}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What happened once, by whom; `photo` is the one taken then, else that of the item."""

    name: str
    past: Past
    by: str
    photo: bytes = b""


class ItemHistory:
    """Reads the history of one item; there is nothing to change."""

    def __init__(self, context: AppContext, item_id: str) -> None:
        self._context, self._item_id = context, item_id
        self._item: SarprasItem | None = None  # once it was read

    def screen(self) -> ListScreen[HistoryEntry]:
        """Return the list."""
        return ListScreen(
            title=message("common.history"),
            heads=(
                Head(message("common.time"), self._when, 130, lambda e: e.past.at),
                Head.tagged(message("sarpras.what"), _what, 210, lambda e: e.past.what.value),
                Head.tagged(message("sarpras.condition"), _condition, 170, none="–"),
                Head.tagged(message("sarpras.test"), _test, 150, none="–"),
                Head(message("common.note"), _note),
            ),
            load=self._load,
            name=lambda e: e.name,
            text=lambda e: f"{e.past.place} {e.past.note} {e.by}",
            reads=frozenset({each.KIND for each in (SarprasItem, CheckOut, CheckIn, DamageReport, RepairNote)}),
            empty=nothing_yet("sarpras.no_history"),
            side=self._side,
            hint=message("sarpras.history_search"),
            where=lambda _: self._item.name if self._item else "",
        )

    def _load(self) -> Sequence[HistoryEntry]:
        office = self._context.office
        with office.units.read() as unit:
            names = {user.user_id: user.name for user in unit.users()}
        self._item = item = office.inventory.item(self._item_id)
        past = office.inventory.history(self._item_id)
        wanted = [each.photos[0] if each.photos else item.photo for each in past]
        photos = {photo: office.inventory.photo(photo) for photo in set(wanted) if photo}
        return [
            HistoryEntry(str(len(past) - at), each, names.get(each.by, ""), photos.get(photo, b""))
            for at, (each, photo) in enumerate(zip(past, wanted, strict=True))
        ]

    def _when(self, entry: HistoryEntry) -> FigureCell:
        at = self._context.clock.local(entry.past.at)
        return FigureCell(day_text(at), clock_text(at))

    def _side(self, listed: Listed[HistoryEntry]) -> tuple[Panel, ...]:
        item, entry = self._item, listed.current
        if item is None:
            return ()
        known: Mapping[str, Message] = {
            "sarpras.condition": condition_tag(item.condition).words,
            "sarpras.field.goods_code": item.goods_code or "–",
            "sarpras.field.inventory_number": item.inventory_number or "–",
            "sarpras.field.acquired": str(item.acquired or "–"),
        }
        about = Facts.known(item.name, known, " · ".join(filter(None, (item.model, item.serial, item.spares))))
        return (about, Photo(message("common.photo"), entry.photo)) if entry and entry.photo else (about,)


def _what(entry: HistoryEntry) -> Tag:
    what = entry.past.what
    return Tag(message(f"sarpras.past.{what.value}"), _TONES.get(what, Tone.SOFT))


def _condition(entry: HistoryEntry) -> Tag | None:
    return condition_tag(entry.past.condition) if entry.past.condition is not None else None


def _test(entry: HistoryEntry) -> Tag | None:
    return test_tag(entry.past.line) if entry.past.line is not None else None


def _note(entry: HistoryEntry) -> FigureCell:
    past = entry.past
    return FigureCell(
        past.note or past.place or "–", " · ".join(filter(None, (entry.by, past.place if past.note else "")))
    )
