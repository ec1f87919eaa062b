"""Asking a service which devices it has, in whichever dialect it speaks."""

from __future__ import annotations

from drivers.sbi.dialect import DIALECTS, Dialect
from drivers.sbi.protocol import Discovered, discovery_request, parse_discovery
from drivers.sbi.transport import MAX_INFO_BYTES, exchange
from fieldkit.ports.devices import DeviceError, ProtocolError, TransportBrokenError


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
