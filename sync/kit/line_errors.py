"""What a failure of the line is called: by the code of its message."""

from __future__ import annotations

import ssl

import httpx2

_NOT_IN_TIME = (9, 10)  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED: by this laptop's clock


def code_of(error: Exception) -> str:
    """Return the code of what broke a request, or of what nobody could have asked."""
    if isinstance(error, (httpx2.ReadTimeout, httpx2.WriteTimeout)):
        return "sync.stalled"
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        distrust = _distrust(error)
        if distrust is None:
            return "sync.unreachable"
        return "sync.clock_or_certificate" if distrust.verify_code in _NOT_IN_TIME else "sync.untrusted_server"
    if isinstance(error, (httpx2.InvalidURL, httpx2.UnsupportedProtocol)):
        return "sync.address_wrong"
    return "sync.nonsense" if isinstance(error, ValueError) else "sync.connection_lost"


def _distrust(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
