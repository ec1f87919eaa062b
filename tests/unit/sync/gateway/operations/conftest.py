from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.gateway import Kit, receive

from fieldkit.vault.age import parse_identities
from sync.gateway import provision
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.operations.backup_set import Unlock
from sync.protocol.messages import Announcement

Arrive = Callable[..., tuple[str, str]]


@pytest.fixture
def arrive(gateway_context: GatewayContext, kit: Kit) -> Arrive:
    """Let a record arrive; return its id and the digest of its object."""

    def one(size: int = 3000) -> tuple[str, str]:
        record_id, manifest, sealed, sha256 = kit.record(size=size)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, sealed)
        return record_id, sha256

    return one


@pytest.fixture
def recovery(folder: Path) -> Unlock:
    return Unlock(parse_identities((folder / provision.RECOVERY_IDENTITY).read_text("ascii")))
