"""The inventory of the pengurus barang: items, consumables, kits, and what became of each item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people import Permission, Staff
from fieldkit.domain.sarpras import (
    FUELLED,
    IN_BOOKS,
    USUAL_CONSUMABLES,
    CheckIn,
    CheckOut,
    Condition,
    Consumable,
    DamageReport,
    ItemLine,
    Izin,
    RepairNote,
    SarprasItem,
    SarprasKind,
    SarprasKit,
    Unsent,
    consumption,
    distance_km,
    is_of_blanks,
)
from fieldkit.ports.clock import Clock
from fieldkit.ports.store import Unit
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# What the berita acara sarpras says, from the list itself. The paper speaks Indonesian whatever the screen does.

_CONDITIONS = {
    Condition.BAIK: "baik",
    Condition.RUSAK_RINGAN: "rusak ringan",
    Condition.RUSAK_BERAT: "rusak berat",
    Condition.HILANG: "hilang",
}
_ANSWERS = {True: "ya", False: "tidak", None: "–"}

Fields = dict[str, Any]
Books = Mapping[str, SarprasItem]  # what the books of the dinas say of an item, by its id


@dataclass(frozen=True, slots=True)
class Signers:
    """Who stands below the paper, as papers name people."""

    keeper: Mapping[str, str]
    lead: Mapping[str, str]


def fields_out(out: CheckOut, signers: Signers, on: date, books: Books) -> Fields:
    """Return the fields of `ba_sarpras` for what left."""
    supplies = [
        {"name": c.name, "count": c.count, "unit": c.unit, "note": c.numbers} for c in out.checklist.counts if c.count
    ]
    items = [_item(line, books, "") for line in out.checklist.lines]
    notes = (_signed(out.checklist.izin), _without(out.override))
    return _fields("keluar", on, out.kit_names, signers, items, supplies, notes) | _ink(out.checklist.izin)


def fields_in(out: CheckOut, back: CheckIn, signers: Signers, on: date, books: Books) -> Fields:
    """Return the fields of `ba_sarpras` for what came back."""
    went = {line.item_id: line for line in out.checklist.lines}
    supplies = [
        {"name": u.name, "count": u.back, "unit": u.unit, "note": f"keluar {u.taken}, terpakai {u.used}"}
        for u in consumption(out.checklist, back.checklist)
    ]
    items = [_item(line, books, _driven(went.get(line.item_id), line)) for line in back.checklist.lines]
    notes = (_signed(back.checklist.izin), _without(back.override), _left_behind(back.unsent))
    return _fields("masuk", on, back.kit_names, signers, items, supplies, notes) | _ink(back.checklist.izin)


def _fields(
    direction: str,
    on: date,
    kits: tuple[str, ...],
    signers: Signers,
    items: list[Fields],
    supplies: list[Fields],
    notes: tuple[str, ...],
) -> Fields:
    return {
        "direction": direction,
        "dated": on.isoformat(),
        "kit": ", ".join(kits),
        "keeper": dict(signers.keeper),
        "lead": dict(signers.lead),
        "items": items,
        "supplies": supplies,
        "note": " ".join(filter(None, notes)),
    }


def _item(line: ItemLine, books: Books, driven: str) -> Fields:
    notes = (line.spares, line.note, driven, f"BBM {line.fuel}" if line.fuel else "")
    item = books.get(line.item_id)
    return {
        **(item.in_books if item else dict.fromkeys(IN_BOOKS, "")),
        "name": line.name,
        "serial": line.serial or (line.test.serial if line.test else ""),
        "count": 0 if line.is_lost else 1,
        "condition": _CONDITIONS[line.condition] if line.condition else "–",
        "clean": _ANSWERS[line.is_clean],
        "complete": _ANSWERS[line.is_complete],
        "note": "; ".join(filter(None, notes)),
    }


def _driven(went: ItemLine | None, came: ItemLine) -> str:
    far = distance_km(went, came) if went is not None and came.kind in FUELLED else None
    return f"{far} km" if far is not None else ""


def _ink(izin: Izin | None) -> Fields:
    return {"mark": izin.picture if izin else ""}


def _signed(izin: Izin | None) -> str:
    return f"Izin pengurus barang ditandatangani pada alat oleh {izin.name}." if izin else ""


def _without(override: str) -> str:
    return f"Dengan pengecualian: {override}." if override else ""


def _left_behind(unsent: Unsent) -> str:
    return f"Laptop kembali dengan {unsent.count} rekaman yang belum terkirim." if unsent.count else ""


class SarprasPapers:
    """Files the berita acara of a list that is closed."""

    def __init__(self, units: UnitsOfWork, clock: Clock, letters: WriteLetters) -> None:
        self._units, self._clock, self._letters = units, clock, letters

    def write_out(self, list_id: str) -> Letter:
        """Draft the paper of what left. Raise `RuleError("sarpras.list_open")`."""
        with self._units.read() as unit:
            out = unit.repository(CheckOut).get(list_id)
            if out.out_at is None:
                raise RuleError("sarpras.list_open")
            signers = _signers(unit, out.checklist.izin, out.taken_by)
            fields = fields_out(out, signers, self._clock.local(out.out_at).date(), _books(unit))
        return self._letters.draft(LetterKind.BA_SARPRAS, out.activity_id, fields)

    def write_in(self, list_id: str) -> Letter:
        """Draft the paper of what came back. Raise `RuleError("sarpras.list_open")`."""
        with self._units.read() as unit:
            back = unit.repository(CheckIn).get(list_id)
            if back.in_at is None:
                raise RuleError("sarpras.list_open")
            out = unit.repository(CheckOut).get(back.check_out)
            signers = _signers(unit, back.checklist.izin, back.brought_by)
            fields = fields_in(out, back, signers, self._clock.local(back.in_at).date(), _books(unit))
        return self._letters.draft(LetterKind.BA_PENGEMBALIAN, back.activity_id, fields)


def _books(unit: Unit) -> Books:
    return {item.thing_id: item for item in unit.repository(SarprasItem).search(limit=None)}


def _signers(unit: Unit, izin: Izin | None, team: str) -> Signers:
    return Signers(_person(unit, izin.given_by if izin else ""), _person(unit, team))


def _person(unit: Unit, user_id: str) -> dict[str, str]:
    staff = next((found for found in unit.repository(Staff).search() if user_id and found.user_id == user_id), None)
    if staff is not None:
        return {"name": staff.name, "nip": staff.nip, "pangkat": staff.pangkat, "jabatan": staff.jabatan}
    user = next((found for found in unit.users() if found.user_id == user_id), None)
    return {"name": user.name if user else "", "nip": "", "pangkat": "", "jabatan": ""}


# What happened to an item, read from the lists on which it stood and from the log.


class PastKind(StrEnum):
    """What kind of thing happened."""

    OUT = "out"
    IN = "in"
    DAMAGED = "damaged"
    REPAIRED = "repaired"
    KEPT = "kept"
    RETIRED = "retired"


_OF_EVENT = {
    "sarpras_item_kept": PastKind.KEPT,
    "sarpras_retired": PastKind.RETIRED,
}


@dataclass(frozen=True, slots=True)
class Past:
    """One line of a history. `by` is a user_id; `line` is that of the list, where there was one."""

    at: datetime
    what: PastKind
    by: str
    place: str = ""
    condition: Condition | None = None
    note: str = ""
    line: ItemLine | None = None
    photos: tuple[str, ...] = ()


def history_of(unit: Unit, item_id: str) -> Sequence[Past]:
    """Return what happened to an item, the newest first."""
    places = {activity.activity_id: activity.place for activity in unit.activities.all()}
    found = [*_events(unit, item_id), *_lists(unit, item_id, places), *_notes(unit, item_id, places)]
    found.sort(key=lambda past: past.at)
    return found[::-1]


def _lists(unit: Unit, item_id: str, places: dict[str, str]) -> Iterator[Past]:
    for out in unit.repository(CheckOut).search():
        line = _line(out, item_id)
        if out.out_at is not None and line is not None:
            place = places.get(out.activity_id, "")
            yield Past(out.out_at, PastKind.OUT, out.taken_by, place, line.condition, line.note, line, line.photos)
    for back in unit.repository(CheckIn).search():
        line = _line(back, item_id)
        if back.in_at is not None and line is not None:
            place = places.get(back.activity_id, "")
            yield Past(back.in_at, PastKind.IN, back.brought_by, place, line.condition, line.note, line, line.photos)


def _line(found: CheckOut | CheckIn, item_id: str) -> ItemLine | None:
    return next((line for line in found.checklist.lines if line.item_id == item_id), None)


def _notes(unit: Unit, item_id: str, places: dict[str, str]) -> Iterator[Past]:
    for report in unit.repository(DamageReport).search():
        if report.item_id == item_id:
            place = places.get(report.activity_id, "")
            yield Past(
                report.reported_at,
                PastKind.DAMAGED,
                report.reported_by,
                place,
                report.after,
                report.note,
                photos=report.photos,
            )
    for told in unit.repository(RepairNote).search():
        if told.item_id == item_id:
            yield Past(told.at, PastKind.REPAIRED, told.by, note=told.note)


def _events(unit: Unit, item_id: str) -> Iterator[Past]:
    for event in unit.events.of(item_id):
        what = _OF_EVENT.get(event.kind)
        if what is not None:
            yield Past(event.at, what, event.actor)


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
        typed = {field.name: getattr(item, field.name) for field in fields(item)}
        tidy: dict[str, Any] = {name: _tidy(text) for name, text in typed.items() if type(text) is str}
        clean = replace(item, **{**tidy, "name": _named(item.name)})
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
        if is_of_blanks(clean.name):
            raise InputError("sarpras.blank_in_ledger", name=clean.name).at("name")
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
