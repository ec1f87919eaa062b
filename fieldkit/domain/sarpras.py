"""Sarpras (sarana dan prasarana): inventory, the rules of a kit, the list checked out and in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import ClassVar

from fieldkit.domain.errors import Problem

# Sarpras (sarana dan prasarana): what the dinas owns for outreach, what is used up, and the kits made of it.


class Condition(StrEnum):
    """How a thing is, in the words of the checklist."""

    BAIK = "baik"
    RUSAK_RINGAN = "rusak_ringan"
    RUSAK_BERAT = "rusak_berat"
    HILANG = "hilang"

    @property
    def may_go(self) -> bool:
        """Return whether work can be done with it."""
        return self in (Condition.BAIK, Condition.RUSAK_RINGAN)

    def is_worse_than(self, other: Condition) -> bool:
        """Return whether it lost by comparison."""
        order = tuple(Condition)
        return order.index(self) > order.index(other)


class SarprasKind(StrEnum):
    """What a thing is for."""

    LAPTOP = "laptop"
    FINGERPRINT_SCANNER = "fingerprint_scanner"
    IRIS_CAMERA = "iris_camera"
    PHOTO_CAMERA = "photo_camera"
    SIGNATURE_PAD = "signature_pad"
    CARD_READER = "card_reader"
    PRINTER = "printer"
    GENERATOR = "generator"
    UPS = "ups"
    BATTERY = "battery"
    MODEM = "modem"
    CABLE = "cable"
    BACKGROUND = "background"
    VEHICLE = "vehicle"
    OTHER = "other"


CRITICAL: frozenset[SarprasKind] = frozenset(
    {
        SarprasKind.LAPTOP,
        SarprasKind.FINGERPRINT_SCANNER,
        SarprasKind.IRIS_CAMERA,
        SarprasKind.PHOTO_CAMERA,
        SarprasKind.SIGNATURE_PAD,
        SarprasKind.VEHICLE,
    }
)
"""Without these nobody is recorded; the default of a new item, which the pengurus barang may change."""

IN_BOOKS = ("goods_code", "inventory_number", "model", "acquired")  # what papers print of an item beside its name
FUELLED: frozenset[SarprasKind] = frozenset({SarprasKind.VEHICLE, SarprasKind.GENERATOR})


@dataclass(frozen=True, slots=True)
class SarprasItem:
    """One thing with its number. A vehicle's serial is its plate (nomor polisi).

    Goods of a region stand in its books (barang milik daerah) under a kode barang, and among those of one code under a
    running number (NUP, nomor urut pendaftaran); a laptop that a dinas borrowed has neither.
    """

    KIND: ClassVar[str] = "sarpras_item"

    thing_id: str
    kind: SarprasKind
    name: str
    serial: str = ""
    inventory_number: str = ""  # NUP
    spares: str = ""  # spare parts that go along: "kabel cadangan 1"
    is_critical: bool = False
    condition: Condition = Condition.BAIK  # as last seen
    photo: str = ""  # attachment_id
    is_retired: bool = False
    activity_id: str = ""
    goods_code: str = ""  # kode barang
    model: str = ""  # make and model: merk/tipe
    acquired: int | None = None  # year, None where nobody knows it

    @property
    def words(self) -> str:
        """Name, numbers and make."""
        books = " ".join(self.in_books.values())
        return f"{self.name} {self.serial} {books} {self.kind.value.replace('_', ' ')}"

    @property
    def in_books(self) -> dict[str, str]:
        """What the books of regional goods say of it, as papers print it; "" where nobody knows it."""
        return {name: str(getattr(self, name) or "") for name in IN_BOOKS}


@dataclass(frozen=True, slots=True)
class Consumable:
    """Something that is used up: tisu, minyak kayu putih, sarung tangan, masker, handsanitizer, blangko, ribbon."""

    KIND: ClassVar[str] = "sarpras_consumable"

    thing_id: str
    name: str
    unit: str
    stock: int = 0
    minimum: int = 0  # below it the list says "order"
    activity_id: str = ""

    @property
    def words(self) -> str:
        """The name."""
        return self.name

    @property
    def is_low(self) -> bool:
        """Return whether it is time to order."""
        return self.stock < self.minimum


@dataclass(frozen=True, slots=True)
class Portion:
    """How many of a consumable a kit takes along."""

    consumable_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class SarprasKit:
    """What goes out together. Plans name kits by their thing_id."""

    KIND: ClassVar[str] = "sarpras_kit"

    thing_id: str
    name: str
    items: tuple[str, ...] = ()  # thing_ids of items
    portions: tuple[Portion, ...] = ()
    activity_id: str = ""

    @property
    def words(self) -> str:
        """The name."""
        return self.name

    def quantity_of(self, consumable_id: str) -> int:
        """Return how many of a consumable belong to it."""
        return sum(p.quantity for p in self.portions if p.consumable_id == consumable_id)


USUAL_CONSUMABLES: tuple[tuple[str, str, int], ...] = (
    ("Tisu", "pak", 5),
    ("Minyak kayu putih", "botol", 2),
    ("Sarung tangan", "pasang", 20),
    ("Masker", "lembar", 20),
    ("Handsanitizer", "botol", 2),
    ("Ribbon", "gulung", 2),
)
"""Name, unit and minimum of what the SOPs name; an empty inventory may begin with them."""

BLANKS, BLANKS_NAME, BLANKS_UNIT = "blank:ktp_el", "Blangko KTP-el", "keping"
"""The blanks of the KTP-el stand among the portions of a kit, never in the inventory: only their ledger counts them."""


def plain_name(name: str) -> str:
    """Return a name without the spaces, hyphens and cases that people write differently."""
    return "".join(name.casefold().replace("-", "").split())


def is_of_blanks(name: str) -> bool:
    """Return whether a name means the blanks of the KTP-el."""
    return plain_name(name) == plain_name(BLANKS_NAME)


# The checklist with which sarpras goes out and comes back. A list that is half filled is kept like a full one.


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
    """How many of a consumable. `most` is the stock going out and the number that went out coming back.

    Of blanks it is what their ledger has: coming back those that are left, which all have to be there.
    """

    consumable_id: str
    name: str
    unit: str
    most: int
    count: int
    numbers: str = ""  # of the blanks that go, or went, out
    used: int | None = None  # of blanks coming back: those printed and spoilt meanwhile


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
        return self if lines == self.lines else replace(self, lines=lines, izin=None)

    def with_tests(self, tested: Iterable[ItemLine]) -> Checklist:
        """Return the list with the lines that the self-test filled; they are no statement of the signer."""
        by_id = {line.item_id: line for line in tested}
        return replace(self, lines=tuple(by_id.get(line.item_id, line) for line in self.lines))

    def with_count(self, changed: CountLine) -> Checklist:
        """Return the list with another number of a consumable."""
        counts = tuple(changed if c.consumable_id == changed.consumable_id else c for c in self.counts)
        return self if counts == self.counts else replace(self, counts=counts, izin=None)

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


# What stands against leaving or coming back, what differs between both, and what was used up.

LEAST_FREE_BYTES = 2 * 1024**3  # some 500 sealed records
LEAST_BATTERY_PERCENT = 50
MOST_SKEW_S = 120.0  # the data center refuses requests that are further off
_GB = 1024**3


class Gravity(IntEnum):
    """How much a concern weighs."""

    WARNS = 1
    BLOCKS = 2  # a team lead may go on with a reason
    STOPS = 3  # nobody may


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to look at; `item_id` names the line, "" for the list as a whole."""

    problem: Problem
    gravity: Gravity
    item_id: str = ""


