from __future__ import annotations

import threading
from pathlib import Path

import pytest
from support.homes import CLOCK, NOWHERE

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.app.bootstrap.devices import WHEREVER_FOUND, Addresses, KitDevices, connect_devices, connect_whatever
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.samples import QualityScore, Sample, SampleFormat
from fieldkit.formats.finger import print_record
from fieldkit.formats.images import Pixels, decode_grey
from fieldkit.ports.clock import Clock
from fieldkit.ports.devices import CaptureResult, DeviceKind, DeviceState, NotConnectedError
from fieldkit.quality import face_networks


def test_without_devices_the_registry_says_so(tmp_path: Path) -> None:
    devices = connect_devices(tmp_path, CLOCK, NOWHERE, is_watching=False)
    with pytest.raises(NotConnectedError) as caught:
        devices.registry.device_for(DeviceKind.FINGERPRINT)
    assert caught.value.code == "device.none.fingerprint"
    devices.close()
    devices.close()


def test_watching_ends_with_closing(tmp_path: Path) -> None:
    before = threading.active_count()
    devices = connect_devices(tmp_path, CLOCK, NOWHERE)
    devices.close()
    assert threading.active_count() == before


def test_a_mistake_in_the_devices_file_keeps_nobody_from_signing_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Addresses] = []

    def connected(trust: Path, clock: Clock, addresses: Addresses = WHEREVER_FOUND) -> KitDevices:
        tried.append(addresses)
        return connect_devices(trust, clock, NOWHERE, is_watching=False)

    monkeypatch.setattr("fieldkit.app.bootstrap.devices.connect_devices", connected)
    assert connect_whatever(Home(tmp_path), tmp_path, CLOCK).faults == ()
    (tmp_path / "devices.toml").write_text("[nonsense]")
    devices = connect_whatever(Home(tmp_path), tmp_path, CLOCK)
    assert [fault.code for fault in devices.faults] == ["devices_file.unknown_driver"]
    assert tried[-1] is WHEREVER_FOUND
    devices.close()
    monkeypatch.setattr(face_networks, "files", lambda _package: tmp_path)
    codes = [fault.code for fault in connect_whatever(Home(tmp_path), tmp_path, CLOCK).faults]
    assert codes == ["devices_file.unknown_driver", "face_model.damaged"]


def test_a_trust_folder_that_cannot_be_read_stops_no_camera(tmp_path: Path) -> None:
    """Devices that sign are refused with the name of the file (tests of the trust); the others need none of it."""
    (tmp_path / "provider.pem").write_text("no certificate")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"")
    addresses = Addresses({"opencv": (str(photo),)}, NOWHERE.only_given)
    devices = connect_devices(tmp_path, CLOCK, addresses, is_watching=False)
    assert [(s.driver, s.state) for s in devices.registry.scan() if s.driver == "opencv"] == [
        ("opencv", DeviceState.READY)
    ]
    devices.close()


def test_a_kit_without_a_trust_folder_has_devices_but_believes_none(tmp_path: Path) -> None:
    connect_devices(tmp_path / "not there", CLOCK, NOWHERE, is_watching=False).close()


def test_inspection_matcher_and_screen_decode_a_print_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []

    def noted(data: bytes) -> Pixels:
        decoded.append(data)
        return decode_grey(data)

    monkeypatch.setattr("fieldkit.formats.iso19794.decode_grey", noted)
    devices = connect_devices(tmp_path, CLOCK, NOWHERE, is_watching=False)
    score = QualityScore(80, "device")
    image = SyntheticSubject(5).finger(Position.LEFT_INDEX, 0, Condition.GOOD)
    record = print_record(image, Position.LEFT_INDEX, score, CLOCK.now(), 500)
    sample = Sample(Position.LEFT_INDEX, SampleFormat.ISO_19794_4, record, score)
    (kept,) = devices.inspector.inspect(CaptureResult((sample,))).samples
    devices.matcher.prepare(kept)
    assert devices.pictures.jpeg(kept, 100)
    assert len(decoded) == 1
    devices.close()
