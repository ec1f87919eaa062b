"""Sarpras (sarana dan prasarana): what the dinas owns for outreach, what is used up, and the kits made of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


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

FUELLED: frozenset[SarprasKind] = frozenset({SarprasKind.VEHICLE, SarprasKind.GENERATOR})


@dataclass(frozen=True, slots=True)
class SarprasItem:
    """One thing with its number. A vehicle's serial is its plate (nomor polisi)."""

    KIND: ClassVar[str] = "sarpras_item"

    thing_id: str
    kind: SarprasKind
    name: str
    serial: str = ""
    inventory_number: str = ""
    spares: str = ""  # spare parts that go along: "kabel cadangan 1"
    is_critical: bool = False
    condition: Condition = Condition.BAIK  # as last seen
    photo: str = ""  # attachment_id
    is_retired: bool = False
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Name and numbers."""
        return f"{self.name} {self.serial} {self.inventory_number} {self.kind.value.replace('_', ' ')}"


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
    ("Blangko KTP-el", "keping", 100),
    ("Ribbon", "gulung", 2),
)
"""Name, unit and minimum of what the SOPs name; an empty inventory may begin with them."""
