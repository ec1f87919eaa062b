"""What a failure of the line is called: by the code of its message."""

from __future__ import annotations

import socket
import ssl

import httpx2

# Of X509_V_ERR: CERT_NOT_YET_VALID, CERT_HAS_EXPIRED (by this laptop's clock); HOSTNAME_MISMATCH, IP_ADDRESS_MISMATCH.
_OF_CERTIFICATES = {
    9: "sync.clock_or_certificate",
    10: "sync.clock_or_certificate",
    62: "sync.name_not_certified",
    64: "sync.name_not_certified",
}


class DialError(Exception):
    """Nobody was reached; the cause is the system's or TLS's."""


def code_of(error: Exception) -> str:
    """Return the code of what broke a request, or of what nobody could have asked."""
    if isinstance(error, DialError):
        reason = error.__cause__
        if isinstance(reason, ssl.SSLCertVerificationError):
            return _OF_CERTIFICATES.get(reason.verify_code, "sync.untrusted_server")
        # Without any network the same question ends otherwise (EAI_AGAIN).
        is_unknown = isinstance(reason, socket.gaierror) and reason.errno == socket.EAI_NONAME
        return "sync.name_unknown" if is_unknown else "sync.unreachable"
    if isinstance(error, TimeoutError):
        return "sync.stalled"
    if isinstance(error, httpx2.InvalidURL):
        return "sync.address_wrong"
    return "sync.nonsense" if isinstance(error, ValueError) else "sync.connection_lost"
