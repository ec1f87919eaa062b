from __future__ import annotations

import pytest
from serial.tools.list_ports_common import ListPortInfo

from drivers.registry import DeviceRegistry
from drivers.topaz.driver import TopazDriver, parse_address
from drivers.topaz.models import MODELS
from drivers.topaz.packets import PadNumbers
from fieldkit.ports.choices import choice_of
from fieldkit.ports.devices import DeviceError, DeviceState

ONLY = frozenset({"topaz"})


@pytest.fixture
def port(tmp_path):
    made = tmp_path / "ttyS9"
    made.touch()
    return made


def adapter(device: str, **told: str) -> ListPortInfo:
    found = ListPortInfo(device)
    found.vid, found.pid = 0x0403, 0x6001
    for name, text in told.items():
        setattr(found, name, text)
    return found


def test_addresses_name_the_model():
    assert parse_address("/dev/ttyUSB0#clipgem") == ("/dev/ttyUSB0", "clipgem")
    assert parse_address("COM3") == ("COM3", "")


def test_given_ports_are_listed_with_their_state(context_for, port, tmp_path):
    addresses = (f"{port}#clipgem", f"{tmp_path / 'gone'}#clipgem")
    context = context_for(addresses={"topaz": addresses}, only_given=ONLY, simulated=frozenset({str(port)}))
    driver = TopazDriver(context)
    there, gone = driver.scan()
    assert (there.state, there.is_simulated, there.identity.model) == (DeviceState.READY, True, "clipgem")
    assert (gone.state, gone.detail) == (DeviceState.ABSENT, "device.not_connected")
    assert driver.connect(there).identity == there.identity


@pytest.mark.parametrize(("name", "code"), [("#siglite-9x9", "unknown_model"), ("", "which_model")])
def test_no_model_is_ever_guessed(context_for, port, name, code):
    driver = TopazDriver(context_for(addresses={"topaz": (f"{port}{name}",)}, only_given=ONLY))
    (refused,) = driver.scan()
    assert (refused.state, refused.detail) == (DeviceState.NOT_READY, f"device.topaz.{code}")
    assert refused.params["models"] == ", ".join(MODELS)
    with pytest.raises(DeviceError) as caught:
        driver.connect(refused)
    assert caught.value.code == f"device.topaz.{code}"


def test_a_format_that_nobody_tried_is_said_beside_the_model(context_for, port):
    (pad,) = TopazDriver(context_for(addresses={"topaz": (f"{port}#signaturegem-lcd-1x5",)}, only_given=ONLY)).scan()
    assert (pad.state, pad.detail) == (DeviceState.READY, "device.topaz.untried")


def test_an_adapter_is_no_pad_until_somebody_names_it(context_for, monkeypatch):
    found = [
        adapter("/dev/ttyUSB0", manufacturer="FTDI", product="FT232R USB UART", serial_number="A50285BI"),
        adapter("/dev/ttyUSB1", product="Topaz Signature Pad", serial_number="TOPAZBSB"),
        adapter("/dev/ttyUSB2"),
        ListPortInfo("/dev/ttyACM0"),
    ]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: found)
    given = {"isdv4": ("/dev/ttyUSB2",)}  # what another driver was given is no pad of this one
    plain, pad = TopazDriver(context_for(addresses=given)).scan()
    assert (plain.address, plain.state, plain.detail) == ("/dev/ttyUSB0", DeviceState.NOT_READY, "device.topaz.adapter")
    assert plain.identity is None
    assert (pad.address, pad.state, pad.detail) == ("/dev/ttyUSB1", DeviceState.NOT_READY, "device.topaz.which_model")
    assert (pad.identity.vendor, pad.identity.model) == ("Topaz", "Topaz Signature Pad TOPAZBSB")


def test_what_a_pad_told_stands_in_the_list_and_it_stays_the_chosen_one(context_for, port):
    driver = TopazDriver(context_for(addresses={"topaz": (f"{port}#clipgem",)}, only_given=ONLY))
    (before,) = driver.scan()
    registry = DeviceRegistry([driver])
    pad = registry.device(before)
    pad._heard(PadNumbers(5, 137))
    (after,) = driver.scan()
    assert registry.device(after) is pad, "a second one would find the port taken"
    assert (after.identity.model, after.identity.serial) == ("clipgem (5)", "137")
    assert choice_of(before).is_of(after)
    port.unlink()
    (gone,) = driver.scan()
    assert gone.identity == before.identity  # another pad may hang there next
