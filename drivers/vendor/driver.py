"""The adapters that `devices.toml` names: `[vendor.NAME]` with the command that starts one."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.context import DriverContext
from drivers.vendor.device import VendorDevice
from drivers.vendor.host import VendorHost
from drivers.vendor.messages import PPI, Listed
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus, NotConnectedError


class VendorDriver:
    """One adapter a name; it searches for nothing by itself."""

    name = "vendor"

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self._hosts = {name: VendorHost(name, command, context.monotonic) for name, command in context.commands.items()}

    def scan(self) -> Sequence[DeviceStatus]:
        """List what each adapter lists; an adapter that fails is a line with the reason."""
        return [status for host in self._hosts.values() for status in self._statuses(host)]

    def connect(self, status: DeviceStatus) -> VendorDevice:
        """Return the device behind a status."""
        name, _, device_id = status.address.partition("/")
        host = self._hosts[name]
        listed = next((d for d in host.look().devices if d.device_id == device_id), None)
        if listed is None:
            raise NotConnectedError("device.not_connected", address=status.address)
        return VendorDevice(host, listed, self._context)

    def close(self) -> None:
        """End every adapter."""
        for host in self._hosts.values():
            host.close()

    def _statuses(self, host: VendorHost) -> Sequence[DeviceStatus]:
        seen = host.look()
        detail, params = (seen.problem.code, dict(seen.problem.params)) if seen.problem else ("", {})
        if not seen.devices:
            state = seen.state if seen.problem else DeviceState.ABSENT
            told = "device.vendor.waited_for" if host.is_waiting else "device.vendor.none"
            unknown = detail or told, params or {"name": host.name}
            return [DeviceStatus(self.name, host.name, DeviceKind.FINGERPRINT, state, None, *unknown)]
        return [self._status(host, listed, seen.state, detail, params) for listed in seen.devices]

    def _status(
        self, host: VendorHost, listed: Listed, state: DeviceState, detail: str, params: dict[str, str | int]
    ) -> DeviceStatus:
        address = f"{host.name}/{listed.device_id}"
        if not detail:
            state = listed.state
        if not detail and state is DeviceState.ABSENT:
            detail, params = "device.not_connected", {"address": address}
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=listed.kind,
            state=state,
            identity=listed.identity,
            detail=detail,
            params=params,
            is_simulated=host.name in self._context.simulated,
            may_enrol=listed.kind is not DeviceKind.FINGERPRINT or listed.ppi in PPI,
        )
