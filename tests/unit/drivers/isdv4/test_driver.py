from __future__ import annotations

from drivers.isdv4.driver import Isdv4Driver, is_tablet
from fieldkit.ports.devices import DeviceState


def test_given_ports_are_listed_with_their_state(context_for, tmp_path):
    port = tmp_path / "ttyS4"
    port.touch()
    addresses = (str(port), str(tmp_path / "gone"))
    context = context_for(
        addresses={"isdv4": addresses}, only_given=frozenset({"isdv4"}), simulated=frozenset({str(port)})
    )
    driver = Isdv4Driver(context)
    there, gone = driver.scan()
    assert (there.state, there.is_simulated) == (DeviceState.READY, True)
    assert (gone.state, gone.detail) == (DeviceState.ABSENT, "device.not_connected")
    assert driver.connect(there).identity == there.identity


def test_firmware_names_built_in_tablets():
    assert is_tablet("ACPI\\WACF004\\4&1A2B3C")
    assert is_tablet("WACf00e")
    assert not is_tablet("PNP0501")
    assert not is_tablet(None)


def test_searching_works_without_any(context_for):
    assert Isdv4Driver(context_for()).scan() == []
