from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime

import pytest

from drivers.gps.receiver import Receiver
from drivers.simulators.gps import JIMBE, Gpsd, NmeaReceiver
from fieldkit.ports.devices import NotConnectedError, NothingPresentedError, TransportBrokenError

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["nmea", "gpsd"])
def simulated(request, tmp_path):
    receiver = NmeaReceiver(tmp_path, lambda: AT) if request.param == "nmea" else Gpsd(lambda: AT)
    yield receiver
    receiver.stop()


def address(simulated) -> str:
    return simulated.url if isinstance(simulated, Gpsd) else f"{simulated.path}#9600"


def test_the_place_is_found(simulated, flag):
    fix = Receiver(address(simulated)).fix(flag(), 60_000)
    assert (round(fix.latitude, 5), round(fix.longitude, 5)) == (JIMBE.latitude, JIMBE.longitude)
    assert fix.at == AT
    assert fix.accuracy_m == pytest.approx(4.5)


@pytest.mark.usefixtures("quick_polls")
def test_no_satellites_in_time_and_no_patience(simulated, flag):
    simulated.place = None
    with pytest.raises(NothingPresentedError) as caught:
        Receiver(address(simulated)).fix(flag(), 400)
    assert caught.value.code == "device.gps.no_fix"
    cancel = flag(after=100)
    with pytest.raises(NothingPresentedError) as caught:
        Receiver(address(simulated)).fix(cancel, 600_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded


@pytest.mark.usefixtures("quick_polls")
def test_a_service_that_says_nothing_can_be_left(flag):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cancel = flag(after=100)
        with pytest.raises(NothingPresentedError) as caught:
            Receiver(f"gpsd://127.0.0.1:{silent.getsockname()[1]}").fix(cancel, 600_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded


def test_nobody_there(tmp_path, flag):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for missing in (f"gpsd://127.0.0.1:{port}", str(tmp_path / "ttyNONE")):
        with pytest.raises(NotConnectedError):
            Receiver(missing).fix(flag(), 300)


def test_a_service_that_hangs_up(flag):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        receiver = Receiver(f"gpsd://127.0.0.1:{listener.getsockname()[1]}")

        # The client is accepted by the kernel; what we close is the line as it will be after its greeting.
        def hang_up():
            client, _ = listener.accept()
            client.recv(64)
            client.close()

        hanging = threading.Thread(target=hang_up)
        hanging.start()
        with pytest.raises(TransportBrokenError):
            receiver.fix(flag(), 60_000)
        hanging.join()
