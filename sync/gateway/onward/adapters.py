"""Which adapter a destination names: `folder:/path`, `osia:https://…`, `abis:https://…`, or a dinas' entry point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.clock import Clock
from fieldkit.ports.onward import Onward
from fieldkit.ports.vault import Signer
from sync.gateway.onward.folder import FolderHandOver
from sync.gateway.onward.osia_abis import OsiaAbis
from sync.gateway.onward.osia_enrollment import OsiaEnrollment
from sync.gateway.onward.osia_http import Access, OsiaClient

GROUP = "fieldkit.onward"
_ALONE = Access()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where records go and what an adapter needs for it; `name` is the source of the statuses, "" its own choice."""

    to: str
    name: str
    clock: Clock
    signer: Signer | None  # of manifests, None where its key is not
    access: Access = _ALONE
    gallery: str = "ALL"  # in which an ABIS searches
    callback: str = ""  # where an ABIS sends what it found later


AdapterFactory = Callable[[Destination], Onward]


def adapter_for(destination: Destination) -> Onward:
    """Build the adapter. Raise `InputError` for one that nobody knows, `KnownError` where it cannot begin."""
    kind, _, rest = destination.to.partition(":")
    if kind == "folder" and rest:
        return FolderHandOver(Path(rest), destination.name or "folder", destination.clock, destination.signer)
    if kind == "osia":
        return OsiaEnrollment(OsiaClient(rest, destination.access), destination.name)
    if kind == "abis":
        client = OsiaClient(rest, destination.access)
        return OsiaAbis(client, destination.name, destination.gallery, destination.callback)
    found = [entry for entry in entry_points(group=GROUP) if entry.name == destination.to]
    if not found:
        raise InputError("onward.no_such_way", to=destination.to)
    try:
        factory: AdapterFactory = found[0].load()
        return factory(destination)
    except KnownError:
        raise
    except Exception as error:  # an adapter may be anybody's
        raise KnownError("onward.adapter_broken", adapter=found[0].name, error=type(error).__name__) from error
