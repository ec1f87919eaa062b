"""Filling a checklist: each answer is on disk before the next one is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Permission, User
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.sarpras import (
    CheckIn,
    Checklist,
    CheckOut,
    Concern,
    Condition,
    CountLine,
    Gravity,
    ItemLine,
    Izin,
    LaptopReading,
    SarprasItem,
)
from fieldkit.ports.devices import Signature
from fieldkit.ports.recording import SignatureCodec
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

L = TypeVar("L", CheckOut, CheckIn)

MOST_KM = 2_000_000
NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class ListTools:
    """What both directions work with. `read_laptop` measures power, disk and clock now."""

    read_laptop: Callable[[], LaptopReading]
    signatures: SignatureCodec


class SarprasLists(Generic[L]):
    """What both directions do alike; `way` is the name of the acts in the log."""

    way = ""

    def __init__(self, units: UnitsOfWork, kind: type[L], tools: ListTools) -> None:
        self._units, self._tools = units, tools
        self._kind: type[L] = kind

    def get(self, list_id: str) -> L:
        """Return a list. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            found: L = unit.repository(self._kind).get(list_id)
        return found

    def answer(self, list_id: str, item_id: str, condition: Condition) -> L:
        """Say in which condition an item is. Raise `RuleError`."""

        def answered(found: L) -> Checklist:
            line = found.checklist.line(item_id).answered(condition)
            self._demand_repaired(found, item_id, condition)
            return found.checklist.with_line(line)

        return self._edit(list_id, answered, item=item_id, condition=condition.value)

    def all_good(self, list_id: str, item_id: str) -> L:
        """Say of an item what the SOP asks: baik, lengkap, bersih. Raise `RuleError`."""

        def answered(found: L) -> Checklist:
            self._demand_repaired(found, item_id, Condition.BAIK)
            return found.checklist.with_line(found.checklist.line(item_id).all_good())

        return self._edit(list_id, answered, item=item_id, condition=Condition.BAIK.value)

    def turn_complete(self, list_id: str, item_id: str) -> L:
        """Turn "lengkap" of an item: yes first, then no, then yes."""

        def turned(found: L) -> Checklist:
            line = found.checklist.line(item_id)
            return found.checklist.with_line(replace(line, is_complete=not line.is_complete))

        return self._edit(list_id, turned, item=item_id)

    def turn_clean(self, list_id: str, item_id: str) -> L:
        """Turn "bersih" of an item likewise."""

        def turned(found: L) -> Checklist:
            line = found.checklist.line(item_id)
            return found.checklist.with_line(replace(line, is_clean=not line.is_clean))

        return self._edit(list_id, turned, item=item_id)

    def note(self, list_id: str, item_id: str, text: str) -> L:
        """Write a note at an item: what is damaged, what lacks."""
        return self._change_line(list_id, item_id, note=" ".join(text.split())[:NOTE_LENGTH])

    def travel(self, list_id: str, item_id: str, km: int | None, fuel: str) -> L:
        """Write down odometer and fuel. Raise `InputError("sarpras.bad_km")`."""
        if km is not None and not 0 <= km <= MOST_KM:
            raise InputError("sarpras.bad_km")
        return self._change_line(list_id, item_id, km=km, fuel=" ".join(fuel.split())[:40])

    def add_photo(self, list_id: str, item_id: str, jpeg: bytes) -> L:
        """Keep a photo of an item as it is now."""
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            found = self._opened(work, list_id)
            line: ItemLine = found.checklist.line(item_id)
            name = f"{self.way}-{len(line.photos) + 1}.jpg"
            photo = work.attach(list_id, name, "image/jpeg", jpeg)
            checklist = found.checklist.with_line(replace(line, photos=(*line.photos, photo)))
            return self._keep(work, found, checklist, item=item_id, photo=photo)

    def count(self, list_id: str, consumable_id: str, count: int) -> L:
        """Count a consumable. Raise `InputError("sarpras.beyond_stock")`, `InputError("sarpras.bad_count")`."""
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            found = self._opened(work, list_id)
            line: CountLine = next(c for c in found.checklist.counts if c.consumable_id == consumable_id)
            if count < 0:
                raise InputError("sarpras.bad_count")
            if count > line.most:
                raise InputError(self._too_many, name=line.name, most=line.most, unit=line.unit)
            if count == line.count:
                return found
            checklist = found.checklist.with_count(self._counted(work.unit, replace(line, count=count)))
            return self._keep(work, found, checklist, consumable=consumable_id, count=count)

    _too_many = "sarpras.beyond_stock"

    def measure(self, list_id: str) -> L:
        """Measure power, disk and clock of the laptop now."""
        reading = self._tools.read_laptop()
        return self._edit(list_id, lambda found: replace(found.checklist, laptop=reading))

    def allow(self, list_id: str, keeper: User, signature: Sample) -> L:
        """Let the pengurus barang sign. Whoever calls has checked that it is `keeper`. Raise `RuleError`."""
        if not keeper.may(Permission.ALLOW_SARPRAS):
            raise RuleError("sarpras.keeper_only", role=keeper.role.value)
        picture = self._tools.signatures.to_png(self._tools.signatures.from_sample(signature))
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            found = self._opened(work, list_id)
            strokes = work.attach(list_id, f"{self.way}-ttd.json", "application/json", signature.data)
            png = work.attach(list_id, f"{self.way}-ttd.png", "image/png", picture)
            izin = Izin(keeper.user_id, keeper.name, work.at, strokes, png)
            checklist = replace(found.checklist, izin=izin)
            return self._keep(work, found, checklist, allowed_by=keeper.user_id)

    def ink(self, izin: Izin) -> Signature:
        """Return the signature as it was drawn."""
        with self._units.read() as unit:
            strokes = unit.attachments.get(izin.strokes).content
        drawn = Sample(Position.SIGNATURE, SampleFormat.SIGNATURE_STROKES, strokes, QualityScore(0, "none"))
        return self._tools.signatures.from_sample(drawn)

    def photo(self, attachment_id: str) -> bytes:
        """Return the JPEG of a photo."""
        with self._units.read() as unit:
            return unit.attachments.get(attachment_id).content

    # --- for the two directions

    def current(self, activity_id: str) -> L | None:
        """Return the newest list of an activity, open or not."""
        raise NotImplementedError

    def open(self, activity_id: str) -> L:
        """Return the list to be filled, opened where there is none, or the last one to look at. Raise `RuleError`."""
        raise NotImplementedError

    def concerns(self, found: L) -> tuple[Concern, ...]:
        """Return what stands against closing it, the gravest first."""
        raise NotImplementedError

    def close(self, list_id: str, reason: str = "") -> L:
        """Close it. A reason lets a team lead do so although something blocks. Raise `RuleError`."""
        raise NotImplementedError

    @property
    def _may_fill(self) -> bool:
        return self._units.user.may(Permission.CHECK_SARPRAS)

    def _change_line(self, list_id: str, item_id: str, **changes: Any) -> L:
        def changed(found: L) -> Checklist:
            line: ItemLine = found.checklist.line(item_id)
            new = replace(line, **changes)
            return found.checklist if new == line else found.checklist.with_line(new)

        return self._edit(list_id, changed, item=item_id)

    def _edit(self, list_id: str, change: Callable[[L], Checklist], **payload: str | int) -> L:
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            found = self._opened(work, list_id)
            checklist = change(found)
            return found if checklist == found.checklist else self._keep(work, found, checklist, **payload)

    def _keep(self, work: UnitOfWork, found: L, checklist: Checklist, **payload: str | int) -> L:
        kept = replace(found, checklist=checklist)
        work.keep(kept, f"{self.way}_filled", **payload)
        return kept

    def _opened(self, work: UnitOfWork, list_id: str) -> L:
        found: L = work.unit.repository(self._kind).get(list_id)
        if found.is_closed:
            raise RuleError("sarpras.list_closed")
        return found

    def _counted(self, _unit: Unit, line: CountLine) -> CountLine:
        """Return a line that was counted with what follows from its count."""
        return line

    def _demand_repaired(self, found: L, item_id: str, condition: Condition) -> None:
        """Raise unless this direction lets the item be in this condition."""

    def _demand_ready(self, concerns: Iterable[Concern], reason: str) -> None:
        """Raise the gravest concern; a reason lets a team lead pass those that only block."""
        grave = [concern for concern in concerns if concern.gravity > Gravity.WARNS]
        if not grave:
            return
        if grave[0].gravity is Gravity.STOPS or not reason.strip():
            problem = grave[0].problem
            raise RuleError(problem.code, recovery=None, **problem.params)
        self._units.demand(Permission.SKIP_STEPS)


def note_conditions(work: UnitOfWork, checklist: Checklist) -> None:
    """Let the inventory know how everything was last seen."""
    items = work.unit.repository(SarprasItem)
    for line in checklist.lines:
        item = items.find(line.item_id)
        if item is not None and line.condition is not None and line.condition is not item.condition:
            changed = replace(item, condition=line.condition)
            work.keep(changed, "sarpras_seen", before=item.condition.value, after=line.condition.value)
