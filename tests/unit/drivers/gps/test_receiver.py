from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.gps.receiver import MAX_LINE_BYTES, GpsdParser, Lines, Receiver
from drivers.simulators.gps import JIMBE, Gpsd, NmeaReceiver
from fieldkit.ports.devices import NotConnectedError, NothingPresentedError, TransportBrokenError

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["nmea", "gpsd"])
def simulated(request, tmp_path):
    receiver = NmeaReceiver(tmp_path, lambda: AT) if request.param == "nmea" else Gpsd(lambda: AT)
    yield receiver
    receiver.stop()


def address(simulated) -> str:
    return simulated.url if isinstance(simulated, Gpsd) else f"{simulated.address}#9600"


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


TPV = {
    "class": "TPV",
    "device": "/dev/ttyACM0",
    "mode": 3,
    "time": "2026-11-21T02:00:00.000Z",
    "lat": -8.09834,
    "lon": 112.16519,
    "altHAE": 177.4,
    "eph": 4.51,
}


def read(*reports: object):
    parser = GpsdParser()
    return [fix for report in reports for fix in parser.feed(json.dumps(report).encode() + b"\r\n")]


def test_a_position_among_other_reports():
    (fix,) = read({"class": "VERSION", "release": "3.22"}, {"class": "SKY", "satellites": []}, TPV)
    assert (fix.latitude, fix.longitude, fix.accuracy_m) == (-8.09834, 112.16519, 4.51)
    assert fix.at == datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def test_a_receiver_that_does_not_say_how_precise():
    (fix,) = read({key: value for key, value in TPV.items() if key != "eph"})
    assert fix.accuracy_m is None


@pytest.mark.parametrize(
    "change",
    [
        {"mode": 1},
        {"mode": "3"},
        {"lat": 98.0},
        {"lat": True},
        {"lat": None},
        {"lon": float("nan")},
        {"time": "yesterday"},
        {"time": "2026-11-21T02:00:00"},
        {"time": 7},
        {"eph": "near"},
    ],
)
def test_what_is_no_position_is_passed_over(change):
    assert len(read({**TPV, **change}, TPV)) == 1


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers())


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(st.dictionaries(st.sampled_from([*TPV, "other"]), values), st.binary(max_size=60))
def test_any_reports_are_survived(changes, noise):
    parser = GpsdParser()
    found = [*parser.feed(noise + b"\n"), *parser.feed(json.dumps({**TPV, **changes}).encode() + b"\n")]
    for fix in found:
        assert abs(fix.latitude) <= 90
        assert fix.at.tzinfo is UTC


def test_lines_come_whole_however_they_are_cut():
    lines = Lines()
    assert list(lines.feed(b"first\r\nsec")) == [b"first"]
    assert list(lines.feed(b"ond\n\nthi")) == [b"second", b""]
    assert list(lines.feed(b"rd\n")) == [b"third"]


def test_a_line_without_end_takes_no_memory_and_the_next_one_is_read():
    lines = Lines()
    for _ in range(50):
        assert list(lines.feed(b"x" * MAX_LINE_BYTES)) == []
        assert len(lines._begun) <= MAX_LINE_BYTES
    assert list(lines.feed(b"x" * (MAX_LINE_BYTES + 1) + b"\nnext\n")) == [b"next"]