def concerns_out(checklist: Checklist) -> tuple[Concern, ...]:
    """Return what stands against taking this list out, the gravest first."""
    found = [
        *_unanswered(checklist),
        *(concern for line in checklist.lines for concern in _of_line(line)),
        *_of_laptop(checklist.laptop),
        *_of_counts(checklist),
        *_unsigned(checklist, "sarpras.no_izin"),
    ]
    return tuple(sorted(found, key=lambda concern: -concern.gravity))


def concerns_in(checklist: Checklist, unsent: Unsent) -> tuple[Concern, ...]:
    """Return what is to be done or seen before this list is closed, the gravest first."""
    found = [
        *_unanswered(checklist),
        *(concern for line in checklist.lines for concern in _of_return(line)),
        *_left_behind(unsent),
        *_of_counts(checklist),
        *_of_blanks(checklist),
        *_unsigned(checklist, "sarpras.not_received"),
    ]
    return tuple(sorted(found, key=lambda concern: -concern.gravity))


def ready_count(checklist: Checklist) -> int:
    """Return how many lines are answered and give no concern."""
    return sum(line.is_answered and not any(_of_line(line)) for line in checklist.lines)


def _unanswered(checklist: Checklist) -> Iterator[Concern]:
    if not checklist.lines:
        yield Concern(Problem("sarpras.no_items"), Gravity.STOPS)
    missing = len(checklist.lines) - checklist.answered
    if missing:
        yield Concern(Problem("sarpras.unchecked", {"count": missing}), Gravity.STOPS)


