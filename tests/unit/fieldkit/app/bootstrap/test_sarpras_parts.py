from __future__ import annotations

from pathlib import Path

from support.app_context import KETUA, Kit

from fieldkit.app.bootstrap.sarpras_parts import SarprasParts, open_sarpras


def test_both_lists_share_laptop_and_pad(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KETUA)
    parts = SarprasParts(kit.devices, kit.context.pictures, kit.context.signatures, kit.laptop, kit.outbox)
    sarpras = open_sarpras(kit.context.office.units, kit.clock, parts, kit.context.office.letters)
    found = sarpras.out.begin("a1")
    kit.laptop.battery_percent = 41
    reading = sarpras.out.measure(found.thing_id).checklist.laptop
    assert reading is not None
    assert reading.battery_percent == 41
    assert sarpras.back.current("a1") is None
    kit.store.close()
