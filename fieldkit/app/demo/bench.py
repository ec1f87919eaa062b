"""Every simulated device at once, for a self-test without real ones."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from drivers.libfprint.driver import VIRTUAL
from drivers.registry import GROUP
from drivers.simulators.bench import SimulatedKit
from drivers.simulators.libfprint import VirtualFinger
from drivers.simulators.subject import SyntheticSubject
from fieldkit.app.bootstrap.devices import Addresses

_SEED = 7
_ANY = (0,)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the devices are and whom to trust; a person stands before them."""

    addresses: Addresses
    trust: Path


@contextmanager
def simulated_bench() -> Iterator[Bench]:
    """Run all simulators; a card lies there where pcscd with vpcd runs, a finger where libfprint is installed."""
    with ExitStack() as stack:
        kit = stack.enter_context(
            SimulatedKit(finger_ports=_ANY, iris_ports=_ANY, face_ports=_ANY, infrared_ports=_ANY)
        )
        kit.present(SyntheticSubject(_SEED))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulated-bench-")))
        finger = VirtualFinger(kit.stage, folder / "reader")
        stack.callback(finger.stop)
        finger.lay()  # it waits there until the library asks for it
        at = kit.addresses
        given = {
            "sbi": at.sbi_urls,
            "opencv": (at.camera_url, f"ir:{at.infrared_url}"),
            "topaz": (str(at.topaz_tty),),
            "isdv4": (at.isdv4_tty,),
            "zfm": (at.zfm_tty,),
            "libfprint": (f"{VIRTUAL}{finger.path}",),
        }
        simulated = frozenset({at.infrared_url, *(address for places in given.values() for address in places)})
        if kit.insert_card():
            stack.callback(kit.remove_card)
        # Real readers are told apart by their names, so the service for cards may be asked.
        elsewhere = frozenset(entry.name for entry in entry_points(group=GROUP)) - {"pcsc"}
        yield Bench(Addresses(given, elsewhere, simulated), at.trust_pem)
