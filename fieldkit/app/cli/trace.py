"""The command that tests every device and records what passes on its line: the proof of whoever has a device."""

from __future__ import annotations

import platform
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from fieldkit import VERSION
from fieldkit.app.cli.options import HomeOption, NeverCancelled, home_at, new_private
from fieldkit.app.cli.self_test import name_of, show_verdicts, tested_devices
from fieldkit.app.cli.speech import say
from fieldkit.domain.errors import Problem
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.devices import DeviceError, DeviceState, DeviceStatus
from fieldkit.ports.repositories import CardReader
from fieldkit.services.devices import DeviceVerdict, SelfTest

if TYPE_CHECKING:
    from drivers.trace import Recorder
    from fieldkit.app.bootstrap.devices import Addresses, KitDevices

CARD_MS = 1_000


@dataclass(frozen=True, slots=True)
class HeldClock:
    """A `Clock` that stands still for the test of one device: a replay asks at the same moment."""

    clock: Clock
    at: datetime

    def now(self) -> datetime:
        """Return the moment at which it was stopped."""
        return self.at

    def today(self) -> date:
        """Return the day of that moment."""
        return self.local(self.at).date()

    def local(self, at: datetime) -> datetime:
        """Return a moment with the wall clock of the dinas."""
        return self.clock.local(at)


@dataclass(frozen=True, slots=True)
class _ToldIds:
    """`Ids` that tell each id they give."""

    ids: Ids
    tell: Callable[..., None]

    def new(self) -> str:
        given = self.ids.new()
        self.tell("id", id=given)
        return given


def trace_devices(
    out: Annotated[Path, typer.Option("--out", help="File for the trace; it must not be there yet.")],
    with_payloads: Annotated[
        bool, typer.Option("--with-payloads", help="Keep prints, pictures, ink and what chips hold, too.")
    ] = False,
    home: HomeOption = None,
    is_simulated: Annotated[
        bool, typer.Option("--simulated", help="Start every simulated device and record those.")
    ] = False,
) -> None:
    """Test each device, read the card that lies on a reader, and record what passes on the lines meanwhile.

    Exit code 3 when a device does not do its part. docs/devices.md describes the file.
    """
    place = home_at(home)
    with ExitStack() as stack:
        addresses, trust, _ = stack.enter_context(tested_devices(place, is_simulated=is_simulated))
        file = stack.enter_context(new_private(out))
        verdicts, lines = record(file, addresses, trust, place.clock(), with_payloads=with_payloads)
    show_verdicts(verdicts)
    say("cli.traced_payloads" if with_payloads else "cli.traced", file=str(out))
    tried = (each for each in verdicts if each.status.state in (DeviceState.READY, DeviceState.BUSY))
    unseen = [name_of(verdict) for verdict in tried if verdict.status.address.partition("#")[0] not in lines]
    if unseen:
        say("cli.traced_not", devices=", ".join(unseen))
    if not all(verdict.is_ok for verdict in verdicts):
        raise typer.Exit(3)


def record(
    file: BinaryIO, addresses: Addresses, trust: Path, clock: Clock, *, with_payloads: bool
) -> tuple[list[DeviceVerdict], set[str]]:
    """Record the tests of the devices into a file; return how they went and on which lines something passed.

    Where addresses are of simulators, only those are tested. Raise `InputError`, `OSError`.
    """
    from drivers.trace import Recorder, recording
    from fieldkit.app.bootstrap.clock import UuidV7
    from fieldkit.app.bootstrap.devices import connect_devices

    recorder = Recorder(file, _header(trust, clock), keeps_payloads=with_payloads)
    with recording(recorder):
        connected = connect_devices(trust, clock, addresses, is_watching=False)
        try:
            found = [s for s in connected.registry.scan() if s.is_simulated or not addresses.simulated]
            verdicts = _record_tests(connected, found, clock, UuidV7(clock), recorder)
        finally:
            connected.close()
        recorder.end()
    return verdicts, recorder.lines


def _header(trust: Path, clock: Clock) -> dict[str, object]:
    from fieldkit.vault.device_trust import pinned_pem

    return {
        "program": VERSION,
        "system": platform.platform(),
        "started_at": clock.now().isoformat(),
        "trust": pinned_pem(trust),
    }


def _record_tests(
    connected: KitDevices, found: list[DeviceStatus], clock: Clock, ids: Ids, recorder: Recorder
) -> list[DeviceVerdict]:
    verdicts = []
    for number, status in enumerate(found):
        tell = partial(recorder.note_test, status.address, device=number)
        tell("scanned", **scanned(status))
        held = HeldClock(clock, clock.now())
        tell("test", at=held.at.isoformat())
        verdict = try_device(connected, status, held, _ToldIds(ids, tell))
        tell("verdict", ok=verdict.is_ok, code=verdict.detail.code if verdict.detail else "", took_ms=verdict.ms)
        verdicts.append(verdict)
    return verdicts


def scanned(status: DeviceStatus) -> dict[str, object]:
    """Return what a scan said of a device."""
    who = status.identity
    return {
        "driver": status.driver,
        "kind": status.kind.value,
        "address": status.address,
        "state": status.state.value,
        "vendor": who.vendor if who else "",
        "model": who.model if who else "",
        "serial": who.serial if who else "",
        "detail": status.detail,
    }


def try_device(connected: KitDevices, status: DeviceStatus, clock: Clock, ids: Ids) -> DeviceVerdict:
    """Test a device; the chip of a KTP-el that lies on a reader is read too."""
    verdict = SelfTest(connected.registry, clock, ids).run(status, NeverCancelled())
    device = connected.registry.device(status) if verdict.is_ok and verdict.detail is None else None
    if not isinstance(device, CardReader):
        return verdict
    try:
        device.open(NeverCancelled())
        connected.chip.read(device, device.wait_for_card(NeverCancelled(), CARD_MS))
    except DeviceError as error:
        return DeviceVerdict(status, False, verdict.ms, Problem(error.code, dict(error.problem.params)))
    finally:
        device.close()
    return verdict
