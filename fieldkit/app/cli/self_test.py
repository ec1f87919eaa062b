"""The command that tries every device out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import HomeOption, JsonOption, NeverCancelled, PassphraseOption, home_at
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.errors import KnownError, Problem
from fieldkit.ports.delivery import Receipt, ReceiptLine
from fieldkit.ports.devices import DeviceState
from fieldkit.services.devices import DeviceVerdict

if TYPE_CHECKING:
    from fieldkit.app.bootstrap.devices import Addresses
    from fieldkit.app.bootstrap.home import Home
    from fieldkit.ports.vault import Sam


# What a kit has beside the devices of the list, tried out: receipt printer, satellite receiver, SAM.

FIX_MS = 3_000


@dataclass(frozen=True, slots=True)
class Beside:
    """Where they are, "" for none."""

    printer: str = ""
    receiver: str = ""


@dataclass(frozen=True, slots=True)
class SideVerdict:
    """How one of them did."""

    kind: str
    driver: str
    name: str
    ms: int
    detail: Problem | None

    @property
    def is_ok(self) -> bool:
        """Whether it did its part."""
        return self.detail is None


def beside_of(home: Home) -> Beside:
    """Return what this kit names: the printer of its environment, the receiver of its devices.toml."""
    from fieldkit.app.bootstrap.devices import GPS, NAME, read_device_file

    told = read_device_file(home.path / NAME).get(GPS)
    return Beside(os.environ.get("FIELDKIT_RECEIPT_PRINTER", ""), next(iter(told.addresses), "") if told else "")


def has_sam(addresses: Addresses) -> bool:
    """Return whether a kit names the slot of a SAM."""
    return any("#sam" in address for address in addresses.given.get("pcsc", ()))


def try_beside(beside: Beside, sam: Sam | None) -> list[SideVerdict]:
    """Print a slip, wait for a position, open the SAM: whatever of it there is."""
    from drivers.escpos.printer import EscPosPrinter
    from drivers.gps import whereabouts

    never, tried = NeverCancelled(), []
    if beside.printer:
        slip = Receipt((ReceiptLine(messages().text("cli.devices_slip"), is_centred=True),), "FIELDKIT")
        printer = EscPosPrinter(beside.printer)
        tried.append(_tried("receipt_printer", "escpos", beside.printer, lambda: printer.print_receipt(slip)))
    if beside.receiver:
        receiver = whereabouts((beside.receiver,))
        tried.append(_tried("receiver", "gps", beside.receiver, lambda: receiver.fix(never, FIX_MS)))
    if sam is not None:
        tried.append(_tried("sam", "pcsc", "SAM", lambda: sam.open(never)))
        sam.close()
    return tried


def side_as_json(verdict: SideVerdict) -> dict[str, Any]:
    """Return the fields of a verdict, as those of devices."""
    return {
        "device": verdict.name,
        "driver": verdict.driver,
        "kind": verdict.kind,
        "state": _state(verdict),
        "ok": verdict.is_ok,
        "ms": verdict.ms,
        "detail": _detail(verdict),
    }


def side_row(verdict: SideVerdict) -> tuple[str, ...]:
    """Return the columns of a verdict, as those of devices."""
    said = messages()
    return (
        said.text(f"device_kind.{verdict.kind}"),
        verdict.name,
        said.text(f"device_state.{_state(verdict)}"),
        said.text("cli.devices_ok" if verdict.is_ok else "common.failed"),
        str(verdict.ms),
        _detail(verdict),
    )


def _tried(kind: str, driver: str, name: str, act: Callable[[], object]) -> SideVerdict:
    started, detail = time.monotonic(), None
    try:
        act()
    except KnownError as error:
        detail = error.problem
    return SideVerdict(kind, driver, name, max(1, round((time.monotonic() - started) * 1000)), detail)


def _state(verdict: SideVerdict) -> str:
    return (DeviceState.READY if verdict.is_ok else DeviceState.NOT_READY).value


def _detail(verdict: SideVerdict) -> str:
    if verdict.detail is None:
        return ""
    text = messages().problem(verdict.detail)
    return " ".join(part for part in (text.what, text.do) if part)


def try_devices(
    home: HomeOption = None,
    is_simulated: Annotated[
        bool, typer.Option("--simulated", help="Start every simulated device and test those.")
    ] = False,
    user: Annotated[str, typer.Option("--user", help="Fill the sarpras lists of this kit as this user.")] = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Open, identify, capture live and close each device; exit code 3 when one does not do its part.

    With `--user` the results also fill the lines of the sarpras lists that are open, or open later that day.
    """
    from fieldkit.app.bootstrap.clock import UuidV7
    from fieldkit.app.bootstrap.devices import connect_devices
    from fieldkit.services.devices import SelfTest

    place = home_at(home)
    clock = place.clock()
    with ExitStack() as stack:
        addresses, trust, beside = stack.enter_context(tested_devices(place, is_simulated=is_simulated))
        connected = connect_devices(trust, clock, addresses, is_watching=False)
        stack.callback(connected.close)
        tested = SelfTest(connected.registry, clock, UuidV7(clock))
        found = [status for status in connected.registry.scan() if status.is_simulated or not is_simulated]
        verdicts = [tested.run(status, NeverCancelled()) for status in found]
        sides = try_beside(beside, connected.sam if has_sam(addresses) else None)
    if user:
        with opened_context(place, user, passphrase_file) as context:
            context.office.sarpras.tests.keep(verdicts)
    if json:
        show_json([*map(_as_json, verdicts), *map(side_as_json, sides)])
    else:
        show_verdicts(verdicts, sides)
        untried = sorted(_drivers() - {verdict.status.driver for verdict in verdicts})
        if is_simulated and untried:
            say("cli.devices_untried", drivers=", ".join(untried))
    if not (all(verdict.is_ok for verdict in verdicts) and all(side.is_ok for side in sides)):
        raise typer.Exit(3)


