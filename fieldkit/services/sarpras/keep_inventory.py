"""The inventory of the pengurus barang: items, consumables, kits, and what became of each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sarpras.checklist import CheckOut, RepairNote
from fieldkit.domain.sarpras.inventory import (
    USUAL_CONSUMABLES,
    Condition,
    Consumable,
    SarprasItem,
    SarprasKind,
    SarprasKit,
)
from fieldkit.ports.store import Unit
from fieldkit.services.sarpras.history import Past, history_of
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

MOST_STOCK = 1_000_000
_ORDER = tuple(SarprasKind)


class KeepInventory:
    """Keeps what the dinas owns for outreach. Everybody may look, only `KEEP_INVENTORY` changes."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    # --- looking

    def items(self, text: str = "") -> Sequence[SarprasItem]:
        """Return the items in use that match, by kind and name."""
        with self._units.read() as unit:
            found = [item for item in unit.repository(SarprasItem).search(text) if not item.is_retired]
        return sorted(found, key=lambda item: (_ORDER.index(item.kind), item.name.casefold()))

    def item(self, item_id: str) -> SarprasItem:
        """Return one. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.repository(SarprasItem).get(item_id)

    def consumables(self, text: str = "") -> Sequence[Consumable]:
        """Return the consumables that match, by name."""
        with self._units.read() as unit:
            return sorted(unit.repository(Consumable).search(text), key=lambda found: found.name.casefold())

    def kits(self, text: str = "") -> Sequence[SarprasKit]:
        """Return the kits that match, by name."""
        with self._units.read() as unit:
            return sorted(unit.repository(SarprasKit).search(text), key=lambda kit: kit.name.casefold())

    def out(self, text: str = "") -> Sequence[CheckOut]:
        """Return what is out now, the newest first."""
        with self._units.read() as unit:
            return [found for found in unit.repository(CheckOut).search(text) if found.is_out]

    def places(self) -> dict[str, str]:
        """Return the place of each activity by its id, to say where something is."""
        with self._units.read() as unit:
            return {activity.activity_id: activity.place for activity in unit.activities.all()}

    def history(self, item_id: str) -> Sequence[Past]:
        """Return what happened to an item, the newest first."""
        with self._units.read() as unit:
            return history_of(unit, item_id)

    def photo(self, attachment_id: str) -> bytes:
        """Return the JPEG of a photo."""
        with self._units.read() as unit:
            return unit.attachments.get(attachment_id).content

    # --- changing

    def new_id(self) -> str:
        """Return an id for something new."""
        return self._units.ids.new()

    def keep_item(self, item: SarprasItem) -> SarprasItem:
        """Keep a new or changed item. Raise `InputError`."""
        clean = replace(
            item,
            name=_named(item.name),
            serial=_tidy(item.serial),
            inventory_number=_tidy(item.inventory_number),
            spares=_tidy(item.spares),
        )
        with self._units.write(Permission.KEEP_INVENTORY) as work:
            self._demand_one_serial(work.unit, clean)
            work.keep(clean, "sarpras_item_kept", condition=clean.condition.value)
        return clean

    def repair(self, item_id: str, note: str) -> SarprasItem:
        """Say that an item works again, or was found. Raise `InputError("sarpras.no_repair_note")`."""
        if not note.strip():
            raise InputError("sarpras.no_repair_note").at("repair")
        with self._units.write(Permission.KEEP_INVENTORY) as work:
            item = work.unit.repository(SarprasItem).get(item_id)
            repaired = replace(item, condition=Condition.BAIK)
            work.keep(repaired, "sarpras_seen", before=item.condition.value, after=repaired.condition.value)
            told = RepairNote(
                self._units.ids.new(), item_id, item.condition, _tidy(note), self._units.user.user_id, work.at
            )
            work.keep(told, "sarpras_repaired", item=item_id)
        return repaired

    def retire(self, item_id: str) -> SarprasItem:
        """Take an item out of use; its history stays."""
        with self._units.write(Permission.KEEP_INVENTORY) as work:
            retired = replace(work.unit.repository(SarprasItem).get(item_id), is_retired=True)
            work.keep(retired, "sarpras_retired")
        return retired

    def photograph(self, item_id: str, jpeg: bytes) -> SarprasItem:
        """Keep the photo by which an item is recognised."""
        with self._units.write(Permission.KEEP_INVENTORY) as work:
            item = work.unit.repository(SarprasItem).get(item_id)
            photo = work.attach(item_id, "sarpras.jpg", "image/jpeg", jpeg)
            if item.photo:
                work.unit.attachments.remove(item.photo)
            shown = replace(item, photo=photo)
            work.keep(shown, "sarpras_item_kept", photo=photo)
        return shown

    def keep_consumable(self, consumable: Consumable) -> Consumable:
        """Keep a new or changed consumable. Raise `InputError`."""
        clean = replace(consumable, name=_named(consumable.name), unit=_tidy(consumable.unit))
        if not 0 <= clean.stock <= MOST_STOCK or not 0 <= clean.minimum <= MOST_STOCK:
            raise InputError("sarpras.bad_count")
        with self._units.write(Permission.KEEP_INVENTORY) as work:
            _demand_one_name(work.unit.repository(Consumable).search(), clean)
            work.keep(clean, "sarpras_stock", stock=clean.stock)
        return clean

    def restock(self, consumable_id: str, by: int) -> Consumable:
        """Add to the stock, or take from it what was counted less. Raise `InputError("sarpras.bad_count")`."""
        with self._units.write(Permission.KEEP_INVENTORY) as work:
            return _restocked(work, work.unit.repository(Consumable).get(consumable_id), by)

    def begin_with_usual(self) -> Sequence[Consumable]:
        """Put the consumables of the SOPs into an inventory, those that it does not have."""
        with self._units.write(Permission.KEEP_INVENTORY) as work:
            had = {found.name.casefold() for found in work.unit.repository(Consumable).search()}
            for name, unit, minimum in USUAL_CONSUMABLES:
                if name.casefold() not in had:
                    new = Consumable(self._units.ids.new(), name, unit, 0, minimum)
                    work.keep(new, "sarpras_stock", stock=0)
        return self.consumables()

    def keep_kit(self, kit: SarprasKit) -> SarprasKit:
        """Keep a new or changed kit. Raise `InputError`."""
        portions = tuple(portion for portion in kit.portions if portion.quantity > 0)
        clean = replace(kit, name=_named(kit.name), items=tuple(dict.fromkeys(kit.items)), portions=portions)
        with self._units.write(Permission.KEEP_INVENTORY) as work:
            _demand_one_name(work.unit.repository(SarprasKit).search(), clean)
            for item_id in clean.items:
                work.unit.repository(SarprasItem).get(item_id)
            work.keep(clean, "sarpras_kit_kept", items=len(clean.items))
        return clean

    def _demand_one_serial(self, unit: Unit, item: SarprasItem) -> None:
        for other in unit.repository(SarprasItem).search():
            is_same = other.serial.casefold() == item.serial.casefold() and other.kind is item.kind
            if item.serial and is_same and other.thing_id != item.thing_id and not other.is_retired:
                raise InputError("sarpras.serial_twice", serial=item.serial, item=other.name).at("serial")


def _restocked(work: UnitOfWork, found: Consumable, by: int) -> Consumable:
    stock = found.stock + by
    if not 0 <= stock <= MOST_STOCK:
        raise InputError("sarpras.bad_count")
    changed = replace(found, stock=stock)
    work.keep(changed, "sarpras_stock", by=by, stock=stock)
    return changed


def _demand_one_name(known: Sequence[Consumable] | Sequence[SarprasKit], new: Consumable | SarprasKit) -> None:
    for other in known:
        if other.name.casefold() == new.name.casefold() and other.thing_id != new.thing_id:
            raise InputError("sarpras.name_twice", name=new.name).at("name")


def _tidy(text: str) -> str:
    return " ".join(text.split())[:200]


def _named(text: str) -> str:
    name = _tidy(text)
    if not name:
        raise InputError("sarpras.no_name").at("name")
    return name
