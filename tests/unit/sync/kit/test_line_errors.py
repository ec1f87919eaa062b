from __future__ import annotations

import socket
import ssl

import httpx2
import pytest

from sync.kit.line_errors import code_of


def distrusted(verify_code: int) -> httpx2.ConnectError:
    cause = ssl.SSLCertVerificationError("no")
    cause.verify_code = verify_code
    return because(cause)


def because(cause: OSError) -> httpx2.ConnectError:
    error = httpx2.ConnectError("no")
    error.__cause__ = OSError()
    error.__cause__.__context__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx2.ReadTimeout("late"), "sync.stalled"),
        (httpx2.WriteTimeout("late"), "sync.stalled"),
        (httpx2.ConnectError("nobody"), "sync.unreachable"),
        (httpx2.ConnectTimeout("late"), "sync.unreachable"),
        (because(socket.gaierror(socket.EAI_NONAME, "no")), "sync.name_unknown"),
        (because(socket.gaierror(socket.EAI_AGAIN, "no")), "sync.unreachable"),
        (distrusted(10), "sync.clock_or_certificate"),
        (distrusted(62), "sync.name_not_certified"),
        (distrusted(64), "sync.name_not_certified"),
        (distrusted(18), "sync.untrusted_server"),
        (httpx2.InvalidURL("http://["), "sync.address_wrong"),
        (httpx2.ReadError("cut"), "sync.connection_lost"),
        (ConnectionResetError(), "sync.connection_lost"),
        (UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"), "sync.nonsense"),
    ],
)
def test_every_failure_of_the_line_has_its_code(error: Exception, code: str) -> None:
    assert code_of(error) == code
