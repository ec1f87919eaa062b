"""The step onward put together: the data center's key, the queue in its database, and the other side."""

from __future__ import annotations

from pathlib import Path
from random import SystemRandom

from fieldkit.domain.errors import InputError
from fieldkit.vault.age import parse_identities
from fieldkit.vault.sealing import SealOpener
from sync.gateway.context import GatewayContext
from sync.gateway.onward.adapters import Destination, adapter_for
from sync.gateway.onward.queue import OnwardQueue
from sync.gateway.onward.step import OnwardStep
from sync.gateway.provision import OPENER_IDENTITY


def seal_opener(context: GatewayContext, folder: Path, identity: Path | None) -> SealOpener:
    """Return what opens records: the key in `identity`, else the one beside the gateway. Raise `InputError`."""
    path = identity or folder / OPENER_IDENTITY
    try:
        identities = parse_identities(path.read_text("utf-8", "replace"))
    except OSError as error:
        raise InputError("cli.unreadable", file=str(path), detail=error.strerror or "") from error
    return SealOpener(identities, [context.authority.certificate_der])


def onward_step(context: GatewayContext, folder: Path, identity: Path | None, to: str, name: str) -> OnwardStep:
    """Return the step to a destination. Raise `InputError`."""
    other = adapter_for(Destination(to, name, context.clock, context.receipt_signer))
    queue = OnwardQueue(context, other.name, SystemRandom())
    return OnwardStep(context, seal_opener(context, folder, identity), other, queue)
