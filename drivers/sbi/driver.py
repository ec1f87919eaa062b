"""Finds services on this laptop's ports 4501–4600 and at the addresses given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from drivers.context import DriverContext
from drivers.sbi.device import INFO_TIMEOUT_S, KINDS, Asking, SbiDevice, discover, signed_info
from drivers.sbi.protocol import V0_9_5, Dialect, Found
from drivers.sbi.transport import listening_ports, open_ports
from drivers.transport import split_url
from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.devices import (
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotConnectedError,
    ProtocolError,
    TimedOutError,
)

PORTS = range(4501, 4601)
ANSWER_WITHIN_S = 5.0
_MODALITIES = {kind: modality for modality, kind in KINDS.items()}
_DETAILS = {DeviceState.NOT_READY: "device.sbi.110", DeviceState.NOT_REGISTERED: "device.sbi.100"}


class SbiDriver:
    """Services of the Secure Biometric Interface; one service may offer several devices."""

    name = "sbi"

    def __init__(self, context: DriverContext, ports: Iterable[int] = PORTS) -> None:
        self._context = context
        self._ports = tuple(ports)
        self._asking = Asking(self._statuses)
        self._dialects: dict[str, Dialect] = {}  # in which dialect each service answered last
        self._found: dict[tuple[str, DeviceKind, str], Found] = {}
        self._proven: set[tuple[str, DeviceKind, str]] = set()  # what is signed is asked for once, not at every scan
        # Those of other drivers, such as a port on USB, are no URLs.
        own = {*context.simulated} & {*context.given(self.name)}
        self._simulated = context.simulated | {base_url(address) for address in own}
        self._given: list[str] = []
        self._wrong: list[DeviceStatus] = []  # addresses that cannot be
        for address in context.given(self.name):
            try:
                self._given.append(base_url(address))
            except InputError as error:
                self._wrong.append(self._line(address, DeviceState.NOT_READY, error))

    def scan(self) -> Sequence[DeviceStatus]:
        """List the devices of all services that answer."""
        searched = []
        if self._context.may_search(self.name):
            searched = [u for p in open_ports(self._ports) if (u := f"http://127.0.0.1:{p}") not in self._given]
        answers = self._asking.answers((*self._given, *searched), self._context.wait_s)
        return [
            *(s for url, (last, is_new) in answers.items() for s in self._lines(url, last or [], is_new=is_new)),
            *self._wrong,
        ]

    def glance(self) -> frozenset[tuple[int, bytes]] | None:
        """Return who listens where services of this laptop are looked for.

        None where the system does not tell, a service is elsewhere, or a simulator's devices come and go unheard.
        """
        given = [urlsplit(url) for url in self._given]
        listening = listening_ports()
        if listening is None or self._simulated or any(url.hostname != "127.0.0.1" for url in given):
            return None
        ports = {*(url.port for url in given), *(self._ports if self._context.may_search(self.name) else ())}
        return frozenset(each for each in listening.items() if each[0] in ports)

    def connect(self, status: DeviceStatus) -> SbiDevice:
        """Return the device behind a status; one remembered from another day is looked up when opened."""
        if status.identity is None or status.kind not in _MODALITIES:
            raise NotConnectedError("device.not_connected", address=status.address)
        found = self._found.get((status.address, status.kind, status.identity.serial)) or Found(
            modality=_MODALITIES[status.kind],
            identity=status.identity,
            state=status.state,
            dialect=V0_9_5,
            spec_version=V0_9_5.name,
            device_id="",
            sub_type="",
            sub_ids=(),
            callback="",
        )
        return SbiDevice(status.address, found, self._context.verifier, self._context.monotonic)

    def _lines(self, url: str, last: list[DeviceStatus], *, is_new: bool) -> list[DeviceStatus]:
        """Return what to show of a service: its answer of now, or why there is none yet."""
        if is_new:
            return last
        if any(status.identity for status in last):
            return self._failed(url, TimedOutError("device.timed_out", address=url))
        asked = DeviceError("device.sbi.asked", address=url, seconds=round(ANSWER_WITHIN_S))
        return last or [self._line(url, DeviceState.NOT_READY, asked)]

    async def _statuses(self, url: str) -> list[DeviceStatus]:
        try:
            answer = await discover(url, self._dialects.get(url, V0_9_5), ANSWER_WITHIN_S)
        except DeviceError as error:
            return self._failed(url, error)
        # A scanner that takes whole slaps comes before one for single fingers at the same service.
        devices = sorted(answer.devices, key=lambda found: found.is_single)
        mistakes = [self._line(url, DeviceState.NOT_READY, error) for error in answer.mistakes]
        return [*[await self._judged(url, found) for found in devices], *mistakes]

    async def _judged(self, url: str, found: Found) -> DeviceStatus:
        """Return the line of a device; one that does not prove its provider is not ready, whatever it says."""
        status, who = self._status(url, found), (url, KINDS[found.modality], found.identity.serial)
        if status.state not in (DeviceState.READY, DeviceState.BUSY) or who in self._proven:
            return status
        try:
            await signed_info(url, found, self._context.verifier, INFO_TIMEOUT_S)
        except DeviceError as error:
            params = dict(error.problem.params)
            return replace(status, state=DeviceState.NOT_READY, detail=error.code, params=params)
        self._proven.add(who)
        return status

    def _failed(self, url: str, error: DeviceError) -> list[DeviceStatus]:
        """Say what is wrong with a service: for each device seen there before, or for the address alone.

        What listens in the range and answers in another language is somebody else's and not spoken of.
        """
        seen = {kind: found.identity for (at, kind, _), found in tuple(self._found.items()) if at == url}
        if isinstance(error, TimedOutError):
            if seen:  # plain services do one thing at a time
                return [
                    replace(self._line(url, self._while_silent(url, k, who), error), kind=k, identity=who)
                    for k, who in seen.items()
                ]
            silent = DeviceError("device.sbi.silent", address=url, seconds=round(ANSWER_WITHIN_S))
            return [self._line(url, DeviceState.NOT_READY, silent)]
        if url not in self._given:
            return []
        line = self._line(url, DeviceState.NOT_READY if isinstance(error, ProtocolError) else DeviceState.ABSENT, error)
        return [replace(line, kind=kind, identity=seen.get(kind)) for kind in seen or (DeviceKind.FINGERPRINT,)]

    def _while_silent(self, url: str, kind: DeviceKind, who: DeviceIdentity) -> DeviceState:
        return DeviceState.BUSY if (url, kind, who.serial) in self._proven else DeviceState.NOT_READY

    def _line(self, address: str, state: DeviceState, error: KnownError) -> DeviceStatus:
        params = dict(error.problem.params)
        return DeviceStatus(self.name, address, DeviceKind.FINGERPRINT, state, None, error.code, params)

    def _status(self, url: str, found: Found) -> DeviceStatus:
        kind = KINDS[found.modality]
        self._dialects[url] = found.dialect
        self._found[url, kind, found.identity.serial] = found
        return DeviceStatus(
            driver=self.name,
            address=url,
            kind=kind,
            state=found.state,
            identity=found.identity,
            detail=_DETAILS.get(found.state, ""),
            is_simulated=url in self._simulated,
        )


def base_url(address: str) -> str:
    """Return scheme, host and port of an address; `localhost` becomes 127.0.0.1, where services listen.

    Raise `InputError("device.address")` for another scheme, and for a host or port that cannot be.
    """
    parts = split_url(address if "//" in address else f"http://{address}")
    if parts.scheme != "http":
        raise InputError("device.address", address=address, reason=parts.scheme)
    host = "127.0.0.1" if parts.hostname in (None, "localhost") else parts.hostname
    return f"http://{f'[{host}]' if ':' in host else host}:{parts.port or PORTS[0]}"
