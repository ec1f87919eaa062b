"""What every card reader does, with the simulated person's KTP-el on it."""

from __future__ import annotations

import time

import pytest
from support import pcscd
from support.standstill import wait_until

from drivers.pcsc.driver import PcscDriver
from drivers.pcsc.ktp_el import EF_BIODATA, is_ktp_el, read_closed_file, read_ktp_el, sam_of
from fieldkit.ports.devices import DeviceError, DeviceState, NotConnectedError, NothingPresentedError

virtual_reader = pytest.fixture(scope="module")(pcscd.virtual_reader)


@pytest.fixture
def reader(virtual_reader, context, patience):
    driver = PcscDriver(context)
    device = driver.connect(next(s for s in driver.scan() if s.address == virtual_reader))
    device.open(patience())
    yield device
    device.close()


@pytest.fixture
def card(reader, kit):
    wait_until(kit.insert_card)  # the virtual reader listens for a card only now and then
    yield
    kit.remove_card()
    pcscd.wait_until_empty()


@pytest.mark.days
def test_it_is_ready_and_opens_again(reader, patience):
    assert reader.health() is DeviceState.READY
    reader.close()
    reader.close()
    reader.open(patience())
    assert reader.health() is DeviceState.READY


def test_no_card_comes(reader, patience):
    with pytest.raises(NothingPresentedError):
        reader.wait_for_card(patience(), 200)
    cancel = patience(after=5)
    with pytest.raises(DeviceError) as caught:
        reader.wait_for_card(cancel, 600_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded


@pytest.mark.usefixtures("card")
def test_the_residents_card_is_known_by_its_free_files(reader, patience):
    atr = reader.wait_for_card(patience(), 120_000)
    found = read_ktp_el(reader, atr)
    assert found is not None
    assert found.atr == atr
    assert found.uid
    assert found.card_control
    assert found.photograph_codec in ("jpeg", "jp2")


@pytest.mark.usefixtures("card")
def test_a_card_that_is_taken_away(reader, kit, patience):
    reader.wait_for_card(patience(), 120_000)
    kit.remove_card()

    def read_on() -> None:
        while True:
            reader.transceive(b"\x00\xa4\x00\x00\x02\x7f\x0a")
            time.sleep(0.05)

    with pytest.raises(DeviceError):
        read_on()


@pytest.mark.usefixtures("card")
def test_it_tells_when_the_card_goes(reader, kit, patience):
    changes = reader.changes(patience())
    assert next(changes).is_there
    kit.remove_card()
    assert not next(changes).is_there


@pytest.mark.usefixtures("card")
def test_without_a_sam_the_closed_files_stay_closed(reader, context, patience):
    reader.wait_for_card(patience(), 120_000)
    assert is_ktp_el(reader)
    with pytest.raises(NotConnectedError) as caught:
        read_closed_file(reader, sam_of(context), EF_BIODATA)
    assert caught.value.code == "device.sam.absent"
