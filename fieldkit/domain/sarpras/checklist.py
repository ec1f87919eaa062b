"""The checklist with which sarpras goes out and comes back. A list that is half filled is kept like a full one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from fieldkit.domain.sarpras.inventory import Condition, SarprasKind


@dataclass(frozen=True, slots=True)
class TestResult:
    """What the self-test of the device behind a line said. `code` names a problem, "" when all is well."""

    __test__: ClassVar[bool] = False

    is_ok: bool
    ms: int
    at: datetime
    device: str  # vendor and model
    serial: str  # as the device says it
    code: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SelfTestNote:
    """One run of the self-test over the devices of a laptop, by kind of device."""

    KIND: ClassVar[str] = "self_test_note"

    thing_id: str
    at: datetime
    results: tuple[tuple[str, TestResult], ...]  # kind of device, result
    by: str  # user_id
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Devices and serials."""
        return " ".join(f"{kind} {result.device} {result.serial}" for kind, result in self.results)


@dataclass(frozen=True, slots=True)
class LaptopReading:
    """Power, disk and clock of the laptop; None is "nobody can say"."""

    at: datetime
    battery_percent: int | None = None
    is_plugged: bool | None = None
    free_bytes: int | None = None
    clock_skew_s: float | None = None  # against the data center, when it was last met


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item on the list. Answers that nobody gave yet are None."""

    item_id: str
    kind: SarprasKind
    name: str
    serial: str
    is_critical: bool
    spares: str = ""
    before: Condition = Condition.BAIK  # as the inventory, or the list that went out, had it
    condition: Condition | None = None
    is_complete: bool | None = None
    is_clean: bool | None = None
    test: TestResult | None = None
    note: str = ""
    photos: tuple[str, ...] = ()  # attachment_ids
    km: int | None = None
    fuel: str = ""

    @property
    def is_lost(self) -> bool:
        """Return whether it is not there at all."""
        return self.condition is Condition.HILANG

    @property
    def is_answered(self) -> bool:
        """Return whether somebody looked at everything that can be looked at."""
        if self.condition is None:
            return False
        return self.is_lost or (self.is_complete is not None and self.is_clean is not None)

    @property
    def is_other_device(self) -> bool:
        """Return whether the device that answered is another one than the list says."""
        found = self.test.serial if self.test is not None else ""
        return bool(found and self.serial) and found.casefold() != self.serial.casefold()

    @property
    def is_worse(self) -> bool:
        """Return whether it is in a worse condition than before."""
        return self.condition is not None and self.condition.is_worse_than(self.before)

    def answered(self, condition: Condition) -> ItemLine:
        """Return the line with a condition; what is lost is neither complete nor clean."""
        if condition is Condition.HILANG:
            return replace(self, condition=condition, is_complete=None, is_clean=None)
        return replace(self, condition=condition)

    def all_good(self) -> ItemLine:
        """Return the line as the SOP wants it: baik, lengkap, bersih."""
        return replace(self, condition=Condition.BAIK, is_complete=True, is_clean=True)


@dataclass(frozen=True, slots=True)
class CountLine:
    """How many of a consumable. `most` is the stock going out and the number that went out coming back."""

    consumable_id: str
    name: str
    unit: str
    most: int
    count: int


@dataclass(frozen=True, slots=True)
class Izin:
    """The permission of the pengurus barang: who gave it, when, with which signature; or the reason without one."""

    given_by: str  # user_id
    name: str
    at: datetime
    strokes: str = ""  # attachment_id of the ink
    picture: str = ""  # attachment_id of its PNG


@dataclass(frozen=True, slots=True)
class Checklist:
    """What both ways have in common."""

    lines: tuple[ItemLine, ...]
    counts: tuple[CountLine, ...] = ()
    laptop: LaptopReading | None = None
    izin: Izin | None = None

    def line(self, item_id: str) -> ItemLine:
        """Return the line of an item. Raise `KeyError`."""
        for line in self.lines:
            if line.item_id == item_id:
                return line
        raise KeyError(item_id)

    def with_line(self, changed: ItemLine) -> Checklist:
        """Return the list with a line replaced; what was signed before it changed is not signed any more."""
        lines = tuple(changed if line.item_id == changed.item_id else line for line in self.lines)
        return replace(self, lines=lines, izin=None)

    def with_tests(self, tested: Iterable[ItemLine]) -> Checklist:
        """Return the list with the lines that the self-test filled; they are no statement of the signer."""
        by_id = {line.item_id: line for line in tested}
        return replace(self, lines=tuple(by_id.get(line.item_id, line) for line in self.lines))

    def with_count(self, consumable_id: str, count: int) -> Checklist:
        """Return the list with another number of a consumable."""
        counts = tuple(replace(c, count=count) if c.consumable_id == consumable_id else c for c in self.counts)
        return replace(self, counts=counts, izin=None)

    @property
    def answered(self) -> int:
        """Return how many lines are filled."""
        return sum(line.is_answered for line in self.lines)


@dataclass(frozen=True, slots=True)
class CheckOut:
    """Sarpras on its way out for an activity. `out_at` is None while the list is being filled."""

    KIND: ClassVar[str] = "sarpras_out"

    thing_id: str
    activity_id: str
    kits: tuple[str, ...]
    kit_names: tuple[str, ...]
    checklist: Checklist
    begun_by: str  # user_id
    begun_at: datetime
    taken_by: str = ""  # user_id
    out_at: datetime | None = None
    override: str = ""  # why it left although something stood against it
    check_in: str = ""  # thing_id of the list with which it came back

    @property
    def words(self) -> str:
        """Kits and items."""
        return " ".join((*self.kit_names, *(f"{line.name} {line.serial}" for line in self.checklist.lines)))

    @property
    def is_out(self) -> bool:
        """Return whether it left and is not back."""
        return self.out_at is not None and not self.check_in

    @property
    def is_closed(self) -> bool:
        """Return whether the list is done with."""
        return self.out_at is not None


@dataclass(frozen=True, slots=True)
class Unsent:
    """Records that are still on the laptop when it comes back."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Sarpras on its way back. `in_at` is None while the list is being filled."""

    KIND: ClassVar[str] = "sarpras_in"

    thing_id: str
    activity_id: str
    check_out: str
    kit_names: tuple[str, ...]
    checklist: Checklist
    begun_by: str  # user_id
    begun_at: datetime
    unsent: Unsent = Unsent(0, None)
    brought_by: str = ""  # user_id
    in_at: datetime | None = None
    override: str = ""

    @property
    def words(self) -> str:
        """Kits and items."""
        return " ".join((*self.kit_names, *(f"{line.name} {line.serial}" for line in self.checklist.lines)))

    @property
    def is_closed(self) -> bool:
        """Return whether the list is done with."""
        return self.in_at is not None


@dataclass(frozen=True, slots=True)
class DamageReport:
    """An item that came back worse than it went out, or not at all."""

    KIND: ClassVar[str] = "sarpras_damage"

    thing_id: str
    activity_id: str
    item_id: str
    name: str
    serial: str
    before: Condition
    after: Condition
    note: str
    photos: tuple[str, ...]
    check_in: str
    reported_by: str  # user_id
    reported_at: datetime

    @property
    def words(self) -> str:
        """Item and note."""
        return f"{self.name} {self.serial} {self.note}"


@dataclass(frozen=True, slots=True)
class RepairNote:
    """An item that works again, or was found."""

    KIND: ClassVar[str] = "sarpras_repair"

    thing_id: str
    item_id: str
    before: Condition
    note: str
    by: str  # user_id
    at: datetime
    activity_id: str = ""

    @property
    def words(self) -> str:
        """The note."""
        return self.note
