"""The program in a window, for a kit."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from fieldkit.app.bootstrap.clock import keep_log
from fieldkit.app.bootstrap.display import has_display
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.read_ahead import ReadAhead
from fieldkit.app.bootstrap.system_problem import system_problem
from fieldkit.app.bootstrap.ways_back import HomeWaysBack
from fieldkit.domain.errors import KnownError, Problem, known
from fieldkit.services.context.app_context import Door
from ui.presenters.home.gauges import Gauges
from ui.runtime.printing import LaptopPrinting
from ui.runtime.qt_application import scale_as_kept
from ui.runtime.window_memory import WindowMemory
from ui.views.window.window import Application, Laptop

if TYPE_CHECKING:
    from fieldkit.app.bootstrap.clock import CorrectedClock
    from fieldkit.app.bootstrap.devices import KitDevices
    from fieldkit.ports.exchange import WaysBack


def run_kit(home: Home, language: str, ready: Callable[[], None] = lambda: None) -> int:
    """Open the program for a kit and serve until the window is closed. Raise `KnownError`.

    What keeps it from starting is told in a window too, where there is a display; from there it is tried again.
    `ready` is told just before a window shows, once or more.
    FIELDKIT_RECEIPT_PRINTER names a receipt printer: `tcp://host`, `/dev/usb/lp0`, `/dev/ttyUSB0#19200`.
    """
    receipt_printer = os.environ.get("FIELDKIT_RECEIPT_PRINTER", "")
    kit = _start(home, language, ready)
    if kit is None:
        return 0
    try:
        # Never inside the home: a saved slip bears the resident's name in the clear.
        papers, ways = Path.home() / "Documents" / "fieldkit", HomeWaysBack(home, kit.step_aside)
        return serve(kit, home.path, papers, language, receipt_printer, ways, ready)
    finally:
        kit.leave()


def _start(home: Home, language: str, ready: Callable[[], None]) -> LockedKit | None:
    """Return the kit, made at its first start; None when that was left before its end."""
    while True:
        try:
            return _locked(home)
        except (KnownError, OSError) as error:
            if not has_display():
                raise
            ready()
            from fieldkit.app.bootstrap.enrolment import is_new  # on demand: most starts find their kit

            if is_new(home):
                if not makes_kit(home, language):
                    return None
            elif not wants_again(problem_of(error), language, home):
                raise


def _locked(home: Home) -> LockedKit:
    home.demand_enrolled()
    home.forget_first_start()
    clock = home.clock()
    return LockedKit(home, lambda trust: _connected(home, trust, clock), clock)


def _connected(home: Home, trust: Path, clock: CorrectedClock) -> KitDevices:
    from fieldkit.app.bootstrap.devices import connect_whatever  # on demand: when somebody signed in

    return connect_whatever(home, trust, clock)


def problem_of(error: KnownError | OSError) -> Problem:
    """Return what a start problem is to a person."""
    if (told := known(error)) is not None:
        return told.problem
    assert isinstance(error, OSError)
    return system_problem(error)


def wants_again(problem: Problem, language: str, home: Home) -> bool:
    """Tell a start problem in a window of its own; return whether the person wants to try once more."""
    from ui.views.home.home import StartProblemWindow  # on demand: most starts have no problem

    return StartProblemWindow(problem, FieldCatalogues(), language, HomeWaysBack(home)).exec()


def makes_kit(home: Home, language: str) -> bool:
    """Lead through the first start in a window of its own; return whether this laptop is a kit now."""
    from fieldkit.app.bootstrap.enrolment import HomeFirstStart
    from ui.views.home.home import FirstStartWindow  # on demand: a laptop has one first start

    first = HomeFirstStart(home)
    spoken = os.environ.get("FIELDKIT_LANG", "") or first.left().language or language
    window = FirstStartWindow(first, FieldCatalogues(), spoken, HomeWaysBack(home))
    is_made = window.exec()
    if is_made:
        WindowMemory(home.path / "window.ini").keep(window.shell, window.theming)
    return is_made


def serve(
    door: Door,
    home: Path,
    papers: Path,
    language: str,
    receipt_printer: str = "",
    ways: WaysBack | None = None,
    ready: Callable[[], None] = lambda: None,
) -> int:
    """Show the window for a door until it is closed; saved papers go into `papers`. `ready` is told just before."""
    memory, log, ahead = _remembered(home), keep_log(home), ReadAhead()
    application = open_window(door, home, papers, language, receipt_printer, ways)
    ready()
    try:
        return application.exec(memory, ahead.begin)
    finally:
        ahead.end()
        application.close()
        log.end()


def _remembered(home: Path) -> WindowMemory:
    scale_as_kept(home / "window.ini")
    return WindowMemory(home / "window.ini", os.environ.get("FIELDKIT_LANG", ""))


def open_window(
    door: Door, home: Path, papers: Path, language: str, receipt_printer: str = "", ways: WaysBack | None = None
) -> Application:
    """Build the window without showing it."""
    receipts = None
    if receipt_printer:
        from drivers.escpos.printer import EscPosPrinter  # on demand: few kits have one

        receipts = EscPosPrinter(receipt_printer)
    laptop = Laptop(gauges(home), LaptopPrinting(papers, receipts), ways_back=ways)
    return Application(door, FieldCatalogues(), language, laptop)


def gauges(home: Path) -> Gauges:
    """Return what this laptop can measure of itself; what it cannot is None."""

    def battery() -> int | None:
        from fieldkit.app.bootstrap.laptop import percent_left  # on demand: the sign-in screen measures nothing

        return percent_left()

    def free() -> int | None:
        import shutil

        try:
            return shutil.disk_usage(home).free
        except OSError:
            return None

    return Gauges(battery, free)
