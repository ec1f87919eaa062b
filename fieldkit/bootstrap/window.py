"""The program in a window, for a kit."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from fieldkit.bootstrap.catalogue import FieldCatalogues
from fieldkit.bootstrap.devices import addresses_of, connect_devices
from fieldkit.bootstrap.home import Home
from fieldkit.bootstrap.kit import LockedKit
from fieldkit.services.door import Door
from ui.presenters.gauges import Gauges
from ui.runtime.printing import LaptopPrinting
from ui.views.application import Application
from ui.views.window import Laptop


def run_kit(home: Home, language: str) -> int:
    """Open the program for a kit and serve until the window is closed. Raise `InputError`, `StoreError`.

    FIELDKIT_RECEIPT_PRINTER names a receipt printer: `tcp://host`, `/dev/usb/lp0`, `/dev/ttyUSB0#19200`.
    """
    receipt_printer = os.environ.get("FIELDKIT_RECEIPT_PRINTER", "")
    clock = home.clock()
    kit = LockedKit(home, lambda trust: connect_devices(trust, clock, addresses_of(home)), clock)
    try:
        # Never inside the home: a saved slip bears the resident's name in the clear.
        return serve(kit, home.path, Path.home() / "Documents" / "fieldkit", language, receipt_printer)
    finally:
        kit.leave()


def serve(door: Door, home: Path, papers: Path, language: str, receipt_printer: str = "") -> int:
    """Show the window for a door until it is closed; saved papers go into `papers`."""
    application = open_window(door, home, papers, language, receipt_printer)
    try:
        return application.exec()
    finally:
        application.close()


def open_window(door: Door, home: Path, papers: Path, language: str, receipt_printer: str = "") -> Application:
    """Build the window without showing it."""
    receipts = None
    if receipt_printer:
        from drivers.escpos.printer import EscPosPrinter  # on demand: few kits have one

        receipts = EscPosPrinter(receipt_printer)
    return Application(door, FieldCatalogues(), language, Laptop(gauges(home), LaptopPrinting(papers, receipts)))


def gauges(home: Path) -> Gauges:
    """Return what this laptop can measure of itself; what it cannot is None."""

    def battery() -> int | None:
        from fieldkit.bootstrap.battery import percent_left  # on demand: the sign-in screen measures nothing

        return percent_left()

    def free() -> int | None:
        try:
            return shutil.disk_usage(home).free
        except OSError:
            return None

    return Gauges(battery, free)
