"""The demo in a window: the same world, but a person presses the keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.window import serve
from fieldkit.app.demo.kit import DemoDoor, DeviceTime, prepare
from fieldkit.app.demo.people import grow
from fieldkit.app.demo.world import World, alone_in

_PEOPLE, _SEED = 12, 1


def run_live(out: Path, language: str, ready: Callable[[], None] = lambda: None) -> int:
    """Open the window at the sign-in screen; a second run goes on with the same kit. `ready` is told just before."""
    residents = grow(_PEOPLE, _SEED, SystemClock(WIB).today())
    with alone_in(out), World(out, _SEED) as world:
        home = Home(out / "home")
        prepare(home, world, residents)
        door = DemoDoor(home, world.devices, residents, DeviceTime())
        try:
            return serve(door, home.path, out / "papers", language, ready=ready)
        finally:
            door.leave()
