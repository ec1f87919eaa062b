"""What registration devices do to a client in real life: two dialects, new keys, two of a kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.tries import some_of

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.sbi.requests import SLAP_SCANNER, V0_9_5, V1_0, Dialect
from drivers.simulators.sbi.server import SbiServer
from drivers.simulators.sbi.service import DeviceService, Provider
from drivers.simulators.stage import Fault, Stage
from drivers.simulators.subject import SyntheticSubject
from fieldkit.app.bootstrap.devices import Addresses, KitDevices, connect_devices
from fieldkit.domain.recording.positions import RIGHT_FOUR, Modality, Position
from fieldkit.ports.devices import BiometricCaptureDevice, CaptureRequest, CaptureResult, DeviceKind, ProtocolError
from fieldkit.ports.repositories import choice_of


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Quiet:
    """Never cancelled, and nobody looks."""

    def is_cancelled(self) -> bool:
        return False

    def offer(self, jpeg: bytes) -> None: ...


@pytest.fixture(scope="module")
def provider() -> Provider:
    return Provider.create("Provider", Clock().now())


@pytest.fixture
def trust(provider: Provider, tmp_path: Path) -> Path:
    (tmp_path / "provider.pem").write_bytes(provider.certificate_pem)
    return tmp_path


@pytest.fixture
def connect(trust: Path) -> Iterator[Callable[..., KitDevices]]:
    with ExitStack() as stack:

        def build(*urls: str) -> KitDevices:
            addresses = Addresses({"sbi": urls}, frozenset({"sbi"}))
            connected = connect_devices(trust, Clock(), addresses, is_watching=False)
            stack.callback(connected.close)
            return connected

        yield build


def take(device: BiometricCaptureDevice, *positions: Position, **options: object) -> CaptureResult:
    device.open(Quiet())
    number = f"T-{datetime.now(UTC):%H%M%S%f}"
    request = CaptureRequest(number, Clock().now(), positions[0].modality, positions, **options)
    return device.capture(request, Quiet(), Quiet())


@pytest.mark.days
@pytest.mark.parametrize("dialect", some_of([V1_0, V0_9_5], 1), ids=lambda dialect: dialect.version)
def test_a_device_that_changed_its_key_goes_on_without_a_restart(connect, provider, dialect: Dialect) -> None:
    with SimulatedKit(provider=provider, dialect=dialect) as kit:
        kit.present(SyntheticSubject(4))
        device = connect(kit.addresses.finger_url).registry.device_for(DeviceKind.FINGERPRINT)
        first = take(device, *RIGHT_FOUR)
        kit.rotate_key("finger")
        second = take(device, *RIGHT_FOUR, previous_hash=first.last_hash)
        assert len({sample.evidence.certificate_der for sample in (*first.samples, *second.samples)}) == 2
        kit.rotate_key("finger", Provider.create("Nobody we know", Clock().now()))
        with pytest.raises(ProtocolError):
            take(device, *RIGHT_FOUR)
        kit.rotate_key("finger")
        assert len(take(device, *RIGHT_FOUR).samples) == 4


@pytest.mark.days
def test_a_key_that_changes_between_opening_and_capture_is_no_trouble(connect, provider) -> None:
    with SimulatedKit(provider=provider) as kit:
        kit.present(SyntheticSubject(4))
        device = connect(kit.addresses.finger_url).registry.device_for(DeviceKind.FINGERPRINT)
        device.open(Quiet())
        kit.rotate_key("finger")
        request = CaptureRequest("T-0001", Clock().now(), Modality.FINGER, RIGHT_FOUR)
        assert len(device.capture(request, Quiet(), Quiet()).samples) == 4


@pytest.mark.days
@pytest.mark.parametrize("dialect", [V0_9_5, V1_0], ids=lambda dialect: dialect.version)
def test_the_photo_of_an_exception_is_a_face_that_names_what_is_missing(connect, provider, dialect: Dialect) -> None:
    with SimulatedKit(provider=provider, dialect=dialect, face_ports=(0,)) as kit:
        kit.present(SyntheticSubject(4))
        camera = connect(kit.addresses.face_url).registry.device_for(DeviceKind.CAMERA)
        missing = (Position.LEFT_THUMB, Position.EYE_LEFT)
        (photo,) = take(camera, Position.PORTRAIT, exceptions=missing).samples
        assert photo.position is Position.PORTRAIT


@pytest.mark.days
def test_of_two_scanners_the_chosen_one_is_used_on_whatever_port_it_comes_back(connect, provider) -> None:
    stage = Stage()
    stage.present(SyntheticSubject(4))
    with ExitStack() as stack:

        def scanner(serial: str, port: int = 0) -> SbiServer:
            model = dataclasses.replace(SLAP_SCANNER, serial=serial)
            service = DeviceService(model, stage, provider.certify(serial, Clock().now()), now=Clock().now)
            server = SbiServer(service, (port,))
            stack.callback(server.stop)
            return server

        one, two = scanner("SN-1"), scanner("SN-2")
        registry = connect(one.url, two.url).registry
        statuses = {status.identity.serial: status for status in registry.scan() if status.driver == "sbi"}
        assert registry.device_for(DeviceKind.FINGERPRINT).identity.serial == "SN-1"
        registry.choose(statuses["SN-2"])
        chosen = registry.device_for(DeviceKind.FINGERPRINT)
        assert (chosen.identity.serial, len(take(chosen, *RIGHT_FOUR).samples)) == ("SN-2", 4)
        # Another day: the services start in another order.
        another_day = connect(two.url, one.url).registry
        another_day.restore({DeviceKind.FINGERPRINT: choice_of(statuses["SN-1"])})
        assert another_day.device_for(DeviceKind.FINGERPRINT).identity.serial == "SN-1"
        one.unplug()
        another_day.scan()
        assert another_day.device_for(DeviceKind.FINGERPRINT).identity.serial == "SN-2"  # better than none


@pytest.mark.days
def test_a_signed_record_without_a_picture_is_no_sample(connect, provider) -> None:
    """The device is sure of itself and signs; what counts is that nobody could open it later."""
    with SimulatedKit(provider=provider) as kit:
        kit.present(SyntheticSubject(4))
        kit.arm(Fault.EMPTY_RECORD)
        connected = connect(kit.addresses.finger_url)
        device = connected.registry.device_for(DeviceKind.FINGERPRINT)
        result = connected.inspector.inspect(take(device, *RIGHT_FOUR))
        assert [(fault.position, fault.code) for fault in result.faults] == [(RIGHT_FOUR[0], "sample.broken")]
        assert [sample.position for sample in result.samples] == list(RIGHT_FOUR[1:])
        assert all(s.quality.algorithm == "iso29794-4-estimate" and s.device_quality for s in result.samples)
        again = connected.inspector.inspect(take(device, *RIGHT_FOUR, previous_hash=result.last_hash))
        assert len(again.samples) == 4
