from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from support.performed import laying_cards

from drivers.registry import GROUP
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.devices import connect_devices
from fieldkit.app.demo.day import perform, run_live
from fieldkit.app.demo.world import World, alone_in
from fieldkit.domain.errors import KnownError, StoreError
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), seed=3) as world:
        yield world


def test_the_devices_obey_and_say_what_they_do_not_understand(world: World) -> None:
    assert world.devices.say("present", "0", "red") == "synthetic-3"
    with pytest.raises(KnownError, match=r"demo\.devices_refused"):
        world.devices.say("dance")


def test_a_second_demo_in_a_folder_touches_nothing_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "devices.json").write_text("{}")
    (tmp_path / ".fieldkit-demo").touch()
    with alone_in(tmp_path):
        for begin in (lambda: run_live(tmp_path, "id"), lambda: perform(1, tmp_path, 1, None, "id")):
            with pytest.raises(StoreError, match=r"store\.in_use"):
                begin()
    assert (tmp_path / "devices.json").read_text() == "{}"
    with alone_in(tmp_path):
        pass  # it falls with its holder


def test_the_drivers_are_told_where_the_devices_are(world: World) -> None:
    addresses = world.devices.addresses
    assert set(addresses.given) == {"sbi", "opencv", "topaz", "pcsc"}
    assert all(address in addresses.simulated for given in addresses.given.values() for address in given)
    assert world.devices.trust.read_text("ascii").startswith("-----BEGIN CERTIFICATE")


def scanned(world: World) -> Sequence[DeviceStatus]:
    connected = connect_devices(world.devices.trust, SystemClock(WIB), world.devices.addresses, is_watching=False)
    try:
        return connected.registry.scan()
    finally:
        connected.close()


@pytest.mark.days
def test_no_driver_looks_for_real_hardware(world: World) -> None:
    installed = {entry.name for entry in entry_points(group=GROUP)}
    assert installed >= {"zfm", "libfprint", "isdv4", "stu", "gphoto"}
    assert world.devices.addresses.only_given >= installed
    with laying_cards():  # no reader comes meanwhile
        found = scanned(world)
        world.devices.say("present", "0", "red")
        is_inserted = world.devices.say("card", "in") == "inserted"
        world.devices.say("card", "out")
    assert all(status.is_simulated or status.kind is DeviceKind.CARD_READER for status in found)
    (reader,) = [status for status in found if status.kind is DeviceKind.CARD_READER]
    assert (reader.state is DeviceState.READY) == is_inserted, "absent or there, the reader is told"


@pytest.mark.days
def test_the_data_center_is_reached_through_the_line_only_while_it_is_up(world: World) -> None:
    assert _answers(world.link.port)
    world.link.take_down()
    try:
        assert not _answers(world.link.port)
    finally:
        world.link.bring_up()
    assert _answers(world.link.port)


def _answers(port: int) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=120) as raw, context.wrap_socket(raw):
            return True
    except OSError:
        return False


@pytest.mark.days
def test_nothing_stays_behind(tmp_path: Path) -> None:
    with World(tmp_path, seed=1) as world:
        pid = json.loads((tmp_path / "devices.json").read_text("utf-8"))["pid"]
        port = world.link.port
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with World(tmp_path, seed=1) as again:
        assert again.link.port == port, "an enrolled kit would not find its data center again"
