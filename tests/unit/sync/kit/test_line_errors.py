from __future__ import annotations

import socket
import ssl

import h11
import httpx2
import pytest

from sync.kit.line_errors import DialError, code_of
from sync.kit.pipeline import LineEndedError


def distrusted(verify_code: int) -> DialError:
    cause = ssl.SSLCertVerificationError("no")
    cause.verify_code = verify_code
    return because(cause)


def because(cause: OSError) -> DialError:
    error = DialError()
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError(), "sync.stalled"),
        (because(ConnectionRefusedError()), "sync.unreachable"),
        (because(TimeoutError()), "sync.unreachable"),
        (because(socket.gaierror(socket.EAI_NONAME, "no")), "sync.name_unknown"),
        (because(socket.gaierror(socket.EAI_AGAIN, "no")), "sync.unreachable"),
        (distrusted(10), "sync.clock_or_certificate"),
        (distrusted(62), "sync.name_not_certified"),
        (distrusted(64), "sync.name_not_certified"),
        (distrusted(18), "sync.untrusted_server"),
        (httpx2.InvalidURL("http://["), "sync.address_wrong"),
        (h11.RemoteProtocolError("no HTTP"), "sync.connection_lost"),
        (LineEndedError(), "sync.connection_lost"),
        (ConnectionResetError(), "sync.connection_lost"),
        (UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"), "sync.nonsense"),
    ],
)
def test_every_failure_of_the_line_has_its_code(error: Exception, code: str) -> None:
    assert code_of(error) == code
