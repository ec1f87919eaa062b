"""What a kit has beside the devices of the list, tried out: receipt printer, satellite receiver, SAM."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldkit.app.cli.quiet import NeverCancelled
from fieldkit.app.cli.speech import messages
from fieldkit.domain.errors import KnownError, Problem
from fieldkit.ports.devices import DeviceState
from fieldkit.ports.receipts import Receipt, ReceiptLine

if TYPE_CHECKING:
    from fieldkit.app.bootstrap.devices import Addresses
    from fieldkit.app.bootstrap.home import Home
    from fieldkit.ports.sam import Sam

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
    from fieldkit.app.bootstrap.device_file import GPS, NAME, read_device_file

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
