"""The simulated module, driven by pyfingerprint: a client by another hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import serial
from PIL import Image
from pyfingerprint.pyfingerprint import PyFingerprint

from drivers.simulators.stage import Fault, Speed, Stage
from drivers.simulators.subject import SyntheticSubject, quality
from drivers.simulators.zfm import HEIGHT, WIDTH, ZfmModule, agreement, features_of, on_glass, packet
from fieldkit.domain.recording.positions import Position

INDEX = Position.RIGHT_INDEX


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.present(SyntheticSubject(5))
    return stage


@pytest.fixture
def module(stage: Stage, tmp_path: Path) -> Iterator[ZfmModule]:
    module = ZfmModule(stage, tmp_path)
    yield module
    module.stop()


@pytest.fixture
def client(module: ZfmModule) -> Iterator[PyFingerprint]:
    client = PyFingerprint(module.address)
    assert client.verifyPassword()
    yield client
    client._PyFingerprint__serial.close()


def lay_finger(client: PyFingerprint) -> None:
    for _ in range(5):
        if client.readImage():
            return
    pytest.fail("no finger came")


def enrol(client: PyFingerprint) -> None:
    for buffer in (1, 2):
        lay_finger(client)
        assert client.convertImage(buffer)
    assert client.createTemplate()


def test_it_tells_what_it_is(client: PyFingerprint) -> None:
    assert client.getStorageCapacity() == 200
    assert client.getMaxPacketSize() == 128
    assert client.getBaudRate() == 57_600
    assert client.getSecurityLevel() == 3


@pytest.mark.days
def test_the_example_of_pyfingerprint_enrol_search_delete(client: PyFingerprint, module: ZfmModule) -> None:
    enrol(client)
    page = client.storeTemplate()
    assert page == 0
    assert client.getTemplateCount() == 1
    assert client.getTemplateIndex(0)[:2] == [True, False]
    lay_finger(client)
    client.convertImage(1)
    found, score = client.searchTemplate()
    assert (found, score > 50) == (0, True)
    module.finger = Position.LEFT_INDEX
    lay_finger(client)
    client.convertImage(1)
    assert client.searchTemplate() == (-1, -1)
    assert client.deleteTemplate(page)
    assert client.getTemplateCount() == 0
    assert client.clearDatabase()


def test_pyfingerprint_finds_a_module_by_its_own_address_only(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    module = ZfmModule(stage, folder, address=0x12345678, size=(160, 160))
    try:
        stranger = PyFingerprint(module.address)
        with pytest.raises(Exception, match="address is wrong"):
            stranger.verifyPassword()
        stranger._PyFingerprint__serial.close()
        client = PyFingerprint(module.address, address=0x12345678)
        assert client.verifyPassword()
        assert client.getSystemParameters()[4] == 0x12345678
        enrol(client)
        assert client.setAddress(0x87654321)
        assert client.getTemplateCount() == 0
        port = client._PyFingerprint__serial
        lay_finger(client)
        port.write(packet(1, b"\x0a", 0x87654321))
        port.timeout = 120
        received = port.read(12 + 100 * (11 + 128))
        assert received.startswith(packet(7, b"\0", 0x87654321))
        assert len(received) == 12 + 100 * (11 + 128)  # 160 × 160 pixels, two a byte
        client.storeTemplate()
        client.convertImage(1)
        for search in (b"\x04", b"\x1b"):
            port.write(packet(1, search + b"\1\0\0\0\xc8", 0x87654321))
            answer = port.read(16)
            assert (answer[9:12], answer[12:14] > b"\0\x32") == (bytes(3), True)
        port.close()
    finally:
        module.stop()


def test_templates_travel_both_ways(client: PyFingerprint) -> None:
    enrol(client)
    template = client.downloadCharacteristics(1)
    assert len(template) == 512
    assert client.uploadCharacteristics(2, template)
    lay_finger(client)
    client.convertImage(1)
    assert client.compareCharacteristics() > 50


@pytest.mark.days
def test_two_fingers_make_no_template(client: PyFingerprint, module: ZfmModule) -> None:
    lay_finger(client)
    client.convertImage(1)
    module.finger = Position.RIGHT_THUMB
    lay_finger(client)
    client.convertImage(2)
    assert client.compareCharacteristics() == 0
    assert not client.createTemplate()


def test_the_image_is_the_true_print(client: PyFingerprint, stage: Stage, tmp_path: Path) -> None:
    lay_finger(client)
    client.downloadImage(str(tmp_path / "print.bmp"))
    with Image.open(tmp_path / "print.bmp") as picture:
        pixels = np.asarray(picture.convert("L"))
    assert pixels.shape == (HEIGHT, WIDTH)
    assert len(np.unique(pixels)) <= 16
    levels = on_glass(stage.subject.finger(INDEX))
    # pyfingerprint spreads the levels in its own way; the picture is the same.
    assert np.corrcoef(pixels.ravel(), levels.ravel())[0, 1] > 0.95


def test_nobody_and_poor_prints(client: PyFingerprint, stage: Stage) -> None:
    stage.present(None)
    assert not any(client.readImage() for _ in range(3))
    stage.present(SyntheticSubject(5, script={INDEX: (quality(10), quality(30))}))
    for problem in ("messy", "few feature points"):
        lay_finger(client)
        with pytest.raises(Exception, match=problem):
            client.convertImage(1)


def test_a_password_and_another_speed(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    module = ZfmModule(stage, folder, password=0xBEEF, baud=115_200)
    try:
        with serial.Serial(module.address, 57_600, timeout=0.3) as port:
            port.write(packet(1, b"\x13" + bytes(4)))
            assert port.read(64) == b""
        with serial.Serial(module.address, 115_200, timeout=120) as port:
            for command, code in ((b"\x01", 0x21), (b"\x13" + bytes(4), 0x13), (b"\x13\0\0\xbe\xef", 0), (b"\x99", 1)):
                port.write(packet(1, command))
                assert port.read(12) == packet(7, bytes((code,)))
            port.write(b"\xef\x01noise" + packet(1, b"\x1d")[:-1] + b"\0" + packet(1, b"\x1d"))
            assert port.read(14) == packet(7, b"\0\0\0")
    finally:
        module.stop()


@pytest.mark.parametrize(
    ("fault", "bytes_there"), [(Fault.WRONG_CHECKSUM, 14), (Fault.GARBAGE, 18 + 14), (Fault.HANG, 0)]
)
def test_damage_is_on_the_wire(module: ZfmModule, stage: Stage, fault: Fault, bytes_there: int) -> None:
    stage.arm(fault)
    with serial.Serial(module.address, 57_600, timeout=120) as port:
        port.write(packet(1, b"\x1d"))
        assert port.read(bytes_there)[:14] != packet(7, b"\0\0\0")
        port.timeout = 0.3
        assert port.read(1) == b""
        port.timeout = 120
        port.write(packet(1, b"\x1d"))
        assert port.read(14) == packet(7, b"\0\0\0")


def test_unplugged_in_an_answer_it_stays_away_until_plugged_in(module: ZfmModule, stage: Stage) -> None:
    stage.arm(Fault.UNPLUG)
    with serial.Serial(module.address, 57_600, timeout=1) as port:
        port.write(packet(1, b"\x01") + packet(1, b"\x0a"))
        with pytest.raises(serial.SerialException):
            [port.read(4096) for _ in range(200)]
    assert not Path(module.address).exists()
    module.plug()
    with serial.Serial(module.address, 57_600, timeout=120) as port:
        port.write(packet(1, b"\x1d"))
        assert port.read(14) == packet(7, b"\0\0\0")


def test_a_real_line_takes_its_time(stage: Stage, tmp_path: Path) -> None:
    module, waits = ZfmModule(stage, tmp_path, speed=Speed.REALISTIC, baud=115_200), []
    module._stopping.wait = waits.append
    try:
        with serial.Serial(module.address, 115_200, timeout=120) as port:
            port.write(packet(1, b"\x01") + packet(1, b"\x0a"))
            assert len(port.read(24 + 288 * 139)) == 24 + 288 * 139
    finally:
        module.stop()
    assert sum(waits) == pytest.approx(3.48, abs=0.1)  # 40 KB at 11,520 bytes a second


def test_impressions_of_one_finger_agree_and_others_do_not() -> None:
    one, again = features_of("a", INDEX, 1), features_of("a", INDEX, 2)
    assert one != again
    assert agreement(one, again) > 150
    assert agreement(one, features_of("b", INDEX, 1)) == 0
    assert agreement(one, features_of("a", Position.LEFT_INDEX, 1)) == 0
    assert agreement(b"", b"") == 0
    assert on_glass(np.full((100, 80), 255, np.uint8)).shape == (HEIGHT, WIDTH)
