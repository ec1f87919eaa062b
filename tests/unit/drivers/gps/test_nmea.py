from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.gps.receiver import NmeaParser, checksum

# Sentences as receivers of two makers print them in their manuals, with the day changed.
GGA = b"$GPGGA,092725.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,*5B\r\n"


def sentence(body: str) -> bytes:
    return f"${body}*{checksum(body.encode()):02X}\r\n".encode()


RMC = sentence("GNRMC,020000.00,A,0805.90040,S,11209.91140,E,0.004,77.52,211126,,,A,V")


def read(*parts: bytes):
    parser = NmeaParser()
    return [fix for part in parts for fix in parser.feed(part)]


def test_a_manuals_checksum_is_ours():
    assert checksum(GGA[1:-5]) == 0x5B


def test_a_position_with_its_precision():
    (fix,) = read(GGA, RMC)
    assert (round(fix.latitude, 5), round(fix.longitude, 5)) == (-8.09834, 112.16519)
    assert fix.at == datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    assert fix.accuracy_m == pytest.approx(5.05)


def test_without_gga_the_precision_is_not_known():
    (fix,) = read(RMC[:20], RMC[20:])
    assert fix.accuracy_m is None


@pytest.mark.parametrize(
    "line",
    [
        sentence("GNRMC,020000.00,V,0805.90040,S,11209.91140,E,0.004,77.52,211126,,,N"),  # no satellites
        sentence("GNRMC,020000.00,A,0805.90040,S,11209.91140,E,0.004,77.52,211126,,,E"),  # guessed
        sentence("GNRMC,020000.00,A,9805.90040,S,11209.91140,E,,,211126,,,A"),
        sentence("GNRMC,020000.00,A,0865.90040,S,11209.91140,E,,,211126,,,A"),
        sentence("GNRMC,020000.00,A,0805.90040,X,11209.91140,E,,,211126,,,A"),
        sentence("GNRMC,020000.00,A,0805.90040,S,11209.91140,E,,,311126,,,A"),
        sentence("GNRMC,A"),
        RMC.replace(b"0805", b"0905"),  # the checksum does not hold
        RMC.replace(b"*", b""),
        b"\xff" * 40 + b"\n",
    ],
)
def test_what_is_no_position_is_passed_over(line):
    assert len(read(line, RMC)) == 1


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(st.lists(st.binary(max_size=80) | st.text(alphabet="0123456789.,NSEWAV-", max_size=60), max_size=6))
def test_any_bytes_are_survived(parts):
    whole = [part if isinstance(part, bytes) else sentence("GPRMC," + part) for part in parts]
    for fix in read(*whole):
        assert -90 <= fix.latitude <= 90
        assert -180 <= fix.longitude <= 180