def _of_line(line: ItemLine) -> Iterator[Concern]:
    weight = Gravity.BLOCKS if line.is_critical else Gravity.WARNS
    if line.is_lost:
        yield _about(line, "sarpras.item_lost", weight)
        return
    if line.condition is Condition.RUSAK_BERAT:
        yield _about(line, "sarpras.item_broken", weight)
    if line.condition is Condition.RUSAK_RINGAN:
        yield _about(line, "sarpras.item_worn", Gravity.WARNS)
    if line.is_complete is False:
        yield _about(line, "sarpras.item_incomplete", weight)
    if line.is_clean is False:
        yield _about(line, "sarpras.item_dirty", Gravity.WARNS)
    yield from _of_test(line, weight)


def _of_test(line: ItemLine, weight: Gravity) -> Iterator[Concern]:
    if line.test is None:
        return
    if line.is_other_device:
        params: dict[str, str | int] = {"item": line.name, "wanted": line.serial, "found": line.test.serial}
        yield Concern(Problem("sarpras.other_serial", params), weight, line.item_id)
    if not line.test.is_ok:
        yield _about(line, "sarpras.test_failed", weight)


def _of_return(line: ItemLine) -> Iterator[Concern]:
    if line.is_worse and not line.note.strip():
        yield _about(line, "sarpras.no_damage_note", Gravity.STOPS)
    if line.is_worse and not line.is_lost and not line.photos:
        yield _about(line, "sarpras.no_damage_photo", Gravity.WARNS)
    for concern in _of_line(line):
        yield Concern(concern.problem, Gravity.WARNS, concern.item_id)


def _of_laptop(laptop: LaptopReading | None) -> Iterator[Concern]:
    if laptop is None:
        yield Concern(Problem("sarpras.laptop_unmeasured"), Gravity.WARNS)
        return
    if laptop.free_bytes is not None and laptop.free_bytes < LEAST_FREE_BYTES:
        gb = f"{laptop.free_bytes / _GB:.1f}".replace(".", ",")
        yield Concern(Problem("sarpras.disk_low", {"gb": gb}), Gravity.BLOCKS)
    if laptop.battery_percent is not None and laptop.battery_percent < LEAST_BATTERY_PERCENT:
        yield Concern(Problem("sarpras.battery_low", {"percent": laptop.battery_percent}), Gravity.WARNS)
    if laptop.clock_skew_s is not None and abs(laptop.clock_skew_s) > MOST_SKEW_S:
        yield Concern(Problem("sarpras.clock_off", {"seconds": round(abs(laptop.clock_skew_s))}), Gravity.WARNS)


def _of_counts(checklist: Checklist) -> Iterator[Concern]:
    for line in checklist.counts:
        if line.count > line.most:
            told: dict[str, str | int] = {"name": line.name, "most": line.most, "unit": line.unit}
            yield Concern(Problem("sarpras.beyond_stock", told), Gravity.STOPS)


def _of_blanks(checklist: Checklist) -> Iterator[Concern]:
    """Yield blanks that are neither there nor in the ledger as used: their ledger has to say first where they are."""
    for line in checklist.counts:
        if line.consumable_id == BLANKS and line.count < line.most:
            told: dict[str, str | int] = {"count": line.count, "left": line.most}
            yield Concern(Problem("sarpras.blanks_differ", told), Gravity.STOPS)


def _unsigned(checklist: Checklist, code: str) -> Iterator[Concern]:
    if checklist.izin is None:
        yield Concern(Problem(code), Gravity.BLOCKS)


def _left_behind(unsent: Unsent) -> Iterator[Concern]:
    if unsent.count:
        yield Concern(Problem("sarpras.unsent", {"count": unsent.count}), Gravity.WARNS)


def _about(line: ItemLine, code: str, gravity: Gravity) -> Concern:
    return Concern(Problem(code, {"item": line.name}), gravity, line.item_id)


def distance_km(went: ItemLine, came: ItemLine) -> int | None:
    """Return how far a vehicle went, None while one of the readings is missing."""
    return None if went.km is None or came.km is None else came.km - went.km


@dataclass(frozen=True, slots=True)
class Used:
    """What became of a consumable: `taken` out, `back` in, `used` up."""

    consumable_id: str
    name: str
    unit: str
    taken: int
    back: int
    used: int


def consumption(went: Checklist, came: Checklist) -> tuple[Used, ...]:
    """Return what was used up of each consumable that went out; one that nobody counted back is used up whole.

    Of blanks those are used that their ledger has as printed or spoilt.
    """
    back = {line.consumable_id: line for line in came.counts}

    def used(line: CountLine) -> Used:
        came_back = back.get(line.consumable_id)
        count = came_back.count if came_back else 0
        by_ledger = came_back.used if came_back else None
        used_up = line.count - count if by_ledger is None else by_ledger
        return Used(line.consumable_id, line.name, line.unit, line.count, count, used_up)

    return tuple(used(line) for line in went.counts if line.count)
