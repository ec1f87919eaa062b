from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.gps.gpsd import GpsdParser

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
