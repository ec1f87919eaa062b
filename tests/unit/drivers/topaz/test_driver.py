from __future__ import annotations

from drivers.topaz.driver import TopazDriver, parse_address
from drivers.topaz.models import DEFAULT
from fieldkit.ports.devices import DeviceState


def test_addresses_name_the_model():
    assert parse_address("/dev/ttyUSB0#clipgem") == ("/dev/ttyUSB0", "clipgem")
    assert parse_address("COM3") == ("COM3", DEFAULT.name)


def test_given_ports_are_listed_with_their_state(context_for, tmp_path):
    port = tmp_path / "ttyS9"
    port.touch()
    addresses = (f"{port}#clipgem", str(tmp_path / "gone"))
    context = context_for(
        addresses={"topaz": addresses}, only_given=frozenset({"topaz"}), simulated=frozenset({str(port)})
    )
    driver = TopazDriver(context)
    there, gone = driver.scan()
    assert (there.state, there.is_simulated, there.identity.model) == (DeviceState.READY, True, "clipgem")
    assert (gone.state, gone.detail) == (DeviceState.ABSENT, "device.not_connected")
    assert driver.connect(there).identity == there.identity


def test_searching_adapters_works_without_any(context_for):
    assert isinstance(TopazDriver(context_for()).scan(), list)


def test_an_unknown_model_is_refused_and_not_guessed(context_for, tmp_path):
    port = tmp_path / "ttyS9"
    port.touch()
    addresses = (f"{port}#signaturegem-lcd-1x5",)
    (refused,) = TopazDriver(context_for(addresses={"topaz": addresses}, only_given=frozenset({"topaz"}))).scan()
    assert (refused.state, refused.detail) == (DeviceState.NOT_READY, "device.topaz.unknown_model")
    assert "clipgem" in refused.params["models"]
