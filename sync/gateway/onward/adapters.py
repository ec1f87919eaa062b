"""Which adapter a destination names: `folder:/path`, or the name of an entry point that a dinas brings."""

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

GROUP = "fieldkit.onward"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where records go and what an adapter needs for it; `name` is the source of the statuses, "" its own choice."""

    to: str
    name: str
    clock: Clock
    signer: Signer


AdapterFactory = Callable[[Destination], Onward]


def adapter_for(destination: Destination) -> Onward:
    """Build the adapter. Raise `InputError` for one that nobody knows, `KnownError` where it cannot begin."""
    kind, _, rest = destination.to.partition(":")
    if kind == "folder" and rest:
        return FolderHandOver(Path(rest), destination.name or "folder", destination.clock, destination.signer)
    found = [entry for entry in entry_points(group=GROUP) if entry.name == destination.to]
    if not found:
        raise InputError("onward.no_such_way", to=destination.to)
    try:
        factory: AdapterFactory = found[0].load()
        return factory(destination)
    except KnownError:
        raise
    except Exception as error:
        raise KnownError("onward.adapter_broken", adapter=found[0].name, error=type(error).__name__) from error
