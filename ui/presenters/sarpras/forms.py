"""The forms around sarpras: what they ask and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.sarpras.inventory import (
    CRITICAL,
    FUELLED,
    Consumable,
    Portion,
    SarprasItem,
    SarprasKind,
    SarprasKit,
)
from fieldkit.domain.typed import optional, read_whole
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField, Labels
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer

YES, NO = "yes", "no"
_MOST_COUNTED = 999_999_999
Values = Mapping[str, str]
_label = Labels("sarpras.field.", "sarpras.hint.")


def _yes_no(name: str, *, is_yes: bool) -> FormField:
    return _label(name, YES if is_yes else NO, choices=Choice.each((YES, NO), "sarpras."))


def item_form(context: AppContext, item_id: str) -> Form:
    """An item, new with `item_id` ""."""
    inventory = context.office.inventory

    def load() -> tuple[FormField, ...]:
        item = inventory.item(item_id) if item_id else SarprasItem("", SarprasKind.OTHER, "")
        fields = (
            _label("name", item.name, "item_name"),
            _label("kind", item.kind.value, choices=Choice.each(SarprasKind, "sarpras.kind.")),
            _label("serial", item.serial, "serial"),
            _label("inventory_number", item.inventory_number),
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
                inventory_number=values["inventory_number"],
                spares=values["spares"],
            )
        )
        return inventory.retire(item_id) if values.get("is_used") == NO else kept

    return Form(message("sarpras.item"), load, keep)


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
            FormField(
                each.thing_id,
                message("sarpras.field.portion", name=each.name, unit=each.unit),
                str(kit.quantity_of(each.thing_id)),
            )
            for each in inventory.consumables()
        )
        name = _label("name", kit.name, "kit_name")
        if not items:
            return (name, *portions)
        chosen = " ".join(kit.items)
        return (name, _label("items", chosen, choices=items, is_many=True), *portions)

    def keep(values: Values) -> object:
        portions = tuple(
            Portion(each.thing_id, answer(values, each.thing_id, optional(read_whole)) or 0)
            for each in inventory.consumables()
            if each.thing_id in values
        )
        items = tuple(values.get("items", "").split())
        return inventory.keep_kit(replace(found(), name=values["name"], items=items, portions=portions))

    return Form(message("sarpras.kit_form"), load, keep)


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
