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


def code_of(error: Exception) -> str:
    """Return the code of what broke a request, or of what nobody could have asked."""
    if isinstance(error, (httpx2.ReadTimeout, httpx2.WriteTimeout)):
        return "sync.stalled"
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        reason = _reason(error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            return _OF_CERTIFICATES.get(reason.verify_code, "sync.untrusted_server")
        # Without any network the same question ends otherwise (EAI_AGAIN).
        is_unknown = reason is not None and reason.errno == socket.EAI_NONAME
        return "sync.name_unknown" if is_unknown else "sync.unreachable"
    if isinstance(error, (httpx2.InvalidURL, httpx2.UnsupportedProtocol)):
        return "sync.address_wrong"
    return "sync.nonsense" if isinstance(error, ValueError) else "sync.connection_lost"


def _reason(error: BaseException | None) -> ssl.SSLCertVerificationError | socket.gaierror | None:
    while error is not None:
        if isinstance(error, (ssl.SSLCertVerificationError, socket.gaierror)):
            return error
        error = error.__cause__ or error.__context__
    return None
