from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from support.gateway import Kit, open_plainly, receive

from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.onward.queue import OnwardQueue
from sync.gateway.opener import Opener
from sync.protocol.messages import Announcement

Arrive = Callable[..., str]


@pytest.fixture
def arrive(gateway_context: GatewayContext, kit: Kit) -> Arrive:
    """Let a plain record arrive and be found valid."""

    def one(**record: object) -> str:
        record_id, manifest, sealed, _ = kit.record(size=300, **record)  # type: ignore[arg-type]  # record()'s own
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, sealed)
        Opener(gateway_context, open_plainly, NikRule()).run_pending()
        return record_id

    return one


@pytest.fixture
def queue(gateway_context: GatewayContext) -> OnwardQueue:
    return OnwardQueue(gateway_context, "SIAK", Random(1))


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "office" / "onward"
