"""Asking a service which devices it has, in whichever dialect it speaks."""

from __future__ import annotations

from urllib.parse import urlsplit

from drivers.sbi.dialect import DIALECTS, Dialect
from drivers.sbi.plan import TYPES
from drivers.sbi.protocol import Discovered, Found, Signed, discovery_request, parse_discovery, parse_info
from drivers.sbi.transport import MAX_INFO_BYTES, exchange
from fieldkit.ports.devices import DeviceError, ProtocolError, SampleVerifier, TransportBrokenError


async def discover(url: str, first: Dialect, timeout_s: float) -> Discovered:
    """Return the devices of a service, asked in the dialect `first` and then in the others.

    Raise the `DeviceError` of the first dialect when none is understood.
    """
    first_error: DeviceError | None = None
    for dialect in (first, *(d for d in DIALECTS if d is not first)):
        request = discovery_request(dialect)
        try:
            body = await exchange(
                url, dialect.discovery_verb, "/device", request, timeout_s=timeout_s, limit=MAX_INFO_BYTES
            )
            answer = parse_discovery(body, dialect)
        except (ProtocolError, TransportBrokenError) as error:  # a verb it does not know: refused or hung up
            first_error = first_error or error
            continue
        if answer.devices:
            return answer
        first_error = first_error or next(iter(answer.mistakes), None)
    if first_error is not None:
        raise first_error
    return Discovered(())


async def signed_info(url: str, found: Found, verifier: SampleVerifier, timeout_s: float) -> Signed:
    """Return what a device signs about itself. Raise the `DeviceError` of a device that is not trusted, too."""
    base_url, request = callback_url(url, found.callback), discovery_request(found.dialect, TYPES[found.modality])
    verb = found.dialect.info_verb
    body = await exchange(base_url, verb, "/info", request, timeout_s=timeout_s, limit=MAX_INFO_BYTES)
    return parse_info(body, found, verifier)


def callback_url(base_url: str, callback: str) -> str:
    """Return the base URL for later requests. Raise `ProtocolError` when a reply points away from this laptop."""
    if not callback:
        return base_url
    try:
        target = urlsplit(callback if "//" in callback else f"//{callback}")
        host, port = target.hostname, target.port
    except ValueError as error:
        raise ProtocolError("device.sbi.callback", url=callback[:80]) from error
    if target.scheme not in ("", "http") or host not in ("127.0.0.1", "localhost", urlsplit(base_url).hostname):
        raise ProtocolError("device.sbi.callback", url=callback[:80])
    # "localhost" may resolve to ::1, where services do not listen.
    host = "127.0.0.1" if host == "localhost" else host
    host = f"[{host}]" if host and ":" in host else host
    return f"http://{host}:{port or urlsplit(base_url).port or 80}{target.path.rstrip('/')}"
