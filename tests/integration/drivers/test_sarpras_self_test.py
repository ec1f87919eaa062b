"""The self-test over the wires of simulated devices fills the lines of a sarpras list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, TARGETS, Kit
from support.clock import HandClock
from support.sarpras import THINGS, stock_inventory

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.subject import SyntheticSubject
from fieldkit.app.bootstrap.devices import Addresses, connect_devices
from fieldkit.domain.sarpras import SarprasItem
from fieldkit.ports.devices import DeviceKind
from fieldkit.services.devices import SelfTest, to_test


class Never:
    def is_cancelled(self) -> bool:
        return False


@pytest.fixture
def bench() -> Iterator[SimulatedKit]:
    with SimulatedKit(finger_ports=(0,), iris_ports=(0,), now=HandClock().now) as bench:
        bench.present(SyntheticSubject(3))
        yield bench


@pytest.mark.days
def test_real_wires_fill_their_own_lines_and_a_swapped_scanner_is_named(bench: SimulatedKit, tmp_path: Path) -> None:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    stock_inventory(kit)
    given = {
        "sbi": bench.addresses.sbi_urls,
        "opencv": (bench.addresses.camera_url,),
        "topaz": (f"{bench.addresses.topaz_tty}#siglite-1x5",),
    }
    only = frozenset({*given, "gphoto", "libfprint", "pcsc", "stu", "isdv4", "zfm"})
    devices = connect_devices(
        bench.addresses.trust_pem, kit.clock, Addresses(given=given, only_given=only), is_watching=False
    )
    try:
        found = to_test(devices.registry.scan())
        serials = {s.kind: s.identity.serial for s in found if s.identity is not None}
        with kit.store.write() as unit:  # the list knows the iris camera, and takes another scanner for its own
            kind, name = THINGS[1][1:3]
            unit.repository(SarprasItem).save(SarprasItem("i2", kind, name, serials[DeviceKind.IRIS]))
        sarpras = kit.context.office.sarpras
        opened = sarpras.out.begin("a1")
        test = SelfTest(devices.registry, kit.clock, kit.context.office.units.ids)
        sarpras.tests.keep([test.run(status, Never()) for status in found])
    finally:
        devices.close()
    lines = {line.item_id: line for line in sarpras.out.get(opened.thing_id).checklist.lines}
    for item_id in ("i2", "i4"):
        tested = lines[item_id].test
        assert tested is not None
        assert tested.is_ok, (item_id, tested)
    assert not any(lines[item_id].is_other_device for item_id in ("i2", "i3", "i4"))
    assert lines["i3"].test is not None
    assert lines["i1"].is_other_device
    assert lines["i5"].test is not None
    assert not lines["i5"].test.is_ok
    assert lines["i5"].test.code  # no reader, or no service for it: the line says which
    assert lines["i6"].test is None
    kit.store.close()
