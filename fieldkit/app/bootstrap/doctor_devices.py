"""What is wrong with the devices of a kit: drivers, permissions, services, providers; each in its driver's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import KnownError, Problem
from fieldkit.ports.devices import DeviceState, DeviceStatus
from fieldkit.ports.laptop_check import Finding

_FINE = (DeviceState.READY, DeviceState.BUSY)


def examine_devices(home: Home, seen: Sequence[DeviceStatus] | None = None) -> Iterator[Finding]:
    """Yield a line for each device in trouble, one line where all is well; scan unless somebody just did."""
    try:
        found = look_around(home) if seen is None else seen
    except KnownError as error:  # devices.toml, or a certificate in trust/ that cannot be read
        yield Finding("devices", error.problem, error.code, is_needed=False)
        return
    troubled = [status for status in found if status.state not in _FINE and status.detail]
    for status in troubled:
        yield Finding("devices", Problem(status.detail, status.params), _named(status), is_needed=False)
    if not troubled:
        yield Finding("devices", None, str(sum(status.state in _FINE for status in found)), is_needed=False)


def look_around(home: Home) -> Sequence[DeviceStatus]:
    """Ask every driver once what it sees. Raise `InputError`."""
    from fieldkit.app.bootstrap.devices import addresses_of, connect_devices

    connected = connect_devices(home.trust, home.clock(), addresses_of(home), is_watching=False)
    try:
        return connected.registry.scan()
    finally:
        connected.close()


def _named(status: DeviceStatus) -> str:
    who = status.identity
    return f"{who.vendor} {who.model}" if who is not None else f"{status.driver} {status.address}".strip()
