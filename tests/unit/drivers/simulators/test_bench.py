from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest
from support.performed import laying_cards

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.stage import Fault
from drivers.simulators.subject import SyntheticSubject


def discover(url: str) -> dict[str, object]:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=120) as sock:
        sock.sendall(
            b'MOSIPDISC /device HTTP/1.1\r\nConnection: close\r\nContent-Length: 27\r\n\r\n{"type":"Biometric Device"}'
        )
        received = b""
        while part := sock.recv(65536):
            received += part
    return json.loads(received.split(b"\r\n\r\n", 1)[1])[0]


def test_all_devices_live_and_die_together() -> None:
    before = set(threading.enumerate())
    with laying_cards(), SimulatedKit() as kit:
        kit.present(SyntheticSubject(1))
        for url in kit.addresses.sbi_urls:
            assert 4501 <= int(url.rpartition(":")[2]) <= 4600
            assert discover(url)["callbackId"] == url
        assert kit.addresses.trust_pem.read_bytes().startswith(b"-----BEGIN CERTIFICATE")
        assert Path(kit.addresses.topaz_tty).exists()
        assert Path(kit.addresses.isdv4_tty).exists()
        assert not kit.insert_card() or kit.remove_card() is None
        addresses = kit.addresses
    assert set(threading.enumerate()) == before
    assert not addresses.trust_pem.exists()
    with pytest.raises(ConnectionRefusedError):
        discover(addresses.finger_url)


@pytest.mark.days
def test_explicit_ports_and_two_kits_at_once() -> None:
    with SimulatedKit() as first:
        taken = int(first.addresses.finger_url.rpartition(":")[2])
        with SimulatedKit() as second:
            assert set(first.addresses.sbi_urls).isdisjoint(second.addresses.sbi_urls)
        before = set(threading.enumerate())
        with pytest.raises(OSError, match="in use"), SimulatedKit(iris_ports=[taken]):
            pass
        assert set(threading.enumerate()) == before  # what had started was stopped


def test_each_device_can_be_pulled_out() -> None:
    with SimulatedKit() as kit:
        for device in ("finger", "iris", "camera", "pad", "tablet", "module"):
            kit.unplug(device)
            kit.plug(device)
        assert discover(kit.addresses.finger_url)["deviceStatus"] == "Ready"
        assert Path(kit.addresses.topaz_tty).exists()
        assert Path(kit.addresses.isdv4_tty).exists()
        assert Path(kit.addresses.zfm_tty).exists()
        with pytest.raises(KeyError):
            kit.unplug("toaster")
        kit.arm(Fault.BUSY)
        assert kit.stage.take(Fault.BUSY)


def test_the_file_of_the_provider_is_for_pinning_only(tmp_path: Path) -> None:
    with SimulatedKit() as kit:
        assert b"PRIVATE" not in kit.addresses.trust_pem.read_bytes()


def test_an_infrared_camera_stands_there_only_where_asked_for() -> None:
    with SimulatedKit() as kit:
        assert kit.addresses.infrared_url == ""
        with pytest.raises(KeyError):
            kit.unplug("infrared")
    with SimulatedKit(infrared_ports=(0,)) as kit:
        assert kit.addresses.infrared_url.startswith("http://127.0.0.1:")
        kit.unplug("infrared")
        kit.plug("infrared")
