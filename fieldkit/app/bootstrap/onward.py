"""The step onward put together: a machine that opens records, the queue in its database, and the other side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

from fieldkit.ports.vault import Signer
from fieldkit.vault.certificates import private_from_pem
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway.onward.folder import Destination, adapter_for
from sync.gateway.onward.osia import Access
from sync.gateway.onward.queue import OnwardQueue, OnwardStep
from sync.gateway.opening.process import OpeningMachine
from sync.gateway.provision import RECEIPT

__all__ = ["Access", "Way", "onward_step"]


@dataclass(frozen=True, slots=True)
class Way:
    """Where to, under which name, and how to be let in there; see `Destination`."""

    to: str
    name: str = ""
    access: Access | None = None
    gallery: str = "ALL"
    callback: str = ""


def onward_step(machine: OpeningMachine, folder: Path, way: Way) -> OnwardStep:
    """Return the step on a machine that opens. Raise `InputError`."""
    access = way.access or Access()
    signer = _receipt_signer(folder)
    other = adapter_for(Destination(way.to, way.name, machine.clock, signer, access, way.gallery, way.callback))
    return OnwardStep(machine, machine.seals, other, OnwardQueue(machine, other.name, SystemRandom()))


def _receipt_signer(folder: Path) -> Signer | None:
    """Return what signs manifests; a machine that only opens has no key for it."""
    path = folder / f"{RECEIPT}.key.pem"
    return JwsSigner(private_from_pem(path.read_text("ascii")), RECEIPT) if path.exists() else None
