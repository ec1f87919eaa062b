from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit, ListedDevices, ready

from fieldkit.ports.choices import Choice, choice_of
from fieldkit.ports.devices import DeviceKind
from fieldkit.services.devices.choose_device import ChooseDevice


@pytest.fixture
def kit(tmp_path: Path):
    made = Kit(tmp_path)
    yield made
    made.store.close()


def choosing(kit: Kit, devices: ListedDevices) -> ChooseDevice:
    return ChooseDevice(devices, kit.store, kit.clock, PETUGAS)


def test_a_choice_outlives_the_program(kit: Kit) -> None:
    first, second = ListedDevices(), ListedDevices()
    scanner, camera = ready(DeviceKind.FINGERPRINT), ready(DeviceKind.CAMERA)
    choosing(kit, first).choose(scanner)
    choosing(kit, first).choose(camera)
    assert first.chosen == {DeviceKind.FINGERPRINT: choice_of(scanner), DeviceKind.CAMERA: choice_of(camera)}
    again = choosing(kit, second)
    assert again.chosen() == {}
    again.recall()
    assert again.chosen() == first.chosen
    with kit.store.read() as unit:
        (event,) = unit.events.of("fingerprint")
    assert (event.kind, event.actor) == ("device_chosen", PETUGAS.user_id)
    assert json.loads(event.payload) == {"driver": "sbi", "serial": scanner.identity.serial}


def test_a_kit_without_choices_chooses_nothing(kit: Kit) -> None:
    devices = ListedDevices()
    choosing(kit, devices).recall()
    assert devices.chosen == {}


def test_a_kind_that_a_newer_program_knew_is_passed_over(kit: Kit) -> None:
    kept = {"palm_scanner": {"driver": "x", "address": "y", "serial": ""}}
    kept["iris"] = {"driver": "sbi", "address": "http://127.0.0.1:4502", "serial": "SN"}
    with kit.store.write() as unit:
        unit.settings.put("chosen_devices", kept)
    devices = ListedDevices()
    choosing(kit, devices).recall()
    assert devices.chosen == {DeviceKind.IRIS: Choice("sbi", "http://127.0.0.1:4502", "SN")}
