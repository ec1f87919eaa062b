from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit, ready
from support.sarpras import absent_status, line, result, stock_inventory, take_out, verdict

from fieldkit.domain.errors import Problem, RuleError
from fieldkit.domain.people import Role, User
from fieldkit.domain.sarpras import SarprasKind, SelfTestNote
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus
from fieldkit.services.devices import FRESH, DeviceVerdict, filled, newest_results, to_test

FINGER, IRIS = DeviceKind.FINGERPRINT, DeviceKind.IRIS


def test_the_usable_are_tested_and_of_a_lacking_kind_one_that_says_why() -> None:
    usable, absent = ready(FINGER), absent_status(IRIS)
    assert to_test([absent, absent, usable, absent_status(FINGER)]) == (usable, absent)
    busy = replace(usable, state=DeviceState.BUSY)
    assert to_test([absent_status(FINGER), busy]) == (busy,)


def test_a_device_fills_the_line_of_its_serial_whatever_the_order() -> None:
    lines = (line("a", serial="SN-A"), line("b", serial="SN-B"))
    found = filled(lines, [(FINGER.value, result("SN-B")), (FINGER.value, result("SN-A"))])
    assert [each.test.serial for each in found if each.test] == ["SN-A", "SN-B"]
    assert not any(each.is_other_device for each in found)


def test_each_line_is_filled_by_a_device_of_its_kind_and_each_device_fills_one() -> None:
    camera = line("camera", kind=SarprasKind.PHOTO_CAMERA, serial="sn-c")
    lines = (line("a", serial=""), line("b", serial=""), camera)
    told = [
        (DeviceKind.CAMERA.value, result("SN-C")),
        (FINGER.value, result("", is_ok=False)),
        (FINGER.value, result("")),
    ]
    first, second, third = (each.test for each in filled(lines, told))
    assert [test and (test.is_ok, test.serial) for test in (first, second, third)] == [
        (True, ""),
        (False, ""),
        (True, "SN-C"),
    ]
    alone, absent, _ = (each.test for each in filled(lines, told[::2]))
    assert [test and test.code for test in (alone, absent)] == ["", "sarpras.no_device"]


def test_a_wrong_device_fills_the_line_and_the_line_says_so() -> None:
    found = filled((line(serial="SN-A"),), [(FINGER.value, result("SN-Z"))])
    assert found[0].is_other_device


def test_a_second_device_that_did_not_answer_is_absent() -> None:
    found = filled((line("a", serial="SN-A"), line("b", serial="SN-B")), [(FINGER.value, result("SN-A"))])
    assert found[1].test is not None
    assert (found[1].test.is_ok, found[1].test.code) == (False, "sarpras.no_device")


def test_of_several_the_one_that_passed_is_taken() -> None:
    found = filled((line(serial=""),), [(FINGER.value, result("X", is_ok=False)), (FINGER.value, result("Y"))])
    assert found[0].test is not None
    assert found[0].test.serial == "Y"


def test_what_is_no_device_and_what_was_not_tested_stay_as_they_are() -> None:
    lines = (line("car", kind=SarprasKind.VEHICLE), line("iris", kind=SarprasKind.IRIS_CAMERA))
    assert filled(lines, [(FINGER.value, result())]) == lines
    assert filled(lines, ()) == lines


@pytest.fixture
def kit(tmp_path: Path):
    kit = Kit(tmp_path, KETUA)
    kit.plan()
    stock_inventory(kit)
    yield kit
    kit.store.close()


def test_a_run_is_kept_and_fills_open_lists_only(kit: Kit) -> None:
    left = take_out(kit)
    sarpras = kit.context.office.sarpras
    opened = sarpras.out.begin("a2")
    failed = replace(verdict(IRIS, is_ok=False), detail=Problem("device.test.no_picture", {"model": "IR"}))
    note = sarpras.tests.keep([verdict(FINGER, "SN-OTHER"), failed])
    assert len(note.results) == 5  # three kinds were not there
    with kit.store.read() as unit:
        (told,) = unit.events.of(note.thing_id)
    counts = json.loads(told.payload)
    assert (counts["tested"], counts["failed"]) == (5, 4)
    lines = {each.item_id: each for each in sarpras.out.get(opened.thing_id).checklist.lines}
    assert lines["i1"].is_other_device
    assert lines["i2"].test is not None
    assert (lines["i2"].test.code, dict(lines["i2"].test.params)) == ("device.test.no_picture", {"model": "IR"})
    assert lines["i3"].test is not None
    assert lines["i3"].test.code == "sarpras.no_device"
    assert lines["i8"].test is None
    assert sarpras.out.get(left.thing_id) == left


def test_a_device_without_a_number_of_its_own_is_no_other_device(kit: Kit) -> None:
    sarpras = kit.context.office.sarpras
    opened = sarpras.out.begin("a1")
    plain = verdict(DeviceKind.CAMERA, "http://127.0.0.1:4501")  # the camera tells its address as its serial
    sarpras.tests.keep([plain])
    camera = sarpras.out.get(opened.thing_id).checklist.line("i3")
    assert camera.test is not None
    assert (camera.test.serial, camera.is_other_device) == ("", False)


def test_a_list_of_what_comes_back_is_filled_once_by_the_same_result(kit: Kit) -> None:
    sarpras = kit.context.office.sarpras
    take_out(kit)
    back = sarpras.back.begin("a1")
    for _ in range(2):
        sarpras.tests.keep([verdict(FINGER)])
    with kit.store.read() as unit:
        kinds = [event.kind for event in unit.events.of(back.thing_id)]
    assert kinds.count("sarpras_tested") == 1
    scanner = sarpras.back.get(back.thing_id).checklist.line("i1")
    assert scanner.test is not None
    assert scanner.test.device.startswith("Suprema")


@pytest.mark.parametrize(
    ("status", "device", "serial"),
    [
        (ready(FINGER), "Suprema BioMini fingerprint", "SN-FIN-20817"),
        (absent_status(FINGER), "topaz /dev/ttyUSB0", ""),
        (replace(absent_status(FINGER), address=""), "topaz", ""),
    ],
)
def test_a_device_that_said_who_it_is_is_noted_by_name_and_else_by_its_place(
    kit: Kit, status: DeviceStatus, device: str, serial: str
) -> None:
    note = kit.context.office.sarpras.tests.keep([DeviceVerdict(status, False, 5)])
    told = next(result for kind, result in note.results if kind == FINGER.value)
    assert (told.device, told.serial, told.code, dict(told.params)) == (device, serial, "", {})


def test_a_note_is_fresh_for_half_a_day(kit: Kit) -> None:
    with kit.store.read() as unit:
        assert newest_results(unit, kit.clock.now()) == ()
    kit.context.office.sarpras.tests.keep([verdict(FINGER)])
    with kit.store.read() as unit:
        assert len(newest_results(unit, kit.clock.now() + FRESH)) == 5
        assert newest_results(unit, kit.clock.now() + FRESH + timedelta(microseconds=1)) == ()
        assert unit.repository(SelfTestNote).search("BioMini")[0].by == KETUA.user_id


def test_who_has_no_business_with_sarpras_keeps_nothing(tmp_path: Path) -> None:
    kit = Kit(tmp_path, User("u9", "Kabid", Role.KABID))
    with pytest.raises(RuleError) as refusal:
        kit.context.office.sarpras.tests.keep([verdict(FINGER)])
    assert refusal.value.code == "role.not_yours"
    kit.store.close()