@contextmanager
def tested_devices(place: Home, *, is_simulated: bool) -> Iterator[tuple[Addresses, Path, Beside]]:
    """Give addresses, trusted providers and what is beside: of this kit, or of the simulators, which run meanwhile."""
    from fieldkit.app.bootstrap.devices import addresses_of

    if not is_simulated:
        yield addresses_of(place), place.trust, beside_of(place)
        return
    from fieldkit.app.demo.bench import simulated_bench

    with simulated_bench() as bench:
        yield bench.addresses, bench.trust, Beside(bench.printer, bench.receiver)


def show_verdicts(verdicts: Iterable[DeviceVerdict], sides: Iterable[SideVerdict] = ()) -> None:
    """Show how the tests went as a table."""
    said = messages()
    columns = [said.text(f"cli.devices_{name}") for name in ("kind", "who", "state", "verdict", "ms", "remedy")]
    show_table(said.text("cli.devices_tested"), columns, [*map(_row, verdicts), *map(side_row, sides)])


def _drivers() -> set[str]:
    from drivers.registry import GROUP

    return {entry.name for entry in entry_points(group=GROUP)}


def _as_json(verdict: DeviceVerdict) -> dict[str, Any]:
    status = verdict.status
    return {
        "device": name_of(verdict),
        "driver": status.driver,
        "kind": status.kind.value,
        "state": status.state.value,
        "ok": verdict.is_ok,
        "ms": verdict.ms,
        "detail": _test_detail(verdict),
    }


def _row(verdict: DeviceVerdict) -> tuple[str, ...]:
    said, status = messages(), verdict.status
    return (
        said.text(f"device_kind.{status.kind.value}"),
        name_of(verdict),
        said.text(f"device_state.{status.state.value}"),
        said.text("cli.devices_ok" if verdict.is_ok else "common.failed"),
        str(verdict.ms),
        _test_detail(verdict),
    )


def name_of(verdict: DeviceVerdict) -> str:
    """Return how a tested device is called."""
    who, status = verdict.status.identity, verdict.status
    return f"{who.vendor} {who.model} {who.serial}" if who else f"{status.driver} {status.address}".strip()


def _test_detail(verdict: DeviceVerdict) -> str:
    if verdict.detail is None:
        return ""
    text = messages().problem(verdict.detail)
    return " ".join(part for part in (text.what, text.do) if part)
