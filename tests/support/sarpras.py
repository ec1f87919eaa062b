"""An inventory as a kabupaten has it, and hands that fill its lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from support.app_context import PENGURUS, Kit, ready
from support.clock import NOW
from support.samples import INK

from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.sarpras import (
    CRITICAL,
    CheckIn,
    Checklist,
    CheckOut,
    Consumable,
    ItemLine,
    Portion,
    SarprasItem,
    SarprasKind,
    SarprasKit,
    TestResult,
)
from fieldkit.formats.signature import encode_signature
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus
from fieldkit.services.devices import DeviceVerdict
from fieldkit.services.sarpras.lists import SarprasLists

KIT_ID = "kit-7"
THINGS: tuple[tuple[str, SarprasKind, str, str, str], ...] = (
    ("i1", SarprasKind.FINGERPRINT_SCANNER, "Pemindai sidik jari", "SN-FIN-20817", "kabel cadangan 1"),
    ("i2", SarprasKind.IRIS_CAMERA, "Kamera iris", "SN-IRI-20817", ""),
    ("i3", SarprasKind.PHOTO_CAMERA, "Kamera foto + tripod", "SN-CAM-20817", ""),
    ("i4", SarprasKind.SIGNATURE_PAD, "Tanda tangan elektronik", "SN-SIG-20817", "pena 2"),
    ("i5", SarprasKind.CARD_READER, "Pembaca kartu + SAM", "CR-90", ""),
    ("i6", SarprasKind.LAPTOP, "Laptop", "LT-0417", "pengisi daya"),
    ("i7", SarprasKind.GENERATOR, "Genset + stabilisator", "", ""),
    ("i8", SarprasKind.VEHICLE, "Mobil dinas", "AG 1207 KP", ""),
)
CONSUMABLES = (
    ("c1", "Masker", "lembar", 100, 20),
    ("c2", "Sarung tangan", "pasang", 60, 20),
    ("c3", "Tisu", "pak", 8, 4),
)
PORTIONS = (Portion("c1", 20), Portion("c2", 20), Portion("c3", 4))
SIGNATURE = Sample(Position.SIGNATURE, SampleFormat.SIGNATURE_STROKES, encode_signature(INK), QualityScore(80, "test"))


def stock_inventory(kit: Kit) -> None:
    """Put items, consumables and Kit 07 into the store."""
    with kit.store.write() as unit:
        for thing_id, kind, name, serial, spares in THINGS:
            item = SarprasItem(thing_id, kind, name, serial, "", spares, kind in CRITICAL)
            unit.repository(SarprasItem).save(item)
        for thing_id, name, measure, stock, minimum in CONSUMABLES:
            unit.repository(Consumable).save(Consumable(thing_id, name, measure, stock, minimum))
        items = tuple(thing[0] for thing in THINGS)
        unit.repository(SarprasKit).save(SarprasKit(KIT_ID, "Kit 07", items, PORTIONS))


def fill(lists: SarprasLists, found: CheckOut | CheckIn, but: Iterable[str] = ()) -> CheckOut | CheckIn:
    """Say of each line that it is good, but some."""
    for line in found.checklist.lines:
        if line.item_id not in but:
            found = lists.all_good(found.thing_id, line.item_id)
    return found


def take_out(kit: Kit) -> CheckOut:
    """Take Kit 07 out for the activity, signed."""
    out = kit.context.office.sarpras.out
    found = fill(out, out.begin("a1"))
    out.measure(found.thing_id)
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    return out.close(found.thing_id)


def verdict(kind: DeviceKind, serial: str | None = None, *, is_ok: bool = True, ms: int = 1900) -> DeviceVerdict:
    """Return what the self-test says of a device."""
    status = ready(kind)
    if serial is not None and status.identity is not None:
        status = replace(status, identity=replace(status.identity, serial=serial))
    return DeviceVerdict(status, is_ok, ms)


def absent_status(kind: DeviceKind) -> DeviceStatus:
    return DeviceStatus("topaz", "/dev/ttyUSB0", kind, DeviceState.ABSENT, None, "device.not_connected", {})


def line(item_id: str = "i1", **changes: object) -> ItemLine:
    """Return a line of a scanner."""
    base = ItemLine(item_id, SarprasKind.FINGERPRINT_SCANNER, "Pemindai", "SN-1", True)
    return replace(base, **changes)


def checklist(*lines: ItemLine) -> Checklist:
    return Checklist(lines or (line(),))


def result(serial: str = "SN-1", *, is_ok: bool = True) -> TestResult:
    return TestResult(is_ok, 1900, NOW, "Suprema BioMini", serial)
